// The facts of a resource's lines laid over each other, the oldest first, are its row. A bill, a notification
// or a copy by the timeline relies on that; here it is compared, and told where an earlier version did not.
import { Budget } from '../budget.ts'
import type { Context } from '../context.ts'
import type { Check, Finding } from '../fsck/check.ts'
import { mendTell } from '../fsck/mended.ts'
import type { FactsOf } from '../store/facts.ts'
import { idList, inList } from '../store/ids-in.ts'
import { page, type Sort } from '../store/page.ts'
import type { Db } from '../store/store.ts'
import { cursorNames, cursorsReplace } from './after.ts'
import { factsNote } from './buffer.ts'
import { resourcesOf, rowsRead, type Known, type ResourceFacts } from './fold-rows.ts'
import type { EventTables } from './tables.ts'

/** null: the resource is gone */
type Facts = Known | null

const pageSize = 500

/** Of a page of resources there may be any number: so many are read at once, and after each such page others have their turn. */
const linesAtOnce = 1000
const stepsOfLine = 250

/** What the timeline says of these resources; null: they are gone; not there: it never said anything. */
async function factsFold(db: Db, type: string, ids: string[]): Promise<Map<string, Facts>> {
  const folded = new Map<string, Facts>()
  const budget = new Budget()
  for (let after: { resource_id: string; seq: number } | undefined = { resource_id: '', seq: 0 }; after !== undefined;) {
    const query = db
      .as<EventTables>()
      .selectFrom('events')
      .select(['resource_id', 'seq', 'facts'])
      .where('resource_type', '=', type)
      .where(inList(db, 'resource_id', idList(ids)))
      .where('facts', 'is not', null)
    const lines = await page(query, { sorts: byResource, limit: linesAtOnce, after }).execute()
    for (const { resource_id, facts } of lines) {
      const change = JSON.parse(facts ?? 'null') as Facts
      folded.set(resource_id, change && { ...folded.get(resource_id), ...change })
    }
    after = lines.length === linesAtOnce ? lines.at(-1) : undefined
    await budget.take(lines.length * stepsOfLine)
  }
  return folded
}

/** Each resource's lines in their order. */
const byResource: Sort[] = [
  { column: 'resource_id', direction: 'asc' },
  { column: 'seq', direction: 'asc' },
]

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

/** The parts that the timeline tells of, as if all were gone. */
const goneParts = (told: Facts | undefined): Known =>
  Object.fromEntries(Object.entries(told ?? {}).flatMap(([name, value]) => (name.includes(':') && value !== null ? [[name, null]] : [])))

/** In words, what is told otherwise than it is; null: nothing. */
function difference(told: Facts | undefined, is: Known): string | null {
  if (!told) return told === null ? 'the timeline says that it is gone' : 'the timeline knows nothing of it'
  const names = [...new Set([...Object.keys(is), ...Object.keys(goneParts(told))])].filter(
    (name) => JSON.stringify(told[name] ?? null) !== JSON.stringify(is[name] ?? null),
  )
  if (names.length === 0) return null
  return `the timeline says otherwise than the row: ${names.map((name) => `${name} ${JSON.stringify(told[name])} for ${JSON.stringify(is[name])}`).join(', ')}`
}

async function findPage(ctx: Context, of: ResourceFacts, after: string): Promise<{ found: Finding[]; last: string | undefined }> {
  const rows = await rowsRead(ctx.db, of, { after, limit: pageSize })
  const told = await factsFold(ctx.db, of.type, [...rows.keys()])
  const found = [...rows].flatMap(([id, is]) => {
    const message = difference(told.get(id), is)
    return message === null ? [] : [finding(of, id, message)]
  })
  return { found, last: [...rows.keys()].at(-1) }
}

function finding(of: ResourceFacts, id: string, message: string): Finding {
  const words = 'write into the timeline what the row says'
  const found: Finding = { resourceType: of.type, resourceId: id, message }
  const run = async (tx: Context) => {
    // the facts stand in fsck's own line: one that says 'delete' would prove what nobody asked for
    await mendTell(tx, checkName, found)
    await tell(tx.db, of, id)
  }
  found.repair = { words, isTold: true, run: ({ ctx }) => ctx.transaction(run) }
  return found
}

async function tell(db: Db, of: ResourceFacts, id: string): Promise<void> {
  const is = (await rowsRead(db, of, { ids: [id] })).get(id)
  const told = (await factsFold(db, of.type, [id])).get(id)
  factsNote(db, {
    type: of.type,
    id,
    change: is ? 'update' : 'delete',
    ...projectOf(of, is ?? told ?? {}),
    facts: is ? { ...goneParts(told), ...is } : null,
  })
}

/** Those that the timeline believes to be there, and no row is. */
async function findGonePage(ctx: Context, of: ResourceFacts, after: string): Promise<{ found: Finding[]; last: string | undefined }> {
  const ids = await idsAfter(ctx.db, of.type, after)
  const told = await factsFold(ctx.db, of.type, ids)
  const isThere = (facts: Facts | undefined) =>
    Boolean(facts) && (of.own !== null || Object.values(facts ?? {}).some((value) => value !== null))
  const believed = ids.filter((id) => isThere(told.get(id)))
  const there = await rowsRead(ctx.db, of, { ids: believed })
  const gone = believed.filter((id) => !there.has(id))
  return { found: gone.map((id) => finding(of, id, 'the timeline does not say that it is gone')), last: ids.at(-1) }
}

const checkName = 'timeline'

/** fsck's comparison of the timeline with the rows that it tells of; what changes between the two readings a second look excuses (fsck/look.ts). */
export const timelineCheck = (tables: FactsOf): Check => ({
  name: checkName,
  invariant: 1,
  async *find(ctx) {
    for (const find of [findPage, findGonePage])
      for (const of of resourcesOf(tables))
        for (let after: string | undefined = ''; after !== undefined;) {
          const { found, last }: { found: Finding[]; last: string | undefined } = await find(ctx, of, after)
          yield* found
          after = last
        }
  },
})

/** Once for each list of facts: what rows of an earlier version hold is told, so that a follower knows all that is there. */
export async function timelineBaseline(ctx: Context, tables: FactsOf): Promise<void> {
  const names = await cursorNames(ctx.db, baselineName)
  const known = new Set(names)
  const all = resourcesOf(tables).map((of) => ({ of, name: nameOf(of) }))
  const untold = all.filter(({ name }) => !known.has(name))
  for (const { of } of untold)
    for (let after: string | undefined = ''; after !== undefined;)
      after = await ctx.transaction(async ({ db }) => {
        const rows = await rowsRead(db, of, { after: after ?? '', limit: pageSize })
        // what an earlier version told of parts may be told no more
        const told = names.length === 0 ? new Map<string, Facts>() : await factsFold(db, of.type, [...rows.keys()])
        for (const [id, facts] of rows)
          factsNote(db, { type: of.type, id, change: 'update', ...projectOf(of, facts), facts: { ...goneParts(told.get(id)), ...facts } })
        return [...rows.keys()].at(-1)
      })
  const wanted = all.map(({ name }) => name)
  if (untold.length > 0 || names.some((name) => !wanted.includes(name)))
    await ctx.transaction(({ db }) => cursorsReplace(db, names, { by: wanted, seq: 1 }))
}

const baselineName = 'facts of '

/** By what is told alone: a declaration that says it otherwise calls for no line. */
const nameOf = ({ type, own, parts }: Pick<ResourceFacts, 'type' | 'own' | 'parts'>): string =>
  `${baselineName}${type}: ${[own?.facts.join(' ') ?? '', ...parts.map(({ part, facts }) => `${part?.name}(${facts.join(' ')})`).sort()].join(', ')}`

const projectOf = ({ own }: ResourceFacts, facts: Known): { projectId?: string | null } =>
  own?.project === undefined ? {} : { projectId: (facts[own.project] as string | undefined) ?? null }
