// Keypairs.
import type { Kysely } from 'kysely'

export async function keypairs(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('keypairs')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('public_key', 'text', (c) => c.notNull())
    .addColumn('fingerprint', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addUniqueConstraint('keypairs_user_name', ['user_id', 'name'])
    .execute()
}
