import assert from 'node:assert/strict'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { declareColumns } from '../../platform/store/columns.ts'
import { volumeColumns } from './tables.ts'
import { migrate } from '../../platform/store/migrate.ts'
import type { Db } from '../../platform/store/store.ts'
import { volumes } from './migrations/0001-volumes.ts'
import { growth } from './migrations/0004-growth.ts'
import { volumesCount, volumesPage, volumesSummary, type VolumeFilters } from './volume-list.ts'
import { allocatedByHost, volumeRows, volumeUsage, type VolumeRow } from './volumes.ts'

const row = (index: number, more: Partial<VolumeRow> = {}): VolumeRow => ({
  id: `id${String(index).padStart(4, '0')}`,
  project_id: 'p1',
  user_id: 'u',
  name: index % 3 === 0 ? null : `n${index}`,
  description: null,
  status: 'available',
  previous_status: null,
  size: 1 + (index % 4),
  growing_to: null,
  volume_type_id: 't',
  availability_zone: 'nova',
  host: index % 2 ? 'h1' : null,
  bootable: false,
  multiattach: false,
  encrypted: false,
  source_volid: null,
  snapshot_id: null,
  group_id: null,
  migration_status: null,
  metadata: {},
  admin_metadata: {},
  image_metadata: null,
  reason: null,
  created_at: `2026-01-01T00:00:${String(Math.floor(index / 3)).padStart(2, '0')}.000Z`,
  updated_at: null,
  launched_at: null,
  ...more,
})
declareColumns(volumeColumns)

const all: VolumeFilters = { projectId: 'p1', columns: [], metadata: new Map(), imageMetadata: new Map() }

async function filled(db: Db, rows: VolumeRow[]): Promise<void> {
  for (const each of rows) await volumeRows.insert(db, each)
}

forEachDialect('pages by a column that may be null hold every volume once', async (store) => {
  await migrate(store, [{ domain: 'volume', migrations: { '0001-volumes': volumes, '0004-growth': growth } }])
  await filled(
    store,
    Array.from({ length: 40 }, (_, index) => row(index)),
  )
  const sorts = [
    { column: 'name', direction: 'asc' as const, nullAs: '' },
    { column: 'created_at', direction: 'asc' as const },
    { column: 'id', direction: 'asc' as const },
  ]
  const seen: VolumeRow[] = []
  for (let turn = 0; turn < 20; turn++) {
    const last = seen.at(-1)
    const next = await volumesPage(store, all, { sorts, limit: 7, after: last && { ...last } })
    if (next.length === 0) break
    seen.push(...next)
  }
  assert.equal(seen.length, 40)
  assert.equal(new Set(seen.map(({ id }) => id)).size, 40)
  assert.deepEqual(
    seen.map(({ name }) => name ?? ''),
    seen.map(({ name }) => name ?? '').toSorted(),
  )
})

forEachDialect('metadata filters find whole pairs only, whatever the texts hold', async (store) => {
  await migrate(store, [{ domain: 'volume', migrations: { '0001-volumes': volumes, '0004-growth': growth } }])
  const metadata = [{ a: 'b' }, { a: 'b_' }, { a: 'bx' }, { x: '"a":"b"' }, { a: '100%', 'k"': "it's\\n" }, { ba: 'b' }]
  await filled(
    store,
    metadata.map((each, index) => row(index, { metadata: each })),
  )
  const found = async (pairs: Record<string, string>) =>
    (
      await volumesPage(
        store,
        { ...all, metadata: new Map(Object.entries(pairs)) },
        { sorts: [{ column: 'id', direction: 'asc' }], limit: 10 },
      )
    ).map(({ id }) => Number(id.slice(2)))
  assert.deepEqual(await found({ a: 'b' }), [0])
  assert.deepEqual(await found({ a: 'b_' }), [1])
  assert.deepEqual(await found({ a: '100%' }), [4])
  assert.deepEqual(await found({ a: '100%', 'k"': "it's\\n" }), [4])
  assert.deepEqual(await found({ b: 'b' }), [])
})

forEachDialect('counts, sums and compare-and-set', async (store) => {
  await migrate(store, [{ domain: 'volume', migrations: { '0001-volumes': volumes, '0004-growth': growth } }])
  await filled(store, [row(0), row(1), row(2, { project_id: 'p2' })])
  assert.equal(await volumesCount(store, all), 2)
  assert.deepEqual(await volumeUsage(store, 'p1'), { count: 2, gib: 3, growingGib: 0 })
  assert.deepEqual(await volumesSummary(store, all), { count: 2, size: 3, metadata: [{}] })
  assert.deepEqual([...(await allocatedByHost(store))], [['h1', { count: 1, gib: 2 }]])
  assert.equal((await volumeRows.advance(store, { id: 'id0000', status: ['available'] }, { status: 'deleting' }))?.status, 'deleting')
  assert.equal(await volumeRows.advance(store, { id: 'id0000', status: ['available'] }, { status: 'deleting' }), undefined)
})
