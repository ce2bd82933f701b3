// The one row access, and columns that hold yes or no or a value, on both engines.
import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { declareColumns, type ColumnsOf } from './columns.ts'
import { rows } from './rows.ts'
import { statement } from './statement.ts'
import type { Store } from './store.ts'

interface Item {
  id: string
  state: string
  owner: string | null
  enabled: boolean
  tags: string[]
  extra: Record<string, unknown> | null
}

interface Tables {
  items: Item
}

const columns: ColumnsOf<Tables> = { items: { enabled: 'flag', tags: 'json', extra: 'json' } }
const items = rows<Item>('items')
const item = (id: string, more: Partial<Item> = {}): Item => ({
  id,
  state: 'new',
  owner: null,
  enabled: true,
  tags: ['a', 'b'],
  extra: null,
  ...more,
})

async function begin(store: Store): Promise<void> {
  declareColumns(columns)
  await store
    .as<Tables>()
    .schema.createTable('items')
    .addColumn('id', 'text')
    .addColumn('state', 'text')
    .addColumn('owner', 'text')
    .addColumn('enabled', 'integer')
    .addColumn('tags', 'text')
    .addColumn('extra', 'text')
    .execute()
}

const ids = (found: Item[]) => found.map(({ id }) => id)

forEachDialect('rows are found by an id, by equal columns, by one of several texts, page by page', async (store) => {
  await begin(store)
  assert.equal(
    await items.insertMany(store, [item('1'), item('2', { owner: 'p' }), item('3', { state: 'old', enabled: false }), item('4')]),
    4,
  )
  assert.equal(await items.insertMany(store, []), 0)
  assert.deepEqual(await items.fetch(store, '3'), item('3', { state: 'old', enabled: false }))
  assert.equal(await items.fetch(store, 'none'), undefined)
  assert.deepEqual(ids(await items.list(store)), ['1', '2', '3', '4'])
  assert.deepEqual(ids(await items.list(store, {}, { limit: 2, after: '1' })), ['2', '3'])
  assert.deepEqual(ids(await items.list(store, { owner: null, state: 'new' })), ['1', '4'])
  assert.deepEqual(ids(await items.list(store, { state: ['old', 'gone'], owner: undefined })), ['3'])
  assert.deepEqual(ids(await items.list(store, { state: [] })), [])
  assert.deepEqual(ids(await items.list(store, { enabled: false })), ['3'])
  assert.equal((await items.first(store, { state: 'new', owner: 'p' }))?.id, '2')
  assert.deepEqual(ids(await items.many(store, ['4', '1', 'none', '1'])).toSorted(), ['1', '4'])
})

forEachDialect('rows are changed and deleted by id or by conditions; none goes without one', async (store) => {
  await begin(store)
  await items.insertMany(store, [item('1'), item('2'), item('3', { owner: 'p' })])
  assert.equal(await items.insertMissing(store, item('9')), 1)
  assert.equal(await items.update(store, '1', { tags: [], extra: { deep: { deeper: [1] } } }), 1)
  assert.equal(await items.update(store, { owner: null }, { enabled: false }), 3)
  assert.deepEqual(await items.fetch(store, '1'), item('1', { tags: [], extra: { deep: { deeper: [1] } }, enabled: false }))
  assert.deepEqual(
    await items.advance(store, { id: '2', state: ['new', 'old'] }, { state: 'old' }),
    item('2', { state: 'old', enabled: false }),
  )
  assert.equal(await items.advance(store, { id: '2', state: 'new' }, { state: 'old' }), undefined)
  assert.equal(await items.delete(store, '1'), 1)
  assert.equal(await items.delete(store, { owner: ['p', 'q'] }), 1)
  await assert.rejects(items.delete(store, {}), /a delete without a condition/)
  await assert.rejects(items.delete(store, { owner: undefined }), /a delete without a condition/)
  await assert.rejects(items.update(store, { owner: undefined }, { id: 'x' }), /an update without a condition/)
  await assert.rejects(items.advance(store, {}, { id: 'x' }), /an advance without a condition/)
  assert.deepEqual(ids(await items.list(store)), ['2', '9'])
})

forEachDialect('a column is decoded whatever the statement calls it and wherever it stands', async (store) => {
  await begin(store)
  await items.insert(store, item('1', { extra: { x: 1 } }))
  const q = store.as<Tables>()
  assert.deepEqual(await q.selectFrom('items as i').select(['i.enabled as on', 'i.extra as more']).executeTakeFirst(), {
    on: true,
    more: { x: 1 },
  })
  assert.deepEqual(await q.selectFrom('items').select('id').where('enabled', '=', true).execute(), [{ id: '1' }])
  const raw = await sql<{ tags: unknown; n: number }>`select t.tags, count(*) over () as n from (select * from items) as t`.execute(
    store.as(),
  )
  assert.deepEqual(raw.rows, [{ tags: ['a', 'b'], n: 1 }])
  const changed = await q
    .updateTable('items')
    .set({ enabled: false, tags: ['c'] })
    .where('id', '=', '1')
    .returning(['enabled', 'tags as t'])
    .execute()
  assert.deepEqual(changed, [{ enabled: false, t: ['c'] }])
  const stored = await sql<{ e: number; t: string }>`select coalesce(enabled, 9) as e, coalesce(tags, '') as t from items`.execute(
    store.as(),
  )
  assert.deepEqual(stored.rows, [{ e: 0, t: '["c"]' }], 'a computed column comes as it is computed')
  const on = statement<Tables, { enabled: boolean }, Item>((from, { enabled }) =>
    from.selectFrom('items').selectAll().where('enabled', '=', enabled),
  )
  assert.equal((await on.rows(store, { enabled: false })).length, 1)
  assert.equal((await on.rows(store, { enabled: true })).length, 0)
})
