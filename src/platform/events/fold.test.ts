// Folding a timeline gives the rows; what does not is found, told by fsck and written down on request.
import assert from 'node:assert/strict'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { setUp } from '../../../test/support/work.ts'
import type { Context } from '../context.ts'
import type { Finding } from '../fsck/check.ts'
import type { WorkContext } from '../work/definition.ts'
import { sql, type Db } from '../store/store.ts'
import { eventsAfter } from './after.ts'
import { factsOf } from './facts.ts'
import { timelineBaseline, timelineCheck } from './fold.ts'

interface Thing {
  id: string
  project_id: string
  size: number
  secret: string
  deleted: number
}

const facts = factsOf<Thing>({
  type: 'thing',
  table: 'things',
  columns: ['project_id', 'size'],
  gone: 'deleted',
  parts: {
    names: async (db, ids) => {
      const { rows } = await sql<{ id: string; name: string }>`select id, name from names order by name`.execute(db.as())
      return new Map(ids.map((id) => [id, rows.filter((row) => row.id === id).map(({ name }) => name)]))
    },
  },
})

async function tables(db: Db): Promise<void> {
  await sql`create table things (id text, project_id text, size integer, secret text, deleted integer)`.execute(db.as())
  await sql`create table names (id text, name text)`.execute(db.as())
}

const insert = (db: Db, { id, project_id, size, secret, deleted }: Thing) =>
  sql`insert into things values (${id}, ${project_id}, ${size}, ${secret}, ${deleted})`.execute(db.as())

async function findings(ctx: Context): Promise<Finding[]> {
  const found: Finding[] = []
  for await (const finding of timelineCheck([facts]).find?.(ctx) ?? []) found.push(finding)
  return found
}

const messages = async (ctx: Context) => (await findings(ctx)).map(({ resourceId, message }) => `${resourceId}: ${message}`)

forEachDialect('what the timeline tells is what is, and where it is not, fsck says so', async (store) => {
  const { ctx } = await setUp(store, [])
  await tables(store)
  const row: Thing = { id: 'a', project_id: 'p', size: 1, secret: 'canary', deleted: 0 }
  await ctx.transaction(async (tx) => {
    for (const id of ['a', 'b', 'c']) {
      await insert(tx.db, { ...row, id })
      facts.note(tx.db, id, { ...row, id })
      facts.notePart(tx.db, id, 'names', [])
    }
    facts.noteEach(tx.db, ['a', 'b'], { secret: 'another canary' })
  })
  assert.deepEqual(await messages(ctx), [])
  await ctx.transaction(async (tx) => {
    await sql`update things set deleted = 1 where id = 'a'`.execute(tx.db.as())
    facts.note(tx.db, 'a', { deleted: 1 })
  })
  assert.deepEqual(await messages(ctx), [])
  assert.doesNotMatch(JSON.stringify((await eventsAfter(store, 0)).events), /canary|secret/)
  await sql`update things set size = 2 where id = 'b'`.execute(store.as())
  await sql`insert into names values ('b', 'bee')`.execute(store.as())
  await sql`delete from things where id = 'c'`.execute(store.as())
  await insert(store, { ...row, id: 'd' })
  assert.deepEqual(await messages(ctx), [
    'b: the timeline says otherwise than the row: size 1 for 2, names [] for ["bee"]',
    'd: the timeline knows nothing of it',
    'c: the timeline does not say that it is gone',
  ])
  for (const { repair } of await findings(ctx)) await repair?.run({ ctx } as WorkContext)
  assert.deepEqual(await messages(ctx), [])
})

forEachDialect('rows of an earlier version are told once', async (store) => {
  const { ctx } = await setUp(store, [])
  await tables(store)
  for (let index = 0; index < 1_100; index++)
    await insert(store, { id: `t${index}`, project_id: 'p', size: index, secret: 'canary', deleted: index % 10 === 0 ? 1 : 0 })
  await timelineBaseline(ctx, [facts])
  assert.deepEqual(await messages(ctx), [])
  await timelineBaseline(ctx, [facts])
  assert.equal((await eventsAfter(store, 0, { limit: 2_000 })).events.length, 990)
})
