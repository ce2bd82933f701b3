// The tables of compute, as Kysely sees them: one line a table, each row type in its resource's file.
import type { KeypairRow } from '../keypairs/store.ts'
import type { ConsoleTokenRow } from '../consoles/store.ts'
import type { ServerDeviceRow, ServerPortRow, ServerTagRow } from '../servers/store/parts.ts'
import type { ServerRow } from '../servers/store/servers.ts'
import type { CloudTables } from './tables-cloud.ts'
import type { VolumeWithServerRow } from '../servers/store/volumes-with-server.ts'

export interface ComputeTables extends CloudTables {
  servers: ServerRow
  server_tags: ServerTagRow
  server_devices: ServerDeviceRow
  server_ports: ServerPortRow
  volumes_with_server: VolumeWithServerRow
  console_tokens: ConsoleTokenRow
  keypairs: KeypairRow
}
