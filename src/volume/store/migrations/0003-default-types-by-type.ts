// A volume type that is deleted is found at once where it is somebody's default.
import type { Kysely } from 'kysely'

export async function defaultTypesByType(db: Kysely<never>): Promise<void> {
  await db.schema
    .createIndex('volume_default_types_by_type')
    .on('volume_default_types' as never)
    .column('volume_type_id' as never)
    .execute()
}
