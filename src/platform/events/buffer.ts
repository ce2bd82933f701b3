// What a transaction tells: its lines and the facts that its rows changed wait here and are written in one statement as
// the last thing before the commit. So a line's number is drawn after all row changes: of two transactions that change
// the same row, the later one waits for the first one's commit, and its numbers are higher.
import type { InsertResult } from 'kysely'
import { isoMillis } from '../clock.ts'
import type { Context } from '../context.ts'
import { assert } from '../errors.ts'
import { idList, listValues } from '../store/ids-in.ts'
import { shapedStatement, statement } from '../store/statement.ts'
import type { FactsNote } from '../store/facts.ts'
import { sql, type Db } from '../store/store.ts'
import { changeEvent, eventColumns, type EventLine, type EventTables } from './tables.ts'
import { timelineWake } from './wake.ts'

interface Buffer {
  /** in whose name lines are written that nobody wrote */
  origin: Context | null
  lines: EventLine[]
}

interface Change extends FactsNote {
  /** told of it since it was gone */
  parts?: Record<string, unknown>
}

const buffers = new WeakMap<Db, Buffer>()

function bufferOf(db: Db): Buffer {
  let buffer = buffers.get(db)
  if (buffer) return buffer
  const made: Buffer = (buffer = { origin: null, lines: [] })
  buffers.set(db, made)
  db.beforeCommit(() => flush(db, made))
  return buffer
}

/** Called where a transaction is opened. */
export function timelineBegin(tx: Context): void {
  bufferOf(tx.db).origin = tx
}

export const lineAdd = (db: Db, line: EventLine): void => void bufferOf(db).lines.push(line)

/** This transaction's own lines, oldest first, which no query finds yet. */
export const linesPending = (db: Db): EventLine[] => buffers.get(db)?.lines ?? []

/** Notes what no statement tells, in its turn among those that come by themselves (platform/store/facts.ts). */
export function factsNote(db: Db, note: FactsNote): void {
  assert(db.inTransaction, `a ${note.type} changed outside a transaction: its line in the timeline belongs into the same commit`)
  bufferOf(db)
  db.notes.push(note)
}

/** Later facts are laid over earlier ones. Of what is gone parts say nothing any more, unless it is made anew. */
function changeLay(changes: Map<string, Change>, { type, id, change, projectId, facts }: FactsNote): void {
  const key = `${type} ${id}`
  const known = changes.get(key)
  if (!known)
    return void changes.set(key, { type, id, change, facts: facts && { ...facts }, ...(projectId === undefined ? {} : { projectId }) })
  if (projectId !== undefined) known.projectId = projectId
  if (facts === null) Object.assign(known, { change, facts, parts: noneOf({ ...known.parts, ...known.facts }) })
  else if (known.facts !== null) Object.assign(known.facts, facts)
  else if (change === 'create') known.facts = { ...known.parts, ...facts }
  else known.parts = { ...known.parts, ...facts }
  if (change === 'create') known.change = known.change === 'delete' ? 'update' : change
}

/** Made anew in the same transaction, it has none of these, unless it is said again. */
const noneOf = (facts: Record<string, unknown>): Record<string, null> => Object.fromEntries(Object.keys(facts).map((name) => [name, null]))

async function flush(db: Db, { origin, lines }: Buffer): Promise<void> {
  const changes = new Map<string, Change>()
  for (const note of db.notes) changeLay(changes, note)
  if (lines.length === 0 && changes.size === 0) return
  const last = new Map(lines.map((line) => [resourceOf(line), line]))
  // whoever asks, the row knows whose it is
  for (const line of lines) {
    const projectId = changes.get(resourceOf(line))?.projectId
    if (projectId !== undefined) line.project_id = projectId
  }
  const untold: EventLine[] = []
  const unowned: EventLine[] = []
  for (const [key, note] of changes) {
    const line = last.get(key)
    if (line) {
      line.facts = JSON.stringify(note.facts)
      continue
    }
    const made = changeLine(origin, note)
    untold.push(made)
    if (note.projectId === undefined) unowned.push(made)
  }
  // a deleted resource is gone, also where no store noted it
  for (const line of lines) if (line.facts === null && isDeletion(line)) line.facts = 'null'
  await setProjects(db, unowned)
  await linesInsert(db, [...lines, ...untold])
  db.afterCommit(() => timelineWake(db.store))
}

const resourceOf = ({ resource_type, resource_id }: Pick<EventLine, 'resource_type' | 'resource_id'>): string =>
  `${resource_type} ${resource_id}`

const isDeletion = ({ action, event, result }: EventLine): boolean => action === 'delete' && event === '' && result === 'success'

function changeLine(origin: Context | null, { type, id, change, projectId, facts }: FactsNote): EventLine {
  assert(origin, `a ${type} changed in a transaction that is nobody's: open it with ctx.transaction`)
  return {
    at: isoMillis(origin.clock.nowMs()),
    resource_type: type,
    resource_id: id,
    project_id: projectId ?? null,
    user_id: origin.actor.userId,
    request_id: origin.requestId,
    action: change,
    event: changeEvent,
    result: 'success',
    message: null,
    host: null,
    details: null,
    facts: JSON.stringify(facts),
  }
}

interface Owner {
  id: string
  project_id: string | null
}

/** One look into the index for each id, however long its timeline is. */
const owners = statement<EventTables, { type: string; list: string }, Owner>((from, { type, list }, db) =>
  from
    .selectFrom(sql<{ value: string }>`(${listValues(db, list)})`.as('wanted'))
    .select((of) => [
      'wanted.value as id',
      of
        .selectFrom('events')
        .select('project_id')
        .where('resource_id', '=', of.ref('wanted.value'))
        .where('resource_type', '=', type)
        .orderBy('seq', 'desc')
        .limit(1)
        .as('project_id'),
    ]),
)

/** A line whose change does not name the project is of the project of the resource's line before. */
async function setProjects(db: Db, unowned: EventLine[]): Promise<void> {
  for (const [type, lines] of Map.groupBy(unowned, ({ resource_type }) => resource_type)) {
    const ids = lines.map(({ resource_id }) => resource_id)
    const rows = await owners.rows(db, { type, list: idList(ids) })
    const known = new Map(rows.map(({ id, project_id }) => [id, project_id]))
    for (const line of lines) line.project_id = known.get(line.resource_id) ?? null
  }
}

/** of a statement; each number of lines is a statement that is compiled once */
const mostAtOnce = 40

/** most transactions tell one line: nothing of its shape has to be looked at */
const insertOne = statement<EventTables, EventLine, InsertResult>((from, line) =>
  from.insertInto('events').values(Object.fromEntries(eventColumns.map((column) => [column, line[column]])) as never),
)
const insert = shapedStatement<EventTables, { lines: EventLine[] }, InsertResult>((from, { lines }) =>
  from.insertInto('events').values(lines as never),
)

/**
 * One round trip for all. On PostgreSQL a transaction must have its id before it draws a number, which settled.ts relies on. A row that
 * was changed gave it one; without, it is asked for.
 */
async function linesInsert(db: Db, lines: EventLine[]): Promise<void> {
  if (db.dialect === 'postgres' && !db.hasChanged()) await sql`select pg_current_xact_id()`.execute(db.as())
  const [first] = lines
  if (first && lines.length === 1) await insertOne.change(db, first)
  else for (let from = 0; from < lines.length; from += mostAtOnce) await insert.change(db, { lines: lines.slice(from, from + mostAtOnce) })
}
