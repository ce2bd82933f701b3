import assert from 'node:assert/strict'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { migrate } from '../../platform/store/migrate.ts'
import { columns } from './tables.ts'
import { images } from './migrations/0001-images.ts'
import { importState } from './migrations/0004-import-state.ts'
import { imagesPage, type ImageFilters } from './image-list.ts'
import { type Image, imageAdvance, imageFetch, imageInsert, imageRows, imageUsage } from './images.ts'
import { memberRows } from './members.ts'

const image = (index: number, more: Partial<Image> = {}): Image => ({
  id: `id${index}`,
  name: index % 2 ? `n${index}` : null,
  project_id: 'p1',
  status: 'active',
  visibility: 'private',
  disk_format: 'raw',
  container_format: 'bare',
  size: index * 10,
  virtual_size: null,
  checksum: null,
  os_hash_algo: null,
  os_hash_value: null,
  min_disk: 0,
  min_ram: 0,
  protected: false,
  os_hidden: false,
  created_at: `2026-01-01T00:00:0${index}.000Z`,
  updated_at: `2026-01-01T00:00:0${index}.000Z`,
  upload_token: null,
  upload_lease_until: 0,
  staged: null,
  data_token: null,
  failed_import: null,
  properties: {},
  tags: [],
  ...more,
})
const none: ImageFilters = { comparisons: [], times: [], oneOf: [], properties: {}, tags: [], memberStatus: 'accepted' }
const newestFirst = [
  { column: 'created_at', direction: 'desc' as const },
  { column: 'id', direction: 'desc' as const },
]

forEachDialect('an image list holds what the viewer may see, with properties and tags', async (store) => {
  await migrate(store, [{ domain: 'image', columns, migrations: { '0001-images': images, '0004-import-state': importState } }])
  await imageInsert(store, image(1, { properties: { os: 'linux' }, tags: ['a', 'b'] }))
  await imageInsert(store, image(2, { visibility: 'public', properties: { os: 'other' } }))
  await imageInsert(store, image(3, { visibility: 'community' }))
  await imageInsert(store, image(4, { visibility: 'shared' }))
  await imageInsert(store, image(5, { project_id: 'p2' }))
  const now = '2026-01-01T00:00:00.000Z'
  await memberRows.insert(store, { image_id: 'id4', member: 'p2', status: 'accepted', created_at: now, updated_at: now })
  const seen = async (projectId: string | null, filters: Partial<ImageFilters> = {}, isAdmin = false) =>
    (await imagesPage(store, { viewer: { projectId, isAdmin }, filters: { ...none, ...filters }, sorts: newestFirst, limit: 10 })).map(
      ({ id }) => id,
    )
  assert.deepEqual(await seen('p1'), ['id4', 'id3', 'id2', 'id1'])
  assert.deepEqual(await seen('p2'), ['id5', 'id4', 'id2'])
  assert.deepEqual(await seen('p2', { memberStatus: 'pending' }), ['id5', 'id2'])
  assert.deepEqual(await seen('p2', { visibility: 'community' }), ['id3'])
  assert.deepEqual(await seen(null), ['id2'])
  assert.deepEqual(await seen('p9', {}, true), ['id5', 'id4', 'id2', 'id1'])
  assert.deepEqual(await seen('p1', { properties: { os: 'linux' } }), ['id1'])
  assert.deepEqual(await seen('p1', { tags: ['a', 'b'] }), ['id1'])
  assert.deepEqual(await seen('p1', { tags: ['a', 'c'] }), [])
  assert.deepEqual((await imageFetch(store, 'id1'))?.tags, ['a', 'b'])
  assert.deepEqual(await imageUsage(store, 'p2'), { count: 1, bytes: 50, stagedBytes: 0, uploading: 0 })
})

forEachDialect('an upload’s token decides who ends it; what hangs on an image goes with it', async (store) => {
  await migrate(store, [{ domain: 'image', columns, migrations: { '0001-images': images, '0004-import-state': importState } }])
  await imageInsert(store, image(1, { status: 'queued', tags: ['a'], properties: { x: 'y' } }))
  assert.equal(await imageAdvance(store, 'id1', { status: ['queued'] }, { status: 'saving', upload_token: 't1' }), true)
  assert.equal(await imageAdvance(store, 'id1', { status: ['queued'] }, { status: 'saving', upload_token: 't2' }), false)
  assert.equal(await imageAdvance(store, 'id1', { status: ['saving'], token: 't2' }, { status: 'active' }), false)
  assert.equal(await imageAdvance(store, 'id1', { status: ['saving'], token: 't1' }, { status: 'active' }), true)
  await imageRows.delete(store, 'id1')
  assert.equal(await imageFetch(store, 'id1'), undefined)
  // the same id again finds nothing of the former
  await imageInsert(store, image(1))
  assert.deepEqual((await imageFetch(store, 'id1'))?.tags, [])
})
