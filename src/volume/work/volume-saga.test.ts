// What volumeSaga makes of a definition, on an engine of its own.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestStore } from '../../../test/support/postgres.ts'
import { setUp, settled } from '../../../test/support/work.ts'
import { itemsOfResource } from '../../platform/work/items.ts'
import { volumeSaga } from './volume-saga.ts'

test('the last step’s own commit comes before what the saga writes at its end', async () => {
  const order: string[] = []
  const made = volumeSaga<{ volumeId: string; projectId: string }>({
    name: 'volume-test',
    of: 'volume',
    action: 'test',
    steps: [{ name: 'only', run: async () => void order.push('run'), commit: async () => void order.push('commit') }],
    done: async () => void order.push('done'),
  })
  const store = await openTestStore()
  const { engine, ctx } = await setUp(store, [made])
  await ctx.transaction((tx) => made.begin(tx, { volumeId: 'v1', projectId: 'p' }))
  const [item] = await itemsOfResource(ctx.db, 'v1')
  await engine.start()
  await settled(ctx, item?.id ?? '')
  await engine.stop()
  await store.close()
  assert.deepEqual(order, ['run', 'commit', 'done'])
})
