// Whoever is referred to is found at once when it is deleted: without these each deletion of a port or a network reads all routers.
import type { Kysely } from 'kysely'

const referring = [
  ['routers', 'gateway_port_id'],
  ['routers', 'gateway_network_id'],
  ['subnetpools', 'address_scope_id'],
  ['security_group_rules', 'remote_address_group_id'],
  ['auto_allocated_topologies', 'network_id'],
] as const

export async function referringIndexes(db: Kysely<never>): Promise<void> {
  for (const [table, column] of referring)
    await db.schema
      .createIndex(`${table}_by_${column}`)
      .on(table as never)
      .column(column as never)
      .execute()
}
