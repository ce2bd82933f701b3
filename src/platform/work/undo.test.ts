// Undoing: what cannot be undone is kept as dead work, with its reasons; what cannot be reached is asked again.
import assert from 'node:assert/strict'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { setUp } from '../../../test/support/work.ts'
import { systemClock } from '../clock.ts'
import { HostError } from '../../contract/call.ts'
import type { Store } from '../store/store.ts'
import { NotYet, PermanentError, saga } from './definition.ts'
import { maxAttempts, undoGraceMs } from './failure.ts'
import { itemFetch, itemsInState, itemsOfResource } from './items.ts'
import { until } from '../../../test/support/until.ts'

interface Data {
  made?: string[]
}

forEachDialect('work that an undo cannot undo is kept as dead, with both reasons', async (store) => {
  const stuck = saga<Data>({
    name: 'stuck',
    deadlineMs: 60_000,
    failed: async () => {},
    steps: [
      {
        name: 'a',
        run: async () => {
          throw new PermanentError('broken')
        },
        undo: async () => {
          throw new PermanentError('still there')
        },
      },
    ],
  })
  const { engine, ctx } = await setUp(store, [stuck])
  await ctx.transaction((tx) => tx.work.enqueue(tx, stuck, {}, { resourceId: 'r1' }))
  // the last try of the undo, without waiting for the ones before it
  await engine.start()
  await until(async () => {
    const [item] = await itemsOfResource(ctx.db, 'r1')
    if (item?.state === 'ready' && item.phase === 'undo')
      await store
        .as<{ work_items: { refusals: number; run_at: number } }>()
        .updateTable('work_items')
        .set({ refusals: 5, run_at: 0 })
        .execute()
    engine.wake()
    return (await itemsInState(ctx.db, 'dead', 10)).length === 1
  })
  const [item] = await itemsInState(ctx.db, 'dead', 10)
  assert.equal(item?.reason, "broken; undoing 'a' failed too: still there")
  await engine.stop()
})

/** A saga that fails for good and whose undo does what it is told; `hurry` makes its next try due, with more changes to the row. */
async function undoing(store: Store, undo: () => Promise<void>) {
  const failed: string[] = []
  const stuck = saga<Data>({
    name: 'stuck',
    deadlineMs: 60_000,
    failed: async (_work, _data, reason) => void failed.push(reason),
    steps: [
      {
        name: 'a',
        run: async () => {
          throw new PermanentError('broken')
        },
        undo,
      },
    ],
  })
  const { engine, ctx } = await setUp(store, [stuck])
  const id = await ctx.transaction((tx) => tx.work.enqueue(tx, stuck, {}, { resourceId: 'r1' }))
  const hurry = async (more: { deadline_at?: number } = {}) => {
    await store
      .as<{ work_items: { id: string; state: string; run_at: number; deadline_at: number } }>()
      .updateTable('work_items')
      .set({ run_at: 0, ...more })
      .where('state', '=', 'ready')
      .execute()
    engine.wake()
  }
  await engine.start()
  return { engine, ctx, id, failed, hurry }
}

forEachDialect('an undo whose host cannot be reached goes on beyond the tries of a step, until the host is back', async (store) => {
  let tries = 0
  const { engine, ctx, id, failed, hurry } = await undoing(store, async () => {
    if (++tries < 3 * maxAttempts) throw new HostError('unreachable', 'gone')
  })
  await until(async () => {
    await hurry()
    return (await itemFetch(ctx.db, id)) === undefined
  })
  assert.equal(tries, 3 * maxAttempts)
  assert.deepEqual(failed, ['broken'])
  await engine.stop()
})

forEachDialect('clear refusals of an undo are counted apart from tries without an answer', async (store) => {
  let tries = 0
  const { engine, ctx, hurry } = await undoing(store, async () => {
    throw ++tries <= 8 ? new HostError('unreachable', 'gone') : new HostError('conflict', 'in use')
  })
  await until(async () => {
    await hurry()
    return (await itemsInState(ctx.db, 'dead', 10)).length === 1
  })
  assert.equal(tries, 8 + maxAttempts)
  assert.match((await itemsInState(ctx.db, 'dead', 10))[0]?.reason ?? '', /failed too: in use$/)
  await engine.stop()
})

for (const error of [new HostError('unreachable', 'gone'), new NotYet('gone', 1)]) {
  forEachDialect(`an undo without an answer (${error.name}) is dead when its time is up`, async (store) => {
    const { engine, ctx, id, hurry } = await undoing(store, async () => {
      throw error
    })
    await until(async () => (await itemFetch(ctx.db, id))?.phase === 'undo')
    await until(async () => {
      await hurry({ deadline_at: systemClock.nowMs() - undoGraceMs })
      return (await itemsInState(ctx.db, 'dead', 10)).length === 1
    })
    assert.match((await itemsInState(ctx.db, 'dead', 10))[0]?.reason ?? '', /^broken; undoing 'a' failed too: .*gone$/)
    await engine.stop()
  })
}
