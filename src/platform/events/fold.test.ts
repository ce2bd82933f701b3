// Folding a timeline gives the rows; what does not is found, told by fsck and written down on request.
import assert from 'node:assert/strict'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { setUp } from '../../../test/support/work.ts'
import type { Context } from '../context.ts'
import type { Finding } from '../fsck/check.ts'
import type { WorkContext } from '../work/definition.ts'
import type { FactsOf } from '../store/facts.ts'
import { sql, type Db, type Store } from '../store/store.ts'
import { isToldDeleted } from '../events.ts'
import { cursorNames, eventsAfter } from './after.ts'
import { timelineBaseline, timelineCheck } from './fold.ts'

interface Thing {
  id: string
  project_id: string
  size: number
  secret: string
  deleted: number
}

const facts: FactsOf = {
  things: { type: 'thing', project: 'project_id', facts: ['project_id', 'size'], gone: 'deleted' },
  names: { type: 'thing', id: 'thing_id', part: { name: 'name', key: ['name'] }, facts: [] },
}

interface Tables {
  things: Thing
  names: { thing_id: string; name: string }
}

async function tables(store: Store): Promise<void> {
  await sql`create table things (id text, project_id text, size integer, secret text, deleted integer)`.execute(store.as())
  await sql`create table names (thing_id text, name text)`.execute(store.as())
  store.declareFacts(facts)
}

const q = (db: Db) => db.as<Tables>()
/** As an earlier version, which told nothing. */
const insertUntold = (db: Db, { id, project_id, size, secret, deleted }: Thing) =>
  sql`insert into things values (${id}, ${project_id}, ${size}, ${secret}, ${deleted})`.execute(db.as())

async function findings(ctx: Context, of = facts): Promise<Finding[]> {
  const found: Finding[] = []
  for await (const finding of timelineCheck(of).find?.(ctx) ?? []) found.push(finding)
  return found
}

const messages = async (ctx: Context, of = facts) => (await findings(ctx, of)).map(({ resourceId, message }) => `${resourceId}: ${message}`)

forEachDialect('what the timeline tells is what is, and where it is not, fsck says so', async (store) => {
  const { ctx } = await setUp(store, [])
  await tables(store)
  const row: Thing = { id: 'a', project_id: 'p', size: 1, secret: 'canary', deleted: 0 }
  await ctx.transaction(async (tx) => {
    await q(tx.db)
      .insertInto('things')
      .values(['a', 'b', 'c'].map((id) => ({ ...row, id })))
      .execute()
    await q(tx.db).insertInto('names').values({ thing_id: 'a', name: 'ay' }).execute()
    const changed = await q(tx.db)
      .updateTable('things')
      .set({ secret: 'another canary', size: 3 })
      .where('id', '<>', 'c')
      .executeTakeFirst()
    assert.equal(Number(changed.numUpdatedRows), 2)
  })
  assert.deepEqual(await messages(ctx), [])
  await ctx.transaction(async (tx) => {
    await q(tx.db).updateTable('things').set({ deleted: 1 }).where('id', '=', 'a').execute()
    await q(tx.db).deleteFrom('names').execute()
  })
  assert.deepEqual(await messages(ctx), [])
  // gone and there again in one transaction: what it had is gone
  await ctx.transaction(async (tx) => {
    await q(tx.db).insertInto('names').values({ thing_id: 'b', name: 'bee' }).execute()
  })
  await ctx.transaction(async (tx) => {
    await q(tx.db).deleteFrom('names').execute()
    await q(tx.db).deleteFrom('things').where('id', '=', 'b').execute()
    await q(tx.db)
      .insertInto('things')
      .values({ ...row, id: 'b', size: 3 })
      .execute()
    await q(tx.db).insertInto('names').values({ thing_id: 'b', name: 'wasp' }).execute()
  })
  assert.deepEqual(await messages(ctx), [])
  await ctx.transaction(async (tx) => void (await q(tx.db).deleteFrom('names').execute()))
  assert.doesNotMatch(JSON.stringify((await eventsAfter(store, 0)).events), /canary|secret/)
  await sql`update things set size = 2 where id = 'b'`.execute(store.as())
  await sql`insert into names values ('b', 'hornet')`.execute(store.as())
  await sql`delete from things where id = 'c'`.execute(store.as())
  await insertUntold(store, { ...row, id: 'd' })
  assert.deepEqual(await messages(ctx), [
    'b: the timeline says otherwise than the row: size 3 for 2, name:hornet undefined for true',
    'd: the timeline knows nothing of it',
    'c: the timeline does not say that it is gone',
  ])
  for (const { repair } of await findings(ctx)) await repair?.run({ ctx } as WorkContext)
  assert.deepEqual(await messages(ctx), [])
  // a row that vanished is no deletion: nothing may be removed on the proof of what fsck wrote
  const [repaired] = (await eventsAfter(store, 0)).events.filter(({ resource_id, facts }) => resource_id === 'c' && facts === 'null')
  assert.deepEqual([repaired?.action, repaired?.event, repaired?.project_id], ['fsck', 'timeline', 'p'])
  assert.equal(await isToldDeleted(store, 'thing', 'c'), false)
  assert.equal(await isToldDeleted(store, 'thing', 'a'), true)
  assert.equal(await isToldDeleted(store, 'other', 'a'), false)
})

forEachDialect('rows of an earlier version are told once', async (store) => {
  const { ctx } = await setUp(store, [])
  await tables(store)
  for (let index = 0; index < 1_100; index++)
    await insertUntold(store, { id: `t${index}`, project_id: 'p', size: index, secret: 'canary', deleted: index % 10 === 0 ? 1 : 0 })
  await timelineBaseline(ctx, facts)
  assert.deepEqual(await messages(ctx), [])
  await timelineBaseline(ctx, facts)
  assert.equal((await eventsAfter(store, 0, { limit: 2_000 })).events.length, 990)
  // a declaration that tells the same otherwise
  const { things, names } = facts
  assert.ok(things && names)
  await timelineBaseline(ctx, { things: { ...things, quiet: ['secret'], called: 'size' }, names })
  assert.equal((await eventsAfter(store, 0, { limit: 2_000 })).events.length, 990)
  await timelineBaseline(ctx, { things: { ...things, facts: ['size'] }, names })
  assert.equal((await eventsAfter(store, 0, { limit: 2_000 })).events.length, 1_980)
  assert.equal((await cursorNames(store, 'facts of ')).length, 1)
})

forEachDialect('parts that this version does not tell of any more are gone from the timeline', async (store) => {
  const { ctx } = await setUp(store, [])
  await tables(store)
  await timelineBaseline(ctx, facts)
  await ctx.transaction(async (tx) => {
    await q(tx.db).insertInto('things').values({ id: 'a', project_id: 'p', size: 1, secret: '', deleted: 0 }).execute()
    await q(tx.db).insertInto('names').values({ thing_id: 'a', name: 'ay' }).execute()
  })
  const { things } = facts
  assert.ok(things)
  await timelineBaseline(ctx, { things })
  assert.deepEqual(await messages(ctx, { things }), [])
})
