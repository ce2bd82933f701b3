// Signs of life on both stores: who has an item keeps it however long it takes, who lost it learns it.
import assert from 'node:assert/strict'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { setUp } from '../../../test/support/work.ts'
import { createTestClock } from '../../../test/support/test-clock.ts'
import type { Context } from '../context.ts'
import { saga } from './definition.ts'
import { itemsClaim } from './claim.ts'
import { itemFetch, type ItemRow } from './items.ts'
import { Leases } from './leases.ts'
import { until } from '../../../test/support/until.ts'

const leaseMs = 30_000
const wait = saga<object>({ name: 'wait', deadlineMs: 60_000, steps: [], failed: async () => {} })

async function claimed(ctx: Context, worker: string, nowMs: number): Promise<ItemRow[]> {
  return ctx.platform.store.transaction(async (db) => (await itemsClaim(db, { worker, nowMs, leaseMs, max: 10 })).items)
}

async function queued(ctx: Context, ids: string[]): Promise<void> {
  for (const resourceId of ids) await ctx.transaction((tx) => tx.work.enqueue(tx, wait, {}, { resourceId }))
}

forEachDialect('all leases of a worker are renewed, and it learns which item it lost', async (store) => {
  const { ctx } = await setUp(store, [wait])
  const startMs = ctx.clock.nowMs() + 1_000
  await queued(ctx, ['r1', 'r2'])
  const items = await claimed(ctx, 'w1', startMs)
  const [kept, taken] = items as [ItemRow, ItemRow]
  const clock = createTestClock(startMs)
  const leases = new Leases({ ...ctx.platform, clock }, { worker: 'w1', leaseMs })
  const lost: string[] = []
  for (const item of items) leases.hold(item, () => lost.push(item.id))
  await store.as<{ work_items: ItemRow }>().updateTable('work_items').set({ lease_until: 0 }).where('id', '=', taken.id).execute()
  assert.deepEqual(
    (await claimed(ctx, 'w2', startMs)).map(({ id }) => id),
    [taken.id],
  )
  await clock.advance(leaseMs / 2)
  await until(() => lost.length > 0)
  assert.deepEqual(lost, [taken.id])
  assert.ok(Number((await itemFetch(store, kept.id))?.lease_until) > startMs + leaseMs)
  assert.equal(Number((await itemFetch(store, taken.id))?.lease_until), startMs + leaseMs, 'the other’s lease is its own business')
})
