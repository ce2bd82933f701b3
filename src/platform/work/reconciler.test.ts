// When reconcilers run, on both stores.
import assert from 'node:assert/strict'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { setUp } from '../../../test/support/work.ts'
import { systemClock } from '../clock.ts'
import { Context } from '../context.ts'
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

forEachDialect('a reconciler runs in nobody’s name, whoever woke it first, and each round is a request of its own', async (store) => {
  const rounds: { actor: Context['actor']; requestId: string; called: string }[] = []
  const look = reconciler({
    name: 'look',
    everyMs: 3_600_000,
    run: async ({ ctx, call }) => void rounds.push({ actor: ctx.actor, requestId: ctx.requestId, called: call.requestId }),
  })
  const { engine, ctx, platform } = await setUp(store, [look])
  const asker = new Context(platform, { actor: { ...ctx.actor, userId: 'u', projectId: 'p' }, requestId: 'req-asked' })
  await engine.start()
  await asker.work.signal(asker, look, 'key')
  await until(() => rounds.length === 1)
  await asker.work.signal(asker, look, 'key')
  await until(() => rounds.length === 2)
  await engine.stop()
  for (const { actor } of rounds)
    assert.deepEqual([actor.kind, actor.userId, actor.projectId, actor.roles], ['work', 'stackling', null, []])
  const ids = rounds.map(({ requestId }) => requestId)
  assert.equal(new Set([...ids, 'req-asked']).size, 3)
  assert.deepEqual(
    rounds.map(({ called }) => called),
    ids,
  )
})
