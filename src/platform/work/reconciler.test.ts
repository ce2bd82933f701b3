// When reconcilers run, on both stores.
import assert from 'node:assert/strict'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { setUp } from '../../../test/support/work.ts'
import { systemClock } from '../clock.ts'
import { reconciler } from './definition.ts'
import { itemFetch, itemsInState } from './items.ts'
import { until } from '../../../test/support/until.ts'

forEachDialect('a reconciler runs once more when it was signalled while it ran', async (store) => {
  let runs = 0
  const look = reconciler({
    name: 'look',
    everyMs: 3_600_000,
    async run({ ctx }) {
      if (++runs === 1) await ctx.work.signal(ctx, look)
    },
  })
  const { engine, ctx } = await setUp(store, [look])
  await engine.start()
  await ctx.work.signal(ctx, look)
  await until(() => runs === 2)
  await engine.stop()
  assert.equal(runs, 2)
})

forEachDialect('a reconciler that asks for it runs again sooner than usual', async (store) => {
  let runs = 0
  const look = reconciler({ name: 'look', everyMs: 3_600_000, run: async () => (++runs < 3 ? { againMs: 1 } : undefined) })
  const { engine, ctx } = await setUp(store, [look])
  await engine.start()
  await ctx.work.signal(ctx, look)
  await until(() => runs === 3)
  await engine.stop()
  const [item] = await itemsInState(ctx.db, 'ready', 10)
  assert.ok(Number(item?.run_at) > systemClock.nowMs() + 3_000_000)
})

forEachDialect('a reconciler that this version does not have is forgotten', async (store) => {
  const { engine, ctx } = await setUp(store, [])
  await engine.start()
  await ctx.work.signal(ctx, { name: 'former' })
  await until(async () => (await itemFetch(ctx.db, 'former/')) === undefined)
  await engine.stop()
})
