// The facts of a resource's lines laid over each other, the oldest first, are its row. Whoever keeps a bill, a notification
// or a copy by the timeline relies on that; here it is compared, and told where an earlier version did not.
import { sql } from 'kysely'
import type { Context } from '../context.ts'
import type { Check, Finding } from '../fsck/check.ts'
import { idList, idValues, inList } from '../store/ids-in.ts'
import type { Db } from '../store/store.ts'
import { cursorFetch, cursorSave } from './after.ts'
import { factsNote, type Facts } from './buffer.ts'
import type { FactTable, WhichRows } from './facts.ts'
import type { EventTables } from './tables.ts'

type Known = Exclude<Facts, null>

const pageSize = 500

/** What the timeline says of these resources; null: they are gone; not there: it never said anything. */
async function factsFold(db: Db, type: string, ids: string[]): Promise<Map<string, Facts>> {
  const lines = await db
    .as<EventTables>()
    .selectFrom('events')
    .select(['resource_id', 'facts'])
    .where('resource_type', '=', type)
    .where(inList(db, 'resource_id', idList(ids)))
    .where('facts', 'is not', null)
    .orderBy('seq')
    .execute()
  const folded = new Map<string, Facts>()
  for (const { resource_id, facts } of lines) {
    const change = JSON.parse(facts ?? 'null') as Facts
    folded.set(resource_id, change && { ...folded.get(resource_id), ...change })
  }
  return folded
}

/** Rows as facts, by id. */
async function rowsRead(db: Db, of: FactTable, which: WhichRows): Promise<Map<string, Known>> {
  const rows = await (of.read ?? tableRead(of))(db, which)
  for (const [part, read] of Object.entries(of.parts ?? {})) {
    const values = await read(db, [...rows.keys()])
    for (const [id, facts] of rows) facts[part] = values.get(id) ?? null
  }
  return rows
}

function tableRead({ table, id = 'id', isNumbered, columns, gone }: FactTable): Exclude<FactTable['read'], undefined> {
  const key = isNumbered ? sql`cast(${sql.ref(id)} as text)` : sql`${sql.ref(id)}`
  const living = gone === undefined ? sql`` : sql`and ${sql.ref(gone)} = 0`
  return async (db, which) => {
    const chosen = 'ids' in which ? sql`${key} in (${idValues(db, which.ids)})` : sql`${key} > ${which.after}`
    const { rows } = await sql<Known & { fact_id: string }>`
      select ${key} as fact_id, ${sql.join(columns.map((column) => sql.ref(column)))} from ${sql.table(table)}
      where ${chosen} ${living} order by ${key} limit ${'ids' in which ? which.ids.length : which.limit}`.execute(db.as())
    return new Map(rows.map(({ fact_id, ...facts }) => [fact_id, facts]))
  }
}

/** Ids that the timeline has facts of, after an id. */
async function idsAfter(db: Db, type: string, after: string): Promise<string[]> {
  const rows = await db
    .as<EventTables>()
    .selectFrom('events')
    .select('resource_id')
    .distinct()
    .where('resource_type', '=', type)
    .where('facts', 'is not', null)
    .where('resource_id', '>', after)
    .orderBy('resource_id')
    .limit(pageSize)
    .execute()
  return rows.map(({ resource_id }) => resource_id)
}

/** In words, what is told otherwise than it is; null: nothing. */
function difference(told: Facts | undefined, is: Known): string | null {
  if (!told) return told === null ? 'the timeline says that it is gone' : 'the timeline knows nothing of it'
  const names = Object.keys(is).filter((name) => JSON.stringify(told[name] ?? null) !== JSON.stringify(is[name] ?? null))
  if (names.length === 0) return null
  return `the timeline says otherwise than the row: ${names.map((name) => `${name} ${JSON.stringify(told[name])} for ${JSON.stringify(is[name])}`).join(', ')}`
}

async function findPage(ctx: Context, of: FactTable, after: string): Promise<{ found: Finding[]; last: string | undefined }> {
  return ctx.transaction(async ({ db }) => {
    const rows = await rowsRead(db, of, { after, limit: pageSize })
    const told = await factsFold(db, of.type, [...rows.keys()])
    const found = [...rows].flatMap(([id, is]) => {
      const message = difference(told.get(id), is)
      return message === null ? [] : [finding(of, id, message, is)]
    })
    return { found, last: [...rows.keys()].at(-1) }
  })
}

const finding = ({ type }: FactTable, id: string, message: string, facts: Facts): Finding => ({
  resourceType: type,
  resourceId: id,
  message,
  repair: {
    words: 'write into the timeline what the row says',
    run: ({ ctx }) => ctx.transaction(async (tx) => factsNote(tx.db, type, id, facts)),
  },
})

/** Those that the timeline believes to be there, and no row is. */
async function findGonePage(ctx: Context, of: FactTable, after: string): Promise<{ found: Finding[]; last: string | undefined }> {
  return ctx.transaction(async ({ db }) => {
    const ids = await idsAfter(db, of.type, after)
    const told = await factsFold(db, of.type, ids)
    const believed = ids.filter((id) => told.get(id))
    const there = await rowsRead(db, of, { ids: believed })
    const gone = believed.filter((id) => !there.has(id))
    return { found: gone.map((id) => finding(of, id, 'the timeline does not say that it is gone', null)), last: ids.at(-1) }
  })
}

/** fsck's comparison of the timeline with the rows that it tells of. */
export const timelineCheck = (tables: FactTable[]): Check => ({
  name: 'timeline',
  invariant: 1,
  async *find(ctx) {
    for (const find of [findPage, findGonePage])
      for (const of of tables)
        for (let after: string | undefined = ''; after !== undefined;) {
          const { found, last }: { found: Finding[]; last: string | undefined } = await find(ctx, of, after)
          yield* found
          after = last
        }
  },
})

/** Once for each list of facts: what rows of an earlier version hold is told, so that a follower knows all that is there. */
export async function timelineBaseline(ctx: Context, tables: FactTable[]): Promise<void> {
  for (const of of tables) {
    const name = `facts of ${of.type}: ${[...of.columns, ...Object.keys(of.parts ?? {})].join(' ')}`
    if ((await cursorFetch(ctx.db, name)) > 0) continue
    for (let after: string | undefined = ''; after !== undefined;)
      after = await ctx.transaction(async ({ db }) => {
        const rows = await rowsRead(db, of, { after: after ?? '', limit: pageSize })
        for (const [id, facts] of rows) factsNote(db, of.type, id, facts)
        return [...rows.keys()].at(-1)
      })
    await cursorSave(ctx.db, name, 1)
  }
}
