// While a volume is extended, the size it will have: it counts against quotas from the moment it was promised.
import type { Kysely } from 'kysely'

export async function growth(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable('volumes').addColumn('growing_to', 'integer').execute()
}
