// The tables of compute, as Kysely sees them: one line a table, each row type in its resource's file.
import type { ColumnsOf } from '../../platform/store/columns.ts'
import type { Db } from '../../platform/store/store.ts'
import type { KeypairRow } from '../keypairs/store.ts'
import type { ConsoleTokenRow } from '../consoles/store.ts'
import type { ServerDeviceRow, ServerTagRow } from '../servers/store/parts.ts'
import type { ServerRow } from '../servers/store/servers.ts'
import type { FlavorRow } from '../flavors/store.ts'
import type { ServiceRow, NodeRow } from '../hosts/store.ts'
import type { AggregateRow } from '../aggregates/store.ts'
import type { ServerGroupRow } from '../server-groups/store.ts'
import type { MigrationRow } from '../server-migrations/store.ts'
import type { VolumeWithServerRow } from '../servers/store/volumes-with-server.ts'

export interface ComputeTables {
  servers: ServerRow
  server_tags: ServerTagRow
  server_devices: ServerDeviceRow
  volumes_with_server: VolumeWithServerRow
  console_tokens: ConsoleTokenRow
  keypairs: KeypairRow
  compute_numbers: { name: string; value: number }
  flavors: FlavorRow
  flavor_access: { flavor_id: string; project_id: string }
  compute_services: ServiceRow
  compute_nodes: NodeRow
  aggregates: AggregateRow
  aggregate_hosts: { aggregate_id: number; host: string }
  server_groups: ServerGroupRow
  server_migrations: MigrationRow
}

export const columns: ColumnsOf<ComputeTables> = {
  servers: {
    image_properties: 'json',
    flavor: 'json',
    personality: 'json',
    config_drive: 'flag',
    metadata: 'json',
    hints: 'json',
    before: 'json',
    fault: 'json',
    deleted: 'flag',
  },
  server_devices: { connection: 'json', delete_on_termination: 'flag' },
  flavors: { is_public: 'flag', disabled: 'flag', extra_specs: 'json' },
  compute_services: { disabled: 'flag', forced_down: 'flag' },
  aggregates: { metadata: 'json' },
  server_groups: { rules: 'json' },
}

export const computeTables = (db: Db) => db.as<ComputeTables>()
