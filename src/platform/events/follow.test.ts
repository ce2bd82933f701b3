// A follower is woken, goes on where it was, and is told of what was cut; what lives is never cut.
import assert from 'node:assert/strict'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { setUp } from '../../../test/support/work.ts'
import { delay, systemClock } from '../clock.ts'
import type { Context } from '../context.ts'
import { eventAppend } from '../events.ts'
import { sql } from '../store/store.ts'
import { eventsAfter, type EventsPage } from './after.ts'
import { factsNote } from './buffer.ts'
import { eventsFollow, type FollowOptions } from './follow.ts'
import { timelineCut } from './retention.ts'

const append = (ctx: Context, id: string, action = 'create') =>
  eventAppend(ctx, { resourceType: 'thing', resourceId: id, action, result: 'success' })

const ids = ({ events }: EventsPage) => events.map(({ resource_id, action }) => `${action} ${resource_id}`)

/** It has facts, so it lives. */
const lifeBegin = (ctx: Context, id: string) =>
  ctx.transaction(async (tx) => {
    factsNote(tx.db, { type: 'thing', id, change: 'create', facts: { change: -1 } })
    await append(tx, id)
  })

async function lifeOf(ctx: Context, id: string): Promise<void> {
  await append(ctx, id)
  for (let change = 0; change < 3; change++)
    await ctx.transaction(async (tx) => factsNote(tx.db, { type: 'thing', id, change: 'update', facts: { change } }))
  await append(ctx, id, 'delete')
}

/** Reads what there is, until `most` pages came. */
async function follow(ctx: Context, { most, ...options }: Omit<FollowOptions, 'signal'> & { most: number }): Promise<EventsPage[]> {
  const over = new AbortController()
  const pages: EventsPage[] = []
  for await (const page of eventsFollow(ctx.platform, { ...options, signal: over.signal })) {
    pages.push(page)
    if (pages.length === most) over.abort()
  }
  return pages
}

forEachDialect('a follower is woken by a commit, and goes on where it was', async (store) => {
  const { ctx } = await setUp(store, [])
  await append(ctx, 'a')
  const first = follow(ctx, { name: 'bill', most: 2 })
  await delay(systemClock, 50)
  const beganMs = systemClock.nowMs()
  await append(ctx, 'b')
  assert.deepEqual((await first).map(ids), [['create a'], ['create b']])
  assert.ok(systemClock.nowMs() - beganMs < 30_000, 'alone, it looks by itself after a minute only')
  await append(ctx, 'c')
  assert.deepEqual((await follow(ctx, { name: 'bill', most: 1 })).map(ids), [['create c']])
  assert.deepEqual((await follow(ctx, { after: 1, limit: 1, most: 2 })).map(ids), [['create b'], ['create c']])
})

forEachDialect('who stops while it sleeps ends at once', async (store) => {
  const { ctx } = await setUp(store, [])
  const over = new AbortController()
  const next = eventsFollow(ctx.platform, { signal: over.signal }).next()
  await delay(systemClock, 20)
  over.abort()
  assert.equal((await next).done, true)
})

forEachDialect('what has been gone for long is cut, what lives stays, and who had not read it is told', async (store) => {
  const { ctx } = await setUp(store, [])
  await lifeBegin(ctx, 'living')
  for (let index = 0; index < 120; index++) await lifeOf(ctx, `old${index}`)
  await append(ctx, 'living', 'update')
  await sql`update events set at = '2001-01-01T00:00:00.000Z'`.execute(store.as())
  await lifeOf(ctx, 'young')
  await append(ctx, 'old0', 'create')
  assert.equal(await timelineCut(ctx), false)
  const { events, gap } = await eventsAfter(store, 0)
  assert.deepEqual(
    [...new Set(ids({ events } as EventsPage))],
    ['create living', 'update living', 'create young', 'update young', 'delete young', 'create old0'],
  )
  const until = 1 + 120 * 5
  assert.deepEqual(gap, { after: 0, until })
  assert.equal((await eventsAfter(store, until)).gap, null)
  assert.deepEqual(
    (await follow(ctx, { after: 7, limit: 3, most: 2 })).map((page) => page.gap),
    [{ after: 7, until }, null],
  )
  await append(ctx, 'last')
  assert.equal((await eventsAfter(store, 0)).events.at(-1)?.resource_id, 'last')
})

forEachDialect('lines after the end and of what never was go by age; of ids that are used once the last line stays', async (store) => {
  const { ctx } = await setUp(store, [])
  store.declareFacts({ things: { type: 'thing', facts: [], areIdsUsedOnce: true } })
  await lifeBegin(ctx, 'living')
  await append(ctx, 'never')
  await lifeOf(ctx, 'gone')
  await append(ctx, 'gone', 'late')
  await append(ctx, 'living', 'update')
  await sql`update events set at = '2001-01-01T00:00:00.000Z'`.execute(store.as())
  await append(ctx, 'never', 'young')
  await lifeOf(ctx, 'young')
  const left = ['create living', 'delete gone', 'update living', 'young never', 'create young', 'update young', 'delete young']
  for (let round = 0; round < 2; round++) {
    assert.equal(await timelineCut(ctx), false)
    assert.deepEqual([...new Set(ids((await eventsAfter(store, 0)) as EventsPage))], left)
  }
})
