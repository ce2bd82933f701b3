// Metadata definitions: namespaces, and what they hold (objects, properties, tags, resource types) as items with a body.
import type { Kysely } from 'kysely'

export async function metadefs(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('metadef_namespaces')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('namespace', 'text', (c) => c.notNull().unique())
    .addColumn('display_name', 'text')
    .addColumn('description', 'text')
    .addColumn('visibility', 'text', (c) => c.notNull())
    .addColumn('protected', 'integer', (c) => c.notNull())
    .addColumn('project_id', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('updated_at', 'text', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('metadef_namespaces_created').on('metadef_namespaces').columns(['created_at', 'id']).execute()
  await db.schema
    .createTable('metadef_items')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('namespace_id', 'text', (c) => c.notNull().references('metadef_namespaces.id').onDelete('cascade'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('updated_at', 'text', (c) => c.notNull())
    .addUniqueConstraint('metadef_items_name', ['namespace_id', 'kind', 'name'])
    .execute()
  await db.schema.createIndex('metadef_items_kind').on('metadef_items').columns(['kind', 'name']).execute()
}
