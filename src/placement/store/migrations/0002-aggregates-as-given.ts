// A provider's aggregates come back as they were given: in their order, and spelt with or without dashes.
import { sql, type Kysely } from 'kysely'

export async function aggregatesAsGiven(db: Kysely<never>): Promise<void> {
  const table = 'provider_aggregates' as never
  await db.schema
    .alterTable(table)
    .addColumn('given', 'text', (c) => c.notNull().defaultTo(''))
    .execute()
  await db.schema
    .alterTable(table)
    .addColumn('ordinal', 'integer', (c) => c.notNull().defaultTo(0))
    .execute()
  await sql`update provider_aggregates set given = aggregate_id`.execute(db)
}
