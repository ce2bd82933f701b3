// What was undone may be done in another way, on both stores: what a saga remembers of the failure, and of its undo,
// decides it in the commit that ends the item. And how patient a step is whose host does not answer.
import assert from 'node:assert/strict'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { settled, setUp } from '../../../test/support/work.ts'
import { HostError, type HostErrorCode } from '../../contract/call.ts'
import { PermanentError, saga } from './definition.ts'
import { maxAttempts, maxUnanswered } from './failure.ts'
import { itemFetch, itemsOfResource, type ItemRow } from './items.ts'
import { until } from '../../../test/support/until.ts'

interface Build {
  host: string
  isElsewhere?: boolean
  isLeft?: boolean
}

/** A build that fails on 'bad' and goes on at 'good', unless its undo leaves something behind. */
function build(log: string[], { error, isLeft = false }: { error: Error; isLeft?: boolean }) {
  const definition = saga<Build>({
    name: 'build',
    deadlineMs: 60_000,
    steps: [
      {
        name: 'a',
        run: async (_work, { host }) => {
          log.push(`run on ${host}`)
          if (host === 'bad') throw error
        },
        undo: async (_work, { host }) => {
          log.push(`undo on ${host}`)
          return { isLeft }
        },
      },
    ],
    remember: (failure) => ({ isElsewhere: failure instanceof HostError }),
    async again({ ctx }, data) {
      if (!data.isElsewhere || data.isLeft) return false
      await ctx.work.enqueue(ctx, definition, { host: 'good' }, { resourceId: 'r1' })
      return true
    },
    failed: async (_work, _data, reason) => void log.push(`failed: ${reason}`),
  })
  return definition
}

forEachDialect('what was undone is done in another way, when its failure allows it', async (store) => {
  const log: string[] = []
  const definition = build(log, { error: new HostError('no_space', 'full') })
  const { engine, ctx } = await setUp(store, [definition])
  await engine.start()
  await ctx.transaction((tx) => tx.work.enqueue(tx, definition, { host: 'bad' }, { resourceId: 'r1' }))
  await until(async () => (await itemsOfResource(ctx.db, 'r1')).length === 0)
  assert.deepEqual(log, ['run on bad', 'undo on bad', 'run on good'])
  await engine.stop()
})

for (const [why, of] of [
  ['its failure would come again', { error: new PermanentError('no') }],
  ['its undo has left something behind', { error: new HostError('no_space', 'no'), isLeft: true }],
] as const) {
  forEachDialect(`what was undone has failed, when ${why}`, async (store) => {
    const log: string[] = []
    const definition = build(log, of)
    const { engine, ctx } = await setUp(store, [definition])
    await engine.start()
    await settled(ctx, await ctx.transaction((tx) => tx.work.enqueue(tx, definition, { host: 'bad' }, { resourceId: 'r1' })))
    assert.deepEqual(log, ['run on bad', 'undo on bad', 'failed: no'])
    assert.deepEqual(await itemsOfResource(ctx.db, 'r1'), [])
    await engine.stop()
  })
}

forEachDialect('a step whose host does not answer is tried more often than one that fails', async (store) => {
  const triesOf = async (code: HostErrorCode): Promise<number> => {
    let tries = 0
    const definition = saga<object>({
      name: code,
      deadlineMs: 60_000,
      failed: async () => {},
      steps: [
        {
          name: 'a',
          run: async () => {
            tries++
            throw new HostError(code, 'no')
          },
        },
      ],
    })
    const { engine, ctx } = await setUp(store, [definition])
    await engine.start()
    const id = await ctx.transaction((tx) => tx.work.enqueue(tx, definition, {}, { resourceId: 'r1' }))
    await until(async () => {
      await store.as<{ work_items: ItemRow }>().updateTable('work_items').set({ run_at: 0 }).where('state', '=', 'ready').execute()
      engine.wake()
      return (await itemFetch(ctx.db, id)) === undefined
    })
    await engine.stop()
    return tries
  }
  assert.deepEqual([await triesOf('failed'), await triesOf('unreachable')], [maxAttempts, maxUnanswered])
})
