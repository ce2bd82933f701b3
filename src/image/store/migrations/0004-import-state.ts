// What the last import of an image came to, as Glance's os_glance_failed_import tells it: null: there was none; '': it did not
// fail; else the stores that it failed for.
import type { Kysely } from 'kysely'

export async function importState(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable('images').addColumn('failed_import', 'text').execute()
}
