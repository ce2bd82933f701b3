// Keyset pages on both engines: every row once, in order, whatever the page size and the directions.
import assert from 'node:assert/strict'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { page, type Sort } from './page.ts'

interface Tables {
  things: { id: string; size: number; name: string }
}

for (const sorts of [
  [
    { column: 'size', direction: 'asc' },
    { column: 'id', direction: 'asc' },
  ],
  [
    { column: 'size', direction: 'desc' },
    { column: 'id', direction: 'desc' },
  ],
  [
    { column: 'size', direction: 'desc' },
    { column: 'name', direction: 'asc' },
    { column: 'id', direction: 'desc' },
  ],
] as Sort[][]) {
  forEachDialect(`pages by ${sorts.map((sort) => `${sort.column} ${sort.direction}`).join(', ')} hold every row once`, async (store) => {
    const q = store.as<Tables>()
    await q.schema.createTable('things').addColumn('id', 'text').addColumn('size', 'integer').addColumn('name', 'text').execute()
    const rows = Array.from({ length: 50 }, (_, index) => ({
      id: `id${String((index * 7) % 50).padStart(2, '0')}`,
      size: index % 5,
      name: `n${index % 3}`,
    }))
    await q.insertInto('things').values(rows).execute()
    const got: Tables['things'][] = []
    while (true) {
      const last = got.at(-1)
      const next = await page(q.selectFrom('things').selectAll(), { sorts, limit: 7, after: last && { ...last } }).execute()
      if (next.length === 0) break
      got.push(...next.map((row) => ({ ...row })))
    }
    const compare = (a: Tables['things'], b: Tables['things']) => {
      for (const { column, direction } of sorts) {
        const [left, right] = [a[column as 'id'], b[column as 'id']]
        if (left !== right) return (left < right ? -1 : 1) * (direction === 'asc' ? 1 : -1)
      }
      return 0
    }
    assert.deepEqual(got, rows.toSorted(compare))
  })
}
