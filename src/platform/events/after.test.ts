// Several writers, some of whose transactions are rolled back at their very end, and followers that read meanwhile: everything
// comes once, nothing is missed, and what happened to one resource comes in the order in which it happened.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDatabase, forEachDialect, postgresMissing, postgresUrl } from '../../../test/support/postgres.ts'
import { setUp } from '../../../test/support/work.ts'
import { delay, systemClock } from '../clock.ts'
import type { Context } from '../context.ts'
import { eventAppend, eventOfRequest, eventsOf } from '../events.ts'
import { systemIds } from '../ids.ts'
import { openPostgres } from '../store/postgres.ts'
import { openSqlite } from '../store/sqlite.ts'
import { createStore, sql, type Store } from '../store/store.ts'
import { cursorSave, cutName, eventsAfter } from './after.ts'
import { factsNote } from './buffer.ts'

const parts = { clock: systemClock, ids: systemIds }
const things = 5
const writes = 24

class Unwanted extends Error {}

/** One thing's number rises by one; the line says to what. Now and then all is undone at the last moment. */
async function raise(ctx: Context, fate: 'kept' | 'undone', withRow: boolean): Promise<void> {
  await ctx.transaction(async (tx) => {
    const id = `thing${Math.floor(systemIds.fraction() * things)}`
    let value: number | undefined
    if (withRow) {
      const { rows } = await sql<{ value: number }>`update things set value = value + 1 where id = ${id} returning value`.execute(
        tx.db.as(),
      )
      value = Number(rows[0]?.value)
      factsNote(tx.db, { type: 'thing', id: id, change: 'update', facts: { value } })
    }
    await eventAppend(tx, { resourceType: 'thing', resourceId: withRow ? id : 'none', action: 'raise', result: 'success' })
    // its number is drawn, its commit is yet to come: others overtake it
    tx.db.beforeCommit(async () => {
      await delay(systemClock, systemIds.fraction() * 6)
      if (fate === 'undone') throw new Unwanted()
    })
  })
}

async function write(ctx: Context): Promise<number> {
  let kept = 0
  for (let index = 0; index < writes; index++) {
    const fate = systemIds.fraction() < 0.25 ? 'undone' : 'kept'
    try {
      await raise(ctx, fate, index % 3 === 0)
      kept++
    } catch (error) {
      if (!(error instanceof Unwanted)) throw error
    }
  }
  return kept
}

/** Reads until everybody is done and nothing is left; what it got. */
async function follow(store: Store, isOver: () => boolean): Promise<{ seq: number; id: string; value: number | null }[]> {
  const got: { seq: number; id: string; value: number | null }[] = []
  for (let cursor = 0; ;) {
    const over = isOver()
    const page = await eventsAfter(store, cursor, { limit: 7 })
    for (const { seq, resource_id, facts } of page.events)
      got.push({ seq, id: resource_id, value: facts === null ? null : (JSON.parse(facts) as { value: number }).value })
    assert.ok(page.cursor >= cursor)
    cursor = page.cursor
    if (page.more) continue
    if (over && !page.pending && page.events.length === 0) return got
    await delay(systemClock, 2)
  }
}

async function comesOnce(open: () => Promise<Store>): Promise<void> {
  const stores = await Promise.all(Array.from({ length: 3 }, open))
  const contexts: Context[] = []
  for (const store of stores) contexts.push((await setUp(store, [])).ctx)
  const [first] = contexts
  assert.ok(first)
  await first.db.as<{ things: unknown }>().schema.createTable('things').addColumn('id', 'text').addColumn('value', 'integer').execute()
  for (let index = 0; index < things; index++) await sql`insert into things values (${`thing${index}`}, 0)`.execute(first.db.as())
  let over = false
  const followers = stores.map((store) => follow(store, () => over))
  const kept = await Promise.all([...contexts, ...contexts].map(write))
  over = true
  const total = kept.reduce((sum, one) => sum + one, 0)
  for (const got of await Promise.all(followers)) {
    assert.equal(got.length, total)
    assert.deepEqual(
      got.map(({ seq }) => seq),
      [...new Set(got.map(({ seq }) => seq))].toSorted((a, b) => a - b),
    )
    for (let index = 0; index < things; index++) {
      const values = got.filter(({ id }) => id === `thing${index}`).map(({ value }) => value)
      assert.deepEqual(
        values,
        values.map((_, place) => place + 1),
      )
    }
  }
  for (const store of new Set(stores)) await store.close()
}

test('everything after a number comes once and in order, whoever writes meanwhile (SQLite)', () => {
  const store = createStore('sqlite', openSqlite(':memory:').dialect, parts)
  return comesOnce(async () => store)
})

test('everything after a number comes once and in order, with three processes (PostgreSQL)', { skip: postgresMissing }, async () => {
  const url = postgresUrl(await createDatabase())
  await comesOnce(async () => createStore('postgres', await openPostgres(url, 4), parts))
})

test(
  'a number that is drawn before and committed later is waited for, and not when it was rolled back (PostgreSQL)',
  { skip: postgresMissing },
  async () => {
    const store = createStore('postgres', await openPostgres(postgresUrl(await createDatabase()), 6), parts)
    const { ctx } = await setUp(store, [])
    const seen = async (after: number) => (await eventsAfter(store, after)).events.map(({ resource_id }) => resource_id)
    const append = (tx: Context, id: string) =>
      eventAppend(tx, { resourceType: 'thing', resourceId: id, action: 'create', result: 'success' })
    await append(ctx, 'first')
    assert.deepEqual(await seen(0), ['first'])
    for (const fate of ['kept', 'undone', 'killed']) {
      const { cursor } = await eventsAfter(store, 0)
      const [elderIsBegun, youngerHasDrawn, read] = [
        Promise.withResolvers<void>(),
        Promise.withResolvers<void>(),
        Promise.withResolvers<void>(),
      ]
      // the elder has the lower transaction id and draws the higher number: when it has ended, no snapshot's xmax is above the younger's id
      const elder = ctx.transaction(async (tx) => {
        await sql`update counters set value = value where name = 'fence'`.execute(tx.db.as())
        elderIsBegun.resolve()
        await youngerHasDrawn.promise
        await append(tx, `elder ${fate}`)
      })
      await elderIsBegun.promise
      const younger = ctx.transaction(async (tx) => {
        await append(tx, `younger ${fate}`)
        tx.db.beforeCommit(async () => {
          youngerHasDrawn.resolve()
          await read.promise
          if (fate === 'undone') throw new Unwanted()
          // its process dies between its last statement and its commit
          if (fate === 'killed') await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx.db.as())
        })
      })
      await elder
      for (let look = 0; look < 3; look++) assert.deepEqual(await seen(cursor), [])
      read.resolve()
      const became = await younger.then(
        () => 'kept',
        () => 'lost',
      )
      assert.equal(became, fate === 'kept' ? 'kept' : 'lost')
      assert.deepEqual(await seen(cursor), fate === 'kept' ? ['younger kept', 'elder kept'] : [`elder ${fate}`])
    }
    await store.close()
  },
)

forEachDialect('what a transaction told is read in it, and is there only when it has committed', async (store) => {
  const { ctx } = await setUp(store, [])
  const append = (tx: Context, action: string) => eventAppend(tx, { resourceType: 'thing', resourceId: 'a', action, result: 'success' })
  await append(ctx, 'first')
  await assert.rejects(
    ctx.transaction(async (tx) => {
      await append(tx, 'second')
      assert.deepEqual(
        (await eventsOf(tx.db, 'a', 2)).map(({ action }) => action),
        ['second', 'first'],
      )
      assert.equal((await eventOfRequest(tx.db, 'a', 'req-test'))?.action, 'second')
      throw new Unwanted()
    }),
    Unwanted,
  )
  assert.deepEqual(
    (await eventsOf(store, 'a')).map(({ action }) => action),
    ['first'],
  )
})

forEachDialect('facts stand in the last line of their resource, or in one of their own', async (store) => {
  const { ctx } = await setUp(store, [])
  await ctx.transaction(async (tx) => {
    factsNote(tx.db, { type: 'thing', id: 'a', change: 'update', facts: { project_id: 'p', size: 1 } })
    await eventAppend(tx, { resourceType: 'thing', resourceId: 'a', projectId: 'p', action: 'create', result: 'start' })
    await eventAppend(tx, { resourceType: 'thing', resourceId: 'a', projectId: 'p', action: 'create', result: 'success' })
    factsNote(tx.db, { type: 'thing', id: 'a', change: 'update', facts: { size: 2, name: 'ä"\\' } })
  })
  await ctx.transaction(async (tx) => factsNote(tx.db, { type: 'thing', id: 'a', change: 'update', facts: { size: 3 } }))
  await ctx.transaction(async (tx) => factsNote(tx.db, { type: 'thing', id: 'a', change: 'delete', facts: null }))
  assert.deepEqual(
    (await eventsAfter(store, 0)).events.map(({ action, result, project_id, facts }) => [action, result, project_id, facts]),
    [
      ['create', 'start', 'p', null],
      ['create', 'success', 'p', '{"project_id":"p","size":2,"name":"ä\\"\\\\"}'],
      ['update', 'success', 'p', '{"size":3}'],
      ['delete', 'success', 'p', 'null'],
    ],
  )
  assert.throws(() => factsNote(store, { type: 'thing', id: 'a', change: 'update', facts: { size: 4 } }), /outside a transaction/)
})

forEachDialect('a line is of its row’s project, whoever asked, and of what comes to be told the last word stands', async (store) => {
  const { ctx } = await setUp(store, [])
  await sql`create table things (id text, project_id text, size integer)`.execute(store.as())
  store.declareFacts({ things: { type: 'thing', project: 'project_id', facts: ['size'] } })
  const things = (tx: Context) => tx.db.as<{ things: { id: string; project_id: string; size: number } }>()
  await ctx.transaction(async (tx) => {
    await eventAppend(tx, { resourceType: 'thing', resourceId: 'a', projectId: 'asker', action: 'create', result: 'success' })
    await things(tx).insertInto('things').values({ id: 'a', project_id: 'owner', size: 1 }).execute()
    factsNote(tx.db, { type: 'thing', id: 'a', change: 'update', facts: { size: 2 } })
  })
  assert.deepEqual(
    (await eventsAfter(store, 0)).events.map(({ project_id, facts }) => [project_id, facts]),
    [['owner', '{"size":2}']],
  )
})

forEachDialect('what retention cuts while a page is read is told with it', async (store) => {
  const { ctx } = await setUp(store, [])
  await eventAppend(ctx, { resourceType: 'thing', resourceId: 'a', action: 'create', result: 'success' })
  const reader: Store = Object.create(store, {
    store: { get: () => reader },
    durable: { value: () => cursorSave(store, cutName, 1) },
  }) as Store
  assert.deepEqual((await eventsAfter(reader, 0)).gap, { after: 0, until: 1 })
})

forEachDialect('a filter passes over what it does not want', async (store) => {
  const { ctx } = await setUp(store, [])
  for (const [index, type] of ['a', 'b', 'a', 'c'].entries())
    await eventAppend(ctx, { resourceType: type, resourceId: 'x', projectId: `p${index}`, action: 'create', result: 'success' })
  assert.deepEqual(
    (await eventsAfter(store, 0, { types: ['a', 'c'] })).events.map(({ seq }) => seq),
    [1, 3, 4],
  )
  const { events, cursor, more } = await eventsAfter(store, 1, { projectId: 'p2', limit: 5 })
  assert.deepEqual([events.map(({ seq }) => seq), cursor, more], [[3], 4, false])
})
