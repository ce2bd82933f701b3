// Nothing rests for ever, on both stores: a step that hangs, an undo that must be tried again, an end that cannot be
// recorded.
import assert from 'node:assert/strict'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { settled, setUp } from '../../../test/support/work.ts'
import { HostError } from '../../contract/call.ts'
import { systemClock } from '../clock.ts'
import type { Context, Platform } from '../context.ts'
import type { Store } from '../store/store.ts'
import { PermanentError, saga, type Step } from './definition.ts'
import type { Engine } from './engine.ts'
import { maxAttempts } from './failure.ts'
import { itemFetch, itemsInState, type ItemRow } from './items.ts'
import { until } from '../../../test/support/until.ts'

const dead = async (store: Store): Promise<ItemRow | undefined> => (await itemsInState(store, 'dead', 10))[0]

/** Its clock stands still, however slow the machine is: nothing is late, and what waits for its time waits until it is hurried. */
function standStill(platform: Platform): void {
  const nowMs = systemClock.nowMs()
  platform.clock = { ...systemClock, nowMs: () => nowMs }
}

/** Looks again until it is so, and makes each next try due at once. */
const hurried = (engine: Engine, store: Store, condition: () => Promise<boolean>) =>
  until(async () => {
    await store.as<{ work_items: ItemRow }>().updateTable('work_items').set({ run_at: 0 }).where('state', '=', 'ready').execute()
    engine.wake()
    return condition()
  })

forEachDialect('a step that hangs is told to stop at the deadline and undone', async (store) => {
  const fences: number[] = []
  let told: unknown
  const hung = saga<object>({
    name: 'hung',
    deadlineMs: 200,
    failed: async (_work, _data, reason) => void (told = reason),
    steps: [
      {
        name: 'a',
        run: ({ call }) => {
          fences.push(call.fence)
          call.signal?.addEventListener('abort', () => fences.push(-1))
          return new Promise<void>(() => {})
        },
        undo: async ({ call }) => void fences.push(call.fence),
      },
    ],
  })
  const { engine, ctx, platform } = await setUp(store, [hung])
  standStill(platform)
  await engine.start()
  const id = await ctx.transaction((tx) => tx.work.enqueue(tx, hung, {}, { resourceId: 'r1' }))
  await settled(ctx, id)
  const [first = 0, aborted, second = 0] = fences
  assert.equal(aborted, -1, 'its signal')
  assert.ok(second > first, fences.join())
  assert.equal(told, "it was not done within 0 seconds: the step 'a' did not end")
  await engine.stop()
})

forEachDialect('an undo that fails once is tried again, also when the steps before it do not apply', async (store) => {
  let tries = 0
  const never: Step<object> = { name: 'never', applies: () => false }
  const last: Step<object> = {
    name: 'last',
    run: () => {
      throw new PermanentError('no')
    },
    undo: async () => {
      if (++tries < 2) throw new HostError('unreachable', 'gone')
    },
  }
  const some = saga<object>({ name: 'some', deadlineMs: 60_000, failed: async () => {}, steps: [never, never, last] })
  const { engine, ctx } = await setUp(store, [some])
  await engine.start()
  const id = await ctx.transaction((tx) => tx.work.enqueue(tx, some, {}, { resourceId: 'r1' }))
  await settled(ctx, id)
  assert.equal(tries, 2)
  await engine.stop()
})

/** A saga that fails, whose end cannot be recorded until `mend` is called. */
async function unrecordable(store: Store, undo: () => Promise<void>) {
  let isMended = false
  let tries = 0
  const failed = async (): Promise<void> => {
    tries++
    if (!isMended) throw new Error('no such row')
  }
  const broken = saga<object>({
    name: 'broken',
    deadlineMs: 60_000,
    failed,
    steps: [
      {
        name: 'a',
        run: async () => {
          throw new PermanentError('no luck')
        },
        undo,
      },
    ],
  })
  const { engine, ctx, platform } = await setUp(store, [broken])
  standStill(platform)
  await engine.start()
  const id = await ctx.transaction((tx) => tx.work.enqueue(tx, broken, {}, { resourceId: 'r1' }))
  const retry = (tx: Context) => tx.work.retry(tx, id, broken)
  return { engine, ctx, id, retry, mend: () => void (isMended = true), tries: () => tries }
}

forEachDialect(
  'an end that cannot be recorded is tried some times with pauses, then the item is dead and says why, and can be run again',
  async (store) => {
    let undone = 0
    const { engine, ctx, id, retry, mend, tries } = await unrecordable(store, async () => void undone++)
    await until(async () => (await itemFetch(store, id))?.refusals === 1)
    const waiting = await itemFetch(store, id)
    assert.ok(waiting?.state === 'ready' && waiting.run_at > ctx.clock.nowMs(), 'it has a time for the next try')
    await hurried(engine, store, async () => (await dead(store)) !== undefined)
    assert.equal((await dead(store))?.reason, 'no luck; all was undone, but that could not be recorded: Error: no such row')
    assert.equal(tries(), maxAttempts)
    mend()
    assert.ok(await ctx.transaction(retry))
    await settled(ctx, id)
    assert.deepEqual([tries(), undone], [maxAttempts + 1, 1], 'what was undone is not undone again')
    await engine.stop()
  },
)

forEachDialect('an undo that is abandoned and whose end cannot be recorded either leaves a dead item that says both', async (store) => {
  const { engine } = await unrecordable(store, async () => {
    throw new PermanentError('still there')
  })
  await hurried(engine, store, async () => (await dead(store)) !== undefined)
  assert.equal(
    (await dead(store))?.reason,
    "no luck; undoing 'a' failed too: still there; and that could not be recorded: Error: no such row",
  )
  await engine.stop()
})

forEachDialect('what a step reports is in its row while it lasts, and no longer', async (store) => {
  let release = () => {}
  const held = new Promise<void>((resolve) => void (release = resolve))
  const long = saga<object>({
    name: 'long',
    deadlineMs: 60_000,
    failed: async () => {},
    steps: [
      {
        name: 'a',
        run: ({ call }) => {
          call.progress?.(42.7, 'fetching')
          return held
        },
      },
      {
        name: 'b',
        run: async () => {
          throw new HostError('unreachable', 'gone')
        },
      },
    ],
  })
  const { engine, ctx } = await setUp(store, [long])
  await engine.start()
  const id = await ctx.transaction((tx) => tx.work.enqueue(tx, long, {}, { resourceId: 'r1' }))
  await until(async () => (await itemFetch(store, id))?.progress === '42 % of fetching')
  release()
  await until(async () => (await itemFetch(store, id))?.step === 1)
  assert.equal((await itemFetch(store, id))?.progress, null)
  await engine.stop()
})

forEachDialect("an operator's cancel undoes the step that runs now, under a later fence, and the step hears of it", async (store) => {
  const fences: number[] = []
  let isTold = false
  let reason = ''
  const never: Step<object> = { name: 'never', applies: () => false }
  const long: Step<object> = {
    name: 'long',
    run: ({ call }) =>
      new Promise<void>((_, reject) => {
        fences.push(call.fence)
        call.signal?.addEventListener('abort', () => ((isTold = true), reject(call.signal?.reason)))
      }),
    undo: async ({ call }) => void fences.push(call.fence),
  }
  const work = saga<object>({
    name: 'work',
    deadlineMs: 60_000,
    failed: async (_work, _data, why) => void (reason = why),
    steps: [never, long],
  })
  const { engine, ctx } = await setUp(store, [work])
  await engine.start()
  const id = await ctx.transaction((tx) => tx.work.enqueue(tx, work, {}, { resourceId: 'r1' }))
  await until(() => fences.length === 1)
  const item = await itemFetch(store, id)
  assert.ok(item)
  assert.equal(await ctx.transaction((tx) => tx.work.turnBack(tx, item, work, 'cancelled by me')), true)
  await settled(ctx, id)
  assert.equal(reason, 'cancelled by me')
  assert.ok(isTold && fences.length === 2 && (fences[1] ?? 0) > (fences[0] ?? 0), fences.join())
  assert.equal(await ctx.transaction((tx) => tx.work.turnBack(tx, item, work, 'again')), false, 'it is over')
  await engine.stop()
})
