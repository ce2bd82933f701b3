// Volumes that go with their server though they are no devices of it (any more): its build failed, or was given up.
import type { Kysely } from 'kysely'

export async function volumesWithServer(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('volumes_with_server')
    .addColumn('server_id', 'text', (c) => c.notNull())
    .addColumn('volume_id', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('volumes_with_server_key', ['server_id', 'volume_id'])
    .execute()
}
