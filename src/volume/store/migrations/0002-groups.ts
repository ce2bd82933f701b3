// Generic volume groups, their types and snapshots.
import type { Kysely } from 'kysely'

export async function groups(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('volume_group_types')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('description', 'text')
    .addColumn('is_public', 'integer', (c) => c.notNull())
    .addColumn('group_specs', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('volume_groups')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('project_id', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('name', 'text')
    .addColumn('description', 'text')
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('group_type_id', 'text', (c) => c.notNull())
    .addColumn('volume_types', 'text', (c) => c.notNull())
    .addColumn('availability_zone', 'text', (c) => c.notNull())
    .addColumn('group_snapshot_id', 'text')
    .addColumn('source_group_id', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('volume_groups_project').on('volume_groups').columns(['project_id', 'created_at', 'id']).execute()
  await db.schema
    .createTable('volume_group_snapshots')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('project_id', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('group_id', 'text', (c) => c.notNull())
    .addColumn('group_type_id', 'text', (c) => c.notNull())
    .addColumn('name', 'text')
    .addColumn('description', 'text')
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('volume_group_snapshots_project')
    .on('volume_group_snapshots')
    .columns(['project_id', 'created_at', 'id'])
    .execute()
  await db.schema.createIndex('volume_group_snapshots_group').on('volume_group_snapshots').columns(['group_id']).execute()
}
