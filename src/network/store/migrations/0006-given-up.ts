// What an admin took from an agent stays away from all of them, until it is given to one again or changed.
import type { Kysely } from 'kysely'

export async function givenUp(db: Kysely<never>): Promise<void> {
  for (const table of ['routers', 'networks']) {
    await db.schema
      .alterTable(table)
      .addColumn('given_up', 'integer', (c) => c.notNull().defaultTo(0))
      .execute()
  }
}
