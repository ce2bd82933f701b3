// Volumes, snapshots, attachments, types, QoS specs, transfers, messages, services and pools.
import type { CreateTableBuilder, Kysely } from 'kysely'

type Columns = Record<string, 'text' | 'text!' | 'integer' | 'integer!' | 'bigint'>

/** A table whose key is `id`; '!' means not null. */
function table(db: Kysely<never>, name: string, columns: Columns) {
  let builder: CreateTableBuilder<string, never> = db.schema.createTable(name).addColumn('id', 'text', (c) => c.primaryKey())
  for (const [column, type] of Object.entries(columns)) {
    const required = type.endsWith('!')
    builder = builder.addColumn(column, type.replace('!', '') as 'text', (c) => (required ? c.notNull() : c))
  }
  return builder
}

const index = (db: Kysely<never>, table: string, columns: string[]) =>
  db.schema
    .createIndex(`${table}_${columns.join('_')}`)
    .on(table)
    .columns(columns)
    .execute()

export async function volumes(db: Kysely<never>): Promise<void> {
  await table(db, 'volumes', {
    project_id: 'text!',
    user_id: 'text!',
    name: 'text',
    description: 'text',
    status: 'text!',
    previous_status: 'text',
    size: 'integer!',
    volume_type_id: 'text!',
    availability_zone: 'text!',
    host: 'text',
    bootable: 'integer!',
    multiattach: 'integer!',
    encrypted: 'integer!',
    source_volid: 'text',
    snapshot_id: 'text',
    group_id: 'text',
    migration_status: 'text',
    metadata: 'text!',
    admin_metadata: 'text!',
    image_metadata: 'text',
    reason: 'text',
    created_at: 'text!',
    updated_at: 'text',
    launched_at: 'text',
  }).execute()
  await index(db, 'volumes', ['created_at', 'id'])
  await index(db, 'volumes', ['project_id', 'created_at', 'id'])
  await index(db, 'volumes', ['project_id', 'status'])
  await index(db, 'volumes', ['host'])
  await index(db, 'volumes', ['volume_type_id'])
  await index(db, 'volumes', ['group_id'])
  await table(db, 'volume_attachments', {
    volume_id: 'text!',
    server_id: 'text',
    project_id: 'text!',
    user_id: 'text!',
    attached_host: 'text',
    mountpoint: 'text',
    attach_mode: 'text',
    status: 'text!',
    owned: 'integer!',
    connector: 'text',
    connection: 'text',
    created_at: 'text!',
    attached_at: 'text',
    detached_at: 'text',
  }).execute()
  await index(db, 'volume_attachments', ['volume_id'])
  await index(db, 'volume_attachments', ['server_id'])
  await index(db, 'volume_attachments', ['project_id', 'created_at', 'id'])
  await table(db, 'volume_snapshots', {
    project_id: 'text!',
    user_id: 'text!',
    volume_id: 'text!',
    name: 'text',
    description: 'text',
    status: 'text!',
    progress: 'text',
    size: 'integer!',
    volume_type_id: 'text!',
    metadata: 'text!',
    group_snapshot_id: 'text',
    reason: 'text',
    created_at: 'text!',
    updated_at: 'text',
  }).execute()
  await index(db, 'volume_snapshots', ['created_at', 'id'])
  await index(db, 'volume_snapshots', ['project_id', 'created_at', 'id'])
  await index(db, 'volume_snapshots', ['volume_id'])
  await index(db, 'volume_snapshots', ['group_snapshot_id'])
  await table(db, 'volume_types', {
    name: 'text!',
    description: 'text',
    is_public: 'integer!',
    extra_specs: 'text!',
    qos_specs_id: 'text',
    encryption: 'text',
    created_at: 'text!',
    updated_at: 'text',
  })
    .addUniqueConstraint('volume_types_name', ['name'] as never)
    .execute()
  await db.schema
    .createTable('volume_type_access')
    .addColumn('volume_type_id', 'text', (c) => c.notNull().references('volume_types.id').onDelete('cascade'))
    .addColumn('project_id', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('volume_type_access_key', ['volume_type_id', 'project_id'])
    .execute()
  await db.schema
    .createTable('volume_default_types')
    .addColumn('project_id', 'text', (c) => c.primaryKey())
    .addColumn('volume_type_id', 'text', (c) => c.notNull().references('volume_types.id').onDelete('cascade'))
    .execute()
  await table(db, 'volume_qos_specs', { name: 'text!', consumer: 'text!', specs: 'text!', created_at: 'text!' })
    .addUniqueConstraint('volume_qos_specs_name', ['name'] as never)
    .execute()
  await table(db, 'volume_transfers', {
    name: 'text',
    volume_id: 'text!',
    salt: 'text!',
    auth_hash: 'text!',
    source_project_id: 'text!',
    destination_project_id: 'text',
    accepted: 'integer!',
    no_snapshots: 'integer!',
    created_at: 'text!',
  }).execute()
  await index(db, 'volume_transfers', ['source_project_id', 'created_at'])
  await table(db, 'volume_messages', {
    project_id: 'text!',
    event_id: 'text!',
    user_message: 'text!',
    message_level: 'text!',
    resource_type: 'text',
    resource_uuid: 'text',
    request_id: 'text!',
    created_at: 'text!',
    guaranteed_until: 'text!',
  }).execute()
  await index(db, 'volume_messages', ['project_id', 'created_at', 'id'])
  await index(db, 'volume_messages', ['resource_uuid'])
  await table(db, 'volume_services', {
    host: 'text!',
    disabled: 'integer!',
    disabled_reason: 'text',
    frozen: 'integer!',
    total_gib: 'integer',
    free_gib: 'integer',
    updated_at: 'text!',
  })
    .addUniqueConstraint('volume_services_host', ['host'] as never)
    .execute()
}
