// A machine's clock that is set while work waits for its time, on both stores.
import assert from 'node:assert/strict'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { setUp } from '../../../test/support/work.ts'
import { systemClock } from '../clock.ts'
import { reconciler } from './definition.ts'
import { itemFetch } from './items.ts'
import { until } from '../../../test/support/until.ts'

const hourMs = 3_600_000

forEachDialect('a clock that is set back by an hour does not make anything wait for an hour', async (store) => {
  let aheadMs = hourMs
  let rounds = 0
  const round = reconciler({ name: 'round', everyMs: 50, run: async () => void rounds++ })
  const { engine, ctx, platform } = await setUp(store, [round])
  platform.clock = { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs }
  await ctx.work.signal(ctx, round)
  await engine.start()
  await until(() => rounds > 0)
  aheadMs = 0
  const before = rounds
  engine.wake()
  await until(() => rounds > before + 1)
  await engine.stop()
  assert.ok(((await itemFetch(ctx.db, 'round/'))?.run_at ?? 0) < systemClock.nowMs() + 1_000)
})
