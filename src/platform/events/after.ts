// The timeline as a follower reads it: everything after a number, each line once, none missed, from all processes. A number is
// all that a follower keeps; where retention has cut lines that it had not read, it is told.
import { page } from '../store/page.ts'
import { statement } from '../store/statement.ts'
import type { Db } from '../store/store.ts'
import { assert } from '../errors.ts'
import { timelineSettled } from './settled.ts'
import type { CursorRow, EventRow, EventTables } from './tables.ts'

export interface EventFilter {
  /** resource types */
  types?: readonly string[] | undefined
  projectId?: string | undefined
}

export interface EventsPage {
  /** of the lines after `after` and up to `until`, retention has removed those of resources that are gone */
  gap: { after: number; until: number } | null
  events: EventRow[]
  /** where to go on */
  cursor: number
  /** there is more to be had now */
  more: boolean
  /** there may be more in a moment: a transaction that drew a number may still run */
  pending: boolean
}

/** as retention keeps it: every line up to there may be missing */
export const cutName = 'retention'

const cursor = statement<EventTables, { name: string }, CursorRow>((from, { name }) =>
  from.selectFrom('event_cursors').selectAll().where('name', '=', name),
)

/** How far the follower of this name got; 0: it never said. */
export const cursorFetch = async (db: Db, name: string): Promise<number> => (await cursor.first(db, { name }))?.seq ?? 0

/** The names of cursors that begin so. */
export const cursorNames = async (db: Db, prefix: string): Promise<string[]> =>
  (await db.as<EventTables>().selectFrom('event_cursors').select('name').where('name', 'like', `${prefix}%`).execute()).map(
    ({ name }) => name,
  )

/** In the transaction that did what these lines call for, they come exactly once. A cursor never goes back. */
export const cursorSave = (db: Db, name: string, seq: number): Promise<void> => cursorsSave(db, [name], seq)

async function cursorsSave(db: Db, names: string[], seq: number): Promise<void> {
  await db
    .as<EventTables>()
    .insertInto('event_cursors')
    .values(names.map((name) => ({ name, seq })))
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ seq }).where('event_cursors.seq', '<', seq))
    .execute()
}

export async function cursorsReplace(db: Db, names: string[], { by, seq }: { by: string[]; seq: number }): Promise<void> {
  const stale = names.filter((name) => !by.includes(name))
  if (stale.length > 0) await db.as<EventTables>().deleteFrom('event_cursors').where('name', 'in', stale).execute()
  if (by.length > 0) await cursorsSave(db, by, seq)
}

/** At most `limit` lines after a number, in an order that holds the commits of each resource's changes. Not in a transaction. */
export async function eventsAfter(
  db: Db,
  after: number,
  { limit = 1000, types, projectId }: EventFilter & { limit?: number } = {},
): Promise<EventsPage> {
  assert(!db.inTransaction, 'a transaction sees the timeline as it was when it began')
  const { seq: settled, pending } = await timelineSettled(db)
  let query = db.as<EventTables>().selectFrom('events').selectAll().where('seq', '<=', settled)
  if (types) query = query.where('resource_type', 'in', types)
  if (projectId !== undefined) query = query.where('project_id', '=', projectId)
  const events = await page(query, { sorts: [{ column: 'seq', direction: 'asc' }], limit, after: { seq: after } }).execute()
  // nobody acts on what a power failure could still undo
  await db.store.durable()
  // after the lines: what retention cut while they were read may be missing among them
  const cut = await cursorFetch(db, cutName)
  const more = events.length === limit
  return {
    gap: after < cut ? { after, until: cut } : null,
    events,
    cursor: more ? (events.at(-1)?.seq ?? after) : Math.max(after, settled),
    more,
    pending,
  }
}
