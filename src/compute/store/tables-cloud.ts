// The rows of what is global in compute: flavors, services and nodes, aggregates, server groups, migrations.
import { sql, type Db } from '../../platform/store/store.ts'

export interface FlavorRow {
  id: string
  name: string
  description: string | null
  vcpus: number
  memory_mb: number
  root_gb: number
  ephemeral_gb: number
  swap: number
  rxtx_factor: number
  is_public: number
  disabled: number
  /** JSON */
  extra_specs: string
  created_at: string
  updated_at: string | null
}

export interface ServiceRow {
  id: string
  /** the integer id of microversions before 2.53 */
  number: number
  host: string
  binary: string
  disabled: number
  disabled_reason: string | null
  forced_down: number
  last_seen_at: string
  created_at: string
}

export interface NodeRow {
  id: string
  number: number
  host: string
  hostname: string
  /** JSON HostInventory */
  inventory: string
  created_at: string
  updated_at: string
}

export interface AggregateRow {
  id: number
  uuid: string
  name: string
  /** JSON; availability_zone among it */
  metadata: string
  created_at: string
  updated_at: string | null
}

export interface ServerGroupRow {
  id: string
  project_id: string
  user_id: string
  name: string
  policy: 'affinity' | 'anti-affinity' | 'soft-affinity' | 'soft-anti-affinity'
  /** JSON */
  rules: string
  created_at: string
}

export interface MigrationRow {
  id: string
  number: number
  server_id: string
  project_id: string
  user_id: string
  migration_type: 'migration' | 'resize' | 'live-migration' | 'evacuation'
  status: string
  source_host: string | null
  source_node: string | null
  dest_host: string | null
  dest_node: string | null
  old_flavor_number: number
  new_flavor_number: number
  created_at: string
  updated_at: string
}

export interface CloudTables {
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

export const cloudTables = (db: Db) => db.as<CloudTables>()

/** The next integer id of its kind; never given twice. In the transaction that uses it. */
export async function nextNumber(db: Db, name: 'service' | 'node' | 'aggregate' | 'migration'): Promise<number> {
  const row = await cloudTables(db)
    .updateTable('compute_numbers')
    .set({ value: sql<number>`value + 1` })
    .where('name', '=', name)
    .returning('value')
    .executeTakeFirstOrThrow()
  return row.value
}
