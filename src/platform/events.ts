// The timeline: every change to a resource leaves one line — who, what request, what decision, what error, which facts. The
// instance actions API, audit, metering and `stackling why` read the same lines. Written in the change's transaction.
import { isoMillis } from './clock.ts'
import { allStores, type Context, type Platform } from './context.ts'
import { lineAdd, linesPending } from './events/buffer.ts'
import { statement } from './store/statement.ts'
import type { Db } from './store/store.ts'
import { changeEvent, type EventLine, type EventResult, type EventTables } from './events/tables.ts'

export { changeEvent, eventMigrations, isStepResult, type EventLine, type EventResult, type EventRow } from './events/tables.ts'

export interface NewEvent {
  resourceType: string
  resourceId: string
  /** of the resource, when it is not the actor's */
  projectId?: string | null
  action: string
  event?: string
  result: EventResult
  message?: string
  host?: string | null
  details?: unknown
}

/** Adds one line to a resource's timeline, with who asks taken from the context; it is written when the transaction commits. */
export async function eventAppend(ctx: Context, event: NewEvent): Promise<void> {
  if (!ctx.db.inTransaction) return ctx.transaction((tx) => eventAppend(tx, event))
  lineAdd(ctx.db, {
    at: isoMillis(ctx.clock.nowMs()),
    resource_type: event.resourceType,
    resource_id: event.resourceId,
    project_id: event.projectId === undefined ? ctx.actor.projectId : event.projectId,
    user_id: ctx.actor.userId,
    request_id: ctx.requestId,
    action: event.action,
    event: event.event ?? '',
    result: event.result,
    message: event.message ?? null,
    host: event.host ?? null,
    details: event.details === undefined ? null : JSON.stringify(event.details),
    facts: null,
  })
}

const ofRequest = statement<EventTables, { resourceId: string; requestId: string }, EventLine>((from, { resourceId, requestId }) =>
  from
    .selectFrom('events')
    .selectAll()
    .where('resource_id', '=', resourceId)
    .where('request_id', '=', requestId)
    .where('event', '<>', changeEvent)
    .orderBy('seq', 'desc')
    .limit(1),
)
/** The newest line that this request wrote into a resource's timeline. */
export async function eventOfRequest(db: Db, resourceId: string, requestId: string): Promise<EventLine | undefined> {
  const pending = linesPending(db).findLast((line) => line.resource_id === resourceId && line.request_id === requestId)
  return pending ?? ofRequest.first(db, { resourceId, requestId })
}

/** Does the timeline say that a request deleted it, by itself or with what it belonged to? Neither what was released nor what fsck wrote does. */
export async function isToldDeleted(db: Db, resourceType: string, resourceId: string): Promise<boolean> {
  const found = await db
    .as<EventTables>()
    .selectFrom('events')
    .select('seq')
    .where('resource_id', '=', resourceId)
    .where('resource_type', '=', resourceType)
    .where('action', '=', 'delete')
    .where('event', 'in', ['', changeEvent])
    .where('result', '=', 'success')
    .where('facts', '=', 'null')
    .limit(1)
    .executeTakeFirst()
  return found !== undefined
}

/** A resource's timeline as it was written, newest first, at most `limit` lines. */
export async function eventsOf(db: Db, resourceId: string, limit = 1000): Promise<EventLine[]> {
  const pending = linesPending(db).filter((line) => line.resource_id === resourceId)
  const written = await linesOf(db, resourceId).where('event', '<>', changeEvent).limit(limit).execute()
  return [...pending.toReversed(), ...written].slice(0, limit)
}

const linesOf = (db: Db, resourceId: string) =>
  db.as<EventTables>().selectFrom('events').selectAll().where('resource_id', '=', resourceId).orderBy('seq', 'desc')

/** The same in whichever store it is, with what only its rows tell, where the request that changed them left no other line of it. */
export async function storyOf(platform: Pick<Platform, 'store' | 'stores'>, resourceId: string, limit = 1000): Promise<EventLine[]> {
  const stories = await Promise.all(allStores(platform).map((store) => storyIn(store, resourceId, limit)))
  // numbers are a store's own: what several tell of the same resource is in the order of its times
  return stories.filter(({ length }) => length > 0).length < 2
    ? stories.flat()
    : stories
        .flat()
        .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
        .slice(0, limit)
}

async function storyIn(db: Db, resourceId: string, limit: number): Promise<EventLine[]> {
  const lines = await linesOf(db, resourceId).limit(limit).execute()
  const written = new Set(lines.filter(({ event }) => event !== changeEvent).map(({ request_id }) => request_id))
  return lines.filter(({ event, request_id }) => event !== changeEvent || !written.has(request_id))
}
