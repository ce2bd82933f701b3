// Who comes first when much is queued, on both stores: tenants take turns, a full limit holds up only its own, and
// neither people's work nor the background's can take all workers.
import assert from 'node:assert/strict'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { settled, setUp } from '../../../test/support/work.ts'
import { delay, systemClock } from '../clock.ts'
import { Context } from '../context.ts'
import type { Store } from '../store/store.ts'
import { reconciler, saga, type Priority, type Saga } from './definition.ts'
import { itemsClaim } from './claim.ts'
import { itemDeleteFenced, type ItemRow } from './items.ts'
import { defined } from '../defined.ts'
import { until } from '../../../test/support/until.ts'

interface Data {
  key?: string
}

const named = (name: string): Saga<Data> =>
  saga<Data>({
    name,
    deadlineMs: 60_000,
    failed: async () => {},
    steps: [],
    limit: (_ctx, { key }) => (key === undefined ? null : { key, max: 1 }),
  })
const build = named('build')
const remove = named('remove')

interface Queued {
  project: string
  work?: Saga<Data>
  count?: number
  key?: string
  priority?: Priority
}

/** Queues for a project; the resources are called project-1, project-2, … */
async function queue(ctx: Context, { project, work = build, count = 1, key, priority }: Queued): Promise<void> {
  const tenant = new Context(ctx.platform, { actor: { ...ctx.actor, projectId: project }, requestId: 'req-1' })
  await tenant.transaction(async (tx) => {
    for (let index = 1; index <= count; index++) {
      await tx.work.enqueue(tx, work, key === undefined ? {} : { key }, {
        resourceId: `${project}-${index}`,
        ...defined({ priority }),
      })
    }
  })
}

/** long enough that not all that is due is looked at in one claim */
const many = 100

const claim = (store: Store, max: number, room?: Map<number, number>): Promise<ItemRow[]> =>
  store.transaction(
    async (db) =>
      (
        await itemsClaim(db, {
          worker: 'w1',
          nowMs: systemClock.nowMs() + 10,
          leaseMs: 60_000,
          max,
          ...defined({ room }),
        })
      ).items,
  )
const whose = (items: ItemRow[]): string[] => items.map(({ resource_id }) => resource_id)

forEachDialect('who asks for one thing does not wait behind who asked for many', async (store) => {
  const { ctx } = await setUp(store, [build])
  await queue(ctx, { project: 'greedy', count: many })
  await queue(ctx, { project: 'small' })
  assert.deepEqual(whose(await claim(store, 4)), ['greedy-1', 'small-1', 'greedy-2', 'greedy-3'])
  await queue(ctx, { project: 'late', count: 3 })
  assert.deepEqual(
    whose(await claim(store, 4)),
    ['greedy-4', 'late-1', 'greedy-5', 'late-2'],
    'who comes later begins where the others are now',
  )
})

forEachDialect('who has waited long is not overtaken by each that comes', async (store) => {
  const { ctx } = await setUp(store, [build])
  await queue(ctx, { project: 'greedy', count: many })
  const order: string[] = []
  for (let round = 1; round <= 6; round++) {
    await queue(ctx, { project: `new${round}` })
    const claimed = await claim(store, 1)
    order.push(...whose(claimed))
    for (const item of claimed.slice(0, round === 1 ? 0 : 1)) await itemDeleteFenced(store, item)
  }
  assert.ok(order.filter((id) => id.startsWith('greedy')).length >= 2, order.join())
})

forEachDialect('what a project deletes does not wait behind what it builds', async (store) => {
  const { ctx } = await setUp(store, [build, remove])
  await queue(ctx, { project: 'p1', count: many })
  await queue(ctx, { project: 'p1', work: remove })
  const claimed = await claim(store, 2)
  assert.deepEqual(claimed.map(({ name }) => name).toSorted(), ['build', 'remove'])
})

forEachDialect('a limit that is reached holds up only what is under it', async (store) => {
  const { ctx } = await setUp(store, [build])
  await queue(ctx, { project: 'p1', count: many, key: 'host1' })
  await queue(ctx, { project: 'p2', count: many, key: 'host2' })
  await queue(ctx, { project: 'p3', count: many })
  await claim(store, 1)
  const claimed = [...(await claim(store, 4)), ...(await claim(store, 4))]
  assert.deepEqual(
    claimed.map(({ limit_key }) => limit_key).filter((key) => key !== null),
    ['host2'],
  )
  assert.ok(claimed.length >= 5, `${claimed.length} were claimed`)
})

forEachDialect('each priority has workers that the other leaves to it', async (store) => {
  const { ctx } = await setUp(store, [build])
  await queue(ctx, { project: 'p1', count: many })
  await queue(ctx, { project: 'p2', count: many, priority: 'background' })
  const first = await claim(
    store,
    8,
    new Map([
      [0, 6],
      [1, 4],
    ]),
  )
  assert.deepEqual(
    whose(first).map((id) => id.slice(0, 2)),
    ['p1', 'p1', 'p1', 'p1', 'p1', 'p1', 'p2', 'p2'],
  )
  const second = await claim(
    store,
    8,
    new Map([
      [0, 0],
      [1, 1],
    ]),
  )
  assert.deepEqual(
    whose(second).map((id) => id.slice(0, 2)),
    ['p2'],
  )
})

forEachDialect('a reconciler runs while sagas that take long hold all the workers they may', async (store) => {
  let rounds = 0
  let release = () => {}
  const held = new Promise<void>((resolve) => void (release = resolve))
  const slow = saga<object>({ name: 'slow', deadlineMs: 60_000, failed: async () => {}, steps: [{ name: 'a', run: () => held }] })
  const tidy = reconciler({ name: 'tidy', everyMs: 3_600_000, run: async () => void rounds++ })
  const { engine, ctx } = await setUp(store, [slow, tidy])
  await engine.start()
  const ids = await ctx.transaction(async (tx) => {
    const made: string[] = []
    for (let index = 0; index < 8; index++) made.push(await tx.work.enqueue(tx, slow, {}, { resourceId: `r${index}` }))
    return made
  })
  await until(() => engine.busy === 3)
  await ctx.work.signal(ctx, tidy)
  await until(() => rounds === 1)
  release()
  for (const id of ids) await settled(ctx, id)
  await delay(systemClock, 0)
  await engine.stop()
})
