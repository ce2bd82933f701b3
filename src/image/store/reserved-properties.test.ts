// Old data: reserved names that came in through other services go when it is opened; all else stays.
import assert from 'node:assert/strict'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { migrate } from '../../platform/store/migrate.ts'
import { columns } from './tables.ts'
import { images } from './migrations/0001-images.ts'
import { reservedProperties } from './migrations/0003-reserved-properties.ts'
import type { ImageTables } from './tables.ts'

forEachDialect('F21 G20 reserved properties of an older version go when its data is opened', async (store) => {
  await migrate(store, [{ domain: 'image', columns, migrations: { '0001-images': images } }])
  const db = store.as<Pick<ImageTables, 'image_properties'>>()
  const kept = ['osXglance', 'os_distro', 'hw_disk_bus', 'my_owner', 'Status']
  const names = ['os_glance', 'os_glance_import_task', 'owner', 'locations', 'location', 'deleted', 'status', 'stores', ...kept]
  const blank = {
    name: null,
    project_id: null,
    status: 'queued',
    visibility: 'private',
    disk_format: null,
    container_format: null,
    min_disk: 0,
    min_ram: 0,
    protected: false,
    os_hidden: false,
    created_at: '',
    updated_at: '',
    upload_lease_until: 0,
  }
  await store
    .as<{ images: Record<string, unknown> }>()
    .insertInto('images')
    .values({ id: 'i', ...blank })
    .execute()
  await db
    .insertInto('image_properties')
    .values(names.map((name) => ({ image_id: 'i', name, value: 'x' })))
    .execute()
  await reservedProperties(store.as<never>())
  assert.deepEqual((await db.selectFrom('image_properties').select('name').execute()).map(({ name }) => name).sort(), kept.sort())
})
