// What a host was told and what it said: so that any control process can see that nothing is to be told anew.
import type { Kysely } from 'kysely'

export async function toldHosts(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable('host_networks')
    .addColumn('report_digest', 'text', (c) => c.notNull().defaultTo(''))
    .execute()
  await db.schema
    .alterTable('host_networks')
    .addColumn('read_at', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute()
}
