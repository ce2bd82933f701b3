// Statements that follow the shape of their values, and what every table with ids is asked, on both engines.
import assert from 'node:assert/strict'
import { sql, type UpdateResult } from 'kysely'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { rows } from './rows.ts'
import { shapedStatement } from './statement.ts'
import type { Store } from './store.ts'

interface Thing {
  id: string
  size: number
  name: string | null
}

interface Tables {
  things: Thing
}

const things = rows<Thing>('things')

async function begin(store: Store): Promise<void> {
  await store
    .as<Tables>()
    .schema.createTable('things')
    .addColumn('id', 'text')
    .addColumn('size', 'integer')
    .addColumn('name', 'text')
    .execute()
  for (const size of [1, 2, 3]) await things.insert(store, { id: `t${size}`, size, name: null })
}

forEachDialect('a shaped statement is built once for each shape of its values', async (store) => {
  await begin(store)
  let built = 0
  const update = shapedStatement<Tables, { ids: string[]; change: Partial<Thing>; isLarge: boolean; name?: string }, UpdateResult>(
    (from, { ids, change, isLarge, name }) => {
      built++
      let query = from.updateTable('things').set(change).where('id', 'in', ids)
      if (isLarge) query = query.where('size', '>', 1)
      return name === undefined ? query : query.where('name', '=', name)
    },
  )
  assert.equal(await update.change(store, { ids: ['t1', 't2'], change: { name: 'a' }, isLarge: false }), 2)
  assert.equal(await update.change(store, { ids: ['t1', 't3'], change: { name: 'b' }, isLarge: false }), 2)
  assert.equal(await update.change(store, { ids: ['t1', 't3'], change: { name: null, size: undefined as never }, isLarge: false }), 2)
  assert.equal(built, 1, 'the values are others, the shape is the same')
  assert.equal(await update.change(store, { ids: ['t1', 't3'], change: { name: 'c' }, isLarge: true }), 1)
  assert.equal(await update.change(store, { ids: ['t1'], change: { name: 'd' }, isLarge: false }), 1)
  assert.equal(await update.change(store, { ids: ['t1'], change: { size: 9, name: 'e' }, isLarge: false }), 1)
  assert.equal(await update.change(store, { ids: ['t1'], change: { name: 'f', size: 8 }, isLarge: false, name: 'e' }), 1)
  assert.equal(built, 5)
  const found = await things.many(store, ['t1', 't2', 't3', 'none'])
  assert.deepEqual(
    found.map((row) => ({ ...row })).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    [
      { id: 't1', size: 8, name: 'f' },
      { id: 't2', size: 2, name: 'a' },
      { id: 't3', size: 3, name: 'c' },
    ],
  )
})

forEachDialect('an expression among the values of a shaped statement is refused', async (store) => {
  await begin(store)
  await assert.rejects(things.update(store, 't1', { size: sql`size + 1` as never }), /change.size is nothing that a statement can be given/)
  assert.equal((await things.fetch(store, 't1'))?.size, 1)
})
