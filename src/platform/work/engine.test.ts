// The work engine on both stores: what ends, unwinds, retries, is taken over, is refused.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { settled, setUp } from '../../../test/support/work.ts'
import { systemClock, delay } from '../clock.ts'
import { eventAppend, eventsOf } from '../events.ts'
import { HostError } from '../../contract/call.ts'
import { silentLog } from '../log.ts'
import { NotYet, PermanentError, reconciler, saga, type Step } from './definition.ts'
import { backOffMs, maxAttempts } from './failure.ts'
import { itemsClaim } from './claim.ts'
import { itemFetch, itemsOfResource, itemUpdateFenced } from './items.ts'
import { until } from '../../../test/support/until.ts'

interface Data {
  made?: string[]
}

function traced(log: string[], failing?: string, error: Error = new PermanentError('no')) {
  const step = (name: string): Step<Data> => ({
    name,
    async run() {
      log.push(`run ${name}`)
      if (failing === name) throw error
    },
    async commit(_work, data) {
      return { made: [...(data.made ?? []), name] }
    },
    async undo() {
      log.push(`undo ${name}`)
    },
  })
  return saga<Data>({
    name: 'make',
    deadlineMs: 60_000,
    steps: [step('a'), step('b'), step('c')],
    async failed(_work, data, reason) {
      log.push(`failed ${reason} after ${(data.made ?? []).join()}`)
    },
  })
}

forEachDialect('a saga runs its steps in order and its item goes away', async (store) => {
  const log: string[] = []
  const make = traced(log)
  const { engine, ctx } = await setUp(store, [make])
  await engine.start()
  const id = await ctx.transaction((tx) => tx.work.enqueue(tx, make, {}, { resourceId: 'r1' }))
  await settled(ctx, id)
  assert.deepEqual(log, ['run a', 'run b', 'run c'])
  await engine.stop()
})

for (const failing of ['a', 'b', 'c']) {
  forEachDialect(`a saga that fails at ${failing} undoes that step and all before it`, async (store) => {
    const log: string[] = []
    const make = traced(log, failing)
    const { engine, ctx } = await setUp(store, [make])
    await engine.start()
    const id = await ctx.transaction((tx) => tx.work.enqueue(tx, make, {}, { resourceId: 'r1' }))
    await settled(ctx, id)
    const done = ['a', 'b', 'c'].slice(0, ['a', 'b', 'c'].indexOf(failing) + 1)
    const committed = done.slice(0, -1).join()
    assert.deepEqual(log, [
      ...done.map((name) => `run ${name}`),
      ...done.toReversed().map((name) => `undo ${name}`),
      `failed no after ${committed}`,
    ])
    await engine.stop()
  })
}

forEachDialect('an undo has a later fence than what it undoes', async (store) => {
  const fences: number[] = []
  const breaks = saga<Data>({
    name: 'breaks',
    deadlineMs: 60_000,
    failed: async () => {},
    steps: [
      {
        name: 'a',
        run: async ({ call }) => {
          fences.push(call.fence)
          throw new PermanentError('no')
        },
        undo: async ({ call }) => void fences.push(call.fence),
      },
    ],
  })
  const { engine, ctx } = await setUp(store, [breaks])
  await engine.start()
  await settled(ctx, await ctx.transaction((tx) => tx.work.enqueue(tx, breaks, {}, { resourceId: 'r1' })))
  const [forward = NaN, undo = NaN] = fences
  assert.ok(undo > forward, fences.join())
  await engine.stop()
})

forEachDialect('what can only go on is asked again after a clear no, more often than other steps', async (store) => {
  let tries = 0
  const takeAway = saga<Data>({
    name: 'take-away',
    deadlineMs: 60_000,
    untilDeadline: true,
    failed: async () => {},
    steps: [
      {
        name: 'a',
        run: async () => {
          if (++tries <= maxAttempts) throw new HostError('conflict', 'not now')
        },
      },
    ],
  })
  const { engine, ctx } = await setUp(store, [takeAway])
  await engine.start()
  const id = await ctx.transaction((tx) => tx.work.enqueue(tx, takeAway, {}, { resourceId: 'r1' }))
  await until(async () => {
    // without waiting for the pause between two tries
    await store.as<{ work_items: { run_at: number } }>().updateTable('work_items').set({ run_at: 0 }).execute()
    engine.wake()
    return !(await itemFetch(ctx.db, id))
  })
  assert.equal(tries, maxAttempts + 1)
  await engine.stop()
})

forEachDialect('an unknown outcome is tried again', async (store) => {
  let tries = 0
  const flaky = saga<Data>({
    name: 'flaky',
    deadlineMs: 60_000,
    failed: async () => {},
    steps: [
      {
        name: 'a',
        run: async () => {
          if (++tries < 3) throw new HostError('unreachable', 'gone')
        },
      },
    ],
  })
  const { engine, ctx } = await setUp(store, [flaky])
  await engine.start()
  const id = await ctx.transaction((tx) => tx.work.enqueue(tx, flaky, {}, { resourceId: 'r1' }))
  await settled(ctx, id)
  assert.equal(tries, 3)
  await engine.stop()
})

forEachDialect(
  'the timeline tells a step that fails alike once, each change of its reason, each new wait, and what made the saga turn back',
  async (store) => {
    const outcomes = [
      new HostError('unreachable', 'gone'),
      new HostError('unreachable', 'gone'),
      new NotYet('the volume is creating', 1),
      new NotYet('the volume is creating', 1),
      new PermanentError('no'),
    ]
    const unlucky = saga<Data>({
      name: 'unlucky',
      deadlineMs: 60_000,
      failed: async () => {},
      steps: [
        {
          name: 'a',
          run: async () => {
            throw outcomes.shift() ?? assert.fail('it ran too often')
          },
        },
      ],
    })
    const { engine, ctx } = await setUp(store, [unlucky])
    await eventAppend(ctx, { resourceType: 'server', resourceId: 'r1', projectId: 'p1', action: 'create', result: 'start', host: 'host1' })
    await engine.start()
    const id = await ctx.transaction((tx) => tx.work.enqueue(tx, unlucky, {}, { resourceId: 'r1' }))
    await settled(ctx, id)
    const told = (await eventsOf(store, 'r1')).toReversed().slice(1)
    assert.deepEqual(
      told.map(({ event, result, message }) => [event, result, message]),
      [
        ['a', 'retry', 'gone'],
        ['a', 'wait', 'the volume is creating'],
        ['a', 'unwind', 'no'],
      ],
    )
    assert.ok(
      told.every(
        (line) => line.resource_type === 'server' && line.project_id === 'p1' && line.action === 'create' && line.host === 'host1',
      ),
      'beside what the request left there',
    )
    await engine.stop()
  },
)

forEachDialect('an intent that is rolled back leaves no work', async (store) => {
  const make = traced([])
  const { ctx } = await setUp(store, [make])
  await assert.rejects(
    ctx.transaction(async (tx) => {
      await tx.work.enqueue(tx, make, {}, { resourceId: 'r1' })
      throw new Error('rolled back')
    }),
  )
  assert.deepEqual(await itemsOfResource(ctx.db, 'r1'), [])
})

forEachDialect('an older fence changes nothing', async (store) => {
  const make = traced([])
  const { ctx } = await setUp(store, [make])
  await ctx.transaction((tx) => tx.work.enqueue(tx, make, {}, { resourceId: 'r1' }))
  const claim = (worker: string, nowMs: number) =>
    store.transaction(async (db) => (await itemsClaim(db, { worker, nowMs, leaseMs: 1000, max: 10 })).items)
  const now = systemClock.nowMs()
  const [first] = await claim('w1', now)
  assert.deepEqual(await claim('w2', now), [], 'a lease keeps others away')
  const [second] = await claim('w2', now + 2000)
  assert.ok(first && second && second.fence > first.fence)
  assert.equal(await itemUpdateFenced(store, first, { step: 2 }), false)
  assert.equal(await itemUpdateFenced(store, second, { step: 1 }), true)
})

forEachDialect('a cancelled saga commits nothing more', async (store) => {
  const log: string[] = []
  let release = () => {}
  const held = new Promise<void>((resolve) => void (release = resolve))
  const slow = saga<Data>({
    name: 'slow',
    deadlineMs: 60_000,
    failed: async () => void log.push('failed'),
    steps: [{ name: 'a', run: () => (log.push('run'), held), commit: async () => void log.push('commit') }],
  })
  const { engine, ctx } = await setUp(store, [slow])
  await engine.start()
  await ctx.transaction((tx) => tx.work.enqueue(tx, slow, {}, { resourceId: 'r1' }))
  await until(() => log.length === 1)
  await ctx.transaction((tx) => tx.work.cancel(tx, 'r1'))
  release()
  await until(() => engine.busy === 0)
  await engine.stop()
  assert.deepEqual(log, ['run', 'commit'], 'the commit ran and was rolled back')
  assert.deepEqual(await itemsOfResource(ctx.db, 'r1'), [])
})

forEachDialect('what somebody meets who lost its item without knowing is no failure of a step', async (store) => {
  const said: string[] = []
  let lose: (error: Error) => void = () => {}
  let began = false
  const held = new Promise<void>((_, reject) => void (lose = reject))
  const slow = saga<Data>({
    name: 'slow',
    deadlineMs: 60_000,
    failed: async () => {},
    steps: [{ name: 'a', run: () => ((began = true), held) }],
  })
  const { engine, ctx, platform } = await setUp(store, [slow])
  platform.log = { ...silentLog, warn: (_, message) => void said.push(message) }
  await engine.start()
  await ctx.transaction((tx) => tx.work.enqueue(tx, slow, {}, { resourceId: 'r1' }))
  await until(() => began)
  await ctx.transaction((tx) => tx.work.cancel(tx, 'r1'))
  lose(new TypeError('it is not as it was'))
  await until(() => engine.busy === 0)
  await engine.stop()
  assert.deepEqual(said, ['the lease was lost; somebody else goes on'])
})

forEachDialect('a saga whose deadline has passed unwinds and says so', async (store) => {
  const log: string[] = []
  const make = { ...traced(log), deadlineMs: -1 }
  const { engine, ctx } = await setUp(store, [make])
  await engine.start()
  const id = await ctx.transaction((tx) => tx.work.enqueue(tx, make, {}, { resourceId: 'r1' }))
  await settled(ctx, id)
  assert.equal(log[0], 'undo a')
  assert.match(log.at(-1) ?? '', /^failed it was not done within/)
  await engine.stop()
})

forEachDialect('no more than the limit of one key run at once', async (store) => {
  let running = 0
  let most = 0
  const build = saga<Data>({
    name: 'build',
    deadlineMs: 60_000,
    failed: async () => {},
    limit: () => ({ key: 'host1', max: 2 }),
    steps: [
      {
        name: 'a',
        async run() {
          most = Math.max(most, ++running)
          await delay(systemClock, 5)
          running--
        },
      },
    ],
  })
  const { engine, ctx } = await setUp(store, [build])
  await engine.start()
  const ids = await ctx.transaction(async (tx) => {
    const made: string[] = []
    for (let index = 0; index < 6; index++) made.push(await tx.work.enqueue(tx, build, {}, { resourceId: `r${index}` }))
    return made
  })
  for (const id of ids) await settled(ctx, id)
  assert.equal(most, 2)
  await engine.stop()
})

test('back-off doubles up to half a minute and jitter takes off at most half', () => {
  assert.deepEqual(
    [1, 2, 3, 20].map((attempt) => backOffMs(attempt, 0)),
    [250, 500, 1000, 30_000],
  )
  assert.equal(backOffMs(1, 1), 125)
})

forEachDialect('steps that do not apply are passed over, forward and back', async (store) => {
  const log: string[] = []
  const make = traced(log, 'c')
  const some = { ...make, steps: make.steps.map((step) => ({ ...step, applies: () => step.name !== 'a' && step.name !== 'b' })) }
  const { engine, ctx } = await setUp(store, [some])
  await engine.start()
  const id = await ctx.transaction((tx) => tx.work.enqueue(tx, some, {}, { resourceId: 'r1' }))
  await settled(ctx, id)
  await engine.stop()
  assert.deepEqual(log, ['run c', 'undo c', 'failed no after '])
})

forEachDialect('a cancelled saga does not commit its last step', async (store) => {
  let release = () => {}
  const held = new Promise<void>((resolve) => void (release = resolve))
  let began = false
  const slow = saga<Data>({
    name: 'slow',
    deadlineMs: 60_000,
    failed: async () => {},
    steps: [
      {
        name: 'only',
        run: () => ((began = true), held),
        commit: async ({ ctx }) => void (await ctx.work.signal(ctx, ring, 'committed')),
      },
    ],
  })
  const ring = reconciler({ name: 'ring', everyMs: 60_000, run: async () => {} })
  const { engine, ctx } = await setUp(store, [slow, ring])
  await engine.start()
  await ctx.transaction((tx) => tx.work.enqueue(tx, slow, {}, { resourceId: 'r1' }))
  await until(() => began)
  await ctx.transaction((tx) => tx.work.cancel(tx, 'r1'))
  release()
  await until(() => engine.busy === 0)
  await engine.stop()
  assert.equal(await itemFetch(ctx.db, 'ring/committed'), undefined)
})

forEachDialect('a step that waits is claimed anew, with a later fence, and nothing is counted against it', async (store) => {
  const fences: number[] = []
  const waits = saga<Data>({
    name: 'waits',
    deadlineMs: 60_000,
    failed: async () => assert.fail('it does not fail'),
    steps: [
      {
        name: 'a',
        run: async ({ call }) => {
          if (fences.push(call.fence) < 12) throw new NotYet('not yet', 1)
        },
      },
    ],
  })
  const { engine, ctx } = await setUp(store, [waits])
  await engine.start()
  const id = await ctx.transaction((tx) => tx.work.enqueue(tx, waits, {}, { resourceId: 'r1' }))
  await settled(ctx, id)
  await engine.stop()
  assert.equal(fences.length, 12)
  assert.deepEqual(
    fences,
    fences.toSorted((a, b) => a - b),
  )
  assert.equal(new Set(fences).size, 12)
})

forEachDialect('who is overtaken but still owns the item asks again with a new fence', async (store) => {
  let tries = 0
  const overtaken = saga<Data>({
    name: 'overtaken',
    deadlineMs: 60_000,
    failed: async () => assert.fail('it does not fail'),
    steps: [
      {
        name: 'a',
        run: async () => {
          if (++tries === 1) throw new HostError('stale_fence', 'overtaken')
        },
      },
    ],
  })
  const { engine, ctx } = await setUp(store, [overtaken])
  await engine.start()
  const id = await ctx.transaction((tx) => tx.work.enqueue(tx, overtaken, {}, { resourceId: 'r1' }))
  await settled(ctx, id)
  await engine.stop()
  assert.equal(tries, 2)
})
