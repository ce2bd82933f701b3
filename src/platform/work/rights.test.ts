// In whose name work runs, and with what rights: with none, whoever asked, and whatever an earlier version wrote into its row.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setUp, settled } from '../../../test/support/work.ts'
import { openTestStore } from '../../../test/support/postgres.ts'
import { Context, type Actor } from '../context.ts'
import { saga } from './definition.ts'
import type { WorkTables } from './items.ts'

test('F1 work keeps its user’s name and project, and no role, also when its row is of a version that gave it some', async () => {
  const seen: Actor[] = []
  const look = saga<object>({
    name: 'look',
    deadlineMs: 60_000,
    steps: [{ name: 'look', run: async ({ ctx }) => void seen.push(ctx.actor) }],
    failed: async () => undefined,
  })
  const store = await openTestStore()
  const { engine, ctx } = await setUp(store, [look])
  const { kind: _, ...someone } = ctx.actor
  const asker: Actor = { ...someone, userId: 'u', projectId: 'p', roles: ['admin', 'member'] }
  const [written, old] = await new Context(ctx.platform, { actor: asker, requestId: 'req-asked' }).transaction(async (tx) => [
    await tx.work.enqueue(tx, look, {}, { resourceId: 'new' }),
    await tx.work.enqueue(tx, look, {}, { resourceId: 'old' }),
  ])
  await store
    .as<WorkTables>()
    .updateTable('work_items')
    .set({ actor: JSON.stringify({ ...asker, roles: ['admin', 'service'] }) })
    .where('id', '=', old)
    .execute()
  await engine.start()
  await settled(ctx, written)
  await settled(ctx, old)
  assert.deepEqual(
    seen.map(({ kind, userId, projectId, roles }) => ({ kind, userId, projectId, roles })),
    Array(2).fill({ kind: 'work', userId: 'u', projectId: 'p', roles: [] }),
  )
  await engine.stop()
  await store.close()
})
