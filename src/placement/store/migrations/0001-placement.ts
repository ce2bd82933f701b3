// Providers, inventories, traits, aggregates, consumers and allocations. Standard traits and classes are data, custom ones rows.
import type { Kysely } from 'kysely'

export async function placement(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('resource_providers')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('generation', 'integer', (c) => c.notNull())
    .addColumn('parent_id', 'text')
    .addColumn('root_id', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('updated_at', 'text', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('resource_providers_root').on('resource_providers').columns(['root_id']).execute()
  await db.schema.createIndex('resource_providers_parent').on('resource_providers').columns(['parent_id']).execute()
  await db.schema
    .createTable('inventories')
    .addColumn('provider_id', 'text', (c) => c.notNull())
    .addColumn('resource_class', 'text', (c) => c.notNull())
    .addColumn('total', 'integer', (c) => c.notNull())
    .addColumn('reserved', 'integer', (c) => c.notNull())
    .addColumn('min_unit', 'integer', (c) => c.notNull())
    .addColumn('max_unit', 'integer', (c) => c.notNull())
    .addColumn('step_size', 'integer', (c) => c.notNull())
    .addColumn('allocation_ratio', 'double precision', (c) => c.notNull())
    .addColumn('updated_at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('inventories_key', ['provider_id', 'resource_class'])
    .execute()
  await db.schema.createIndex('inventories_class').on('inventories').columns(['resource_class', 'provider_id']).execute()
  await db.schema
    .createTable('consumers')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('project_id', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('generation', 'integer', (c) => c.notNull())
    .addColumn('consumer_type', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('consumers_project').on('consumers').columns(['project_id', 'user_id']).execute()
  await db.schema
    .createTable('allocations')
    .addColumn('consumer_id', 'text', (c) => c.notNull())
    .addColumn('provider_id', 'text', (c) => c.notNull())
    .addColumn('resource_class', 'text', (c) => c.notNull())
    .addColumn('used', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('allocations_key', ['consumer_id', 'provider_id', 'resource_class'])
    .execute()
  await db.schema.createIndex('allocations_provider').on('allocations').columns(['provider_id', 'resource_class', 'used']).execute()
  for (const table of ['custom_resource_classes', 'custom_traits']) {
    await db.schema
      .createTable(table)
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .execute()
  }
  await db.schema
    .createTable('provider_traits')
    .addColumn('provider_id', 'text', (c) => c.notNull())
    .addColumn('trait', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('provider_traits_key', ['provider_id', 'trait'])
    .execute()
  await db.schema.createIndex('provider_traits_trait').on('provider_traits').columns(['trait', 'provider_id']).execute()
  await db.schema
    .createTable('provider_aggregates')
    .addColumn('provider_id', 'text', (c) => c.notNull())
    .addColumn('aggregate_id', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('provider_aggregates_key', ['provider_id', 'aggregate_id'])
    .execute()
  await db.schema.createIndex('provider_aggregates_aggregate').on('provider_aggregates').columns(['aggregate_id', 'provider_id']).execute()
}
