// The timeline: every change to a resource leaves one row — who, what request, what decision, what error. The
// instance actions API, audit, metering and `stackling why` read the same rows. Written in the change's transaction.
import type { InsertResult } from 'kysely'
import { isoMillis } from './clock.ts'
import { cache, type Context } from './context.ts'
import { statement } from './store/statement.ts'
import type { Db } from './store/store.ts'
import type { Migrations } from './store/migrate.ts'

/**
 * How far an action is. The last three are about its steps, and say nothing about how it ends: a try failed and another
 * follows; it waits for something; a step failed for good, and what was done is taken back.
 */
export type EventResult = 'start' | 'success' | 'error' | 'decision' | 'retry' | 'wait' | 'unwind'

export const isStepResult = (result: EventResult): boolean => result === 'retry' || result === 'wait' || result === 'unwind'

export interface EventRow {
  /** rises with time: 15 digits of milliseconds, a dash, 4 that count within the millisecond, random */
  id: string
  at: string
  /** 'server', 'port', 'volume' */
  resource_type: string
  resource_id: string
  project_id: string | null
  user_id: string | null
  request_id: string
  /** what the user asked for: 'create', 'reboot' */
  action: string
  /** the part of it: a saga's step; '' for the action as a whole */
  event: string
  result: EventResult
  /** in words, for users */
  message: string | null
  host: string | null
  /** JSON: the decision's grounds, the error's cause */
  details: string | null
}

interface Tables {
  events: EventRow
}

export const eventMigrations: Migrations = {
  '0001-events': async (db) => {
    await db.schema
      .createTable('events')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('at', 'text', (c) => c.notNull())
      .addColumn('resource_type', 'text', (c) => c.notNull())
      .addColumn('resource_id', 'text', (c) => c.notNull())
      .addColumn('project_id', 'text')
      .addColumn('user_id', 'text')
      .addColumn('request_id', 'text', (c) => c.notNull())
      .addColumn('action', 'text', (c) => c.notNull())
      .addColumn('event', 'text', (c) => c.notNull())
      .addColumn('result', 'text', (c) => c.notNull())
      .addColumn('message', 'text')
      .addColumn('host', 'text')
      .addColumn('details', 'text')
      .execute()
    await db.schema.createIndex('events_resource').on('events').columns(['resource_id', 'id']).execute()
  },
}

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

const q = (db: Db) => db.as<Tables>()

const columns = [
  'id',
  'at',
  'resource_type',
  'resource_id',
  'project_id',
  'user_id',
  'request_id',
  'action',
  'event',
  'result',
  'message',
  'host',
  'details',
] as const
const insert = statement<Tables, EventRow, InsertResult>((from, values) =>
  from.insertInto('events').values(Object.fromEntries(columns.map((column) => [column, values[column]])) as unknown as EventRow),
)

/** Adds one line to a resource's timeline, with who asks taken from the context. */
export async function eventAppend(ctx: Context, event: NewEvent): Promise<void> {
  const nowMs = ctx.clock.nowMs()
  const row: EventRow = {
    id: nextId(ctx, nowMs),
    at: isoMillis(nowMs),
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
  }
  await insert.change(ctx.db, row)
}

/** What one request does within a millisecond keeps its order. */
function nextId(ctx: Context, nowMs: number): string {
  const last = cache(ctx, 'events.last', () => ({ atMs: 0, count: 0 }))
  last.count = last.atMs === nowMs ? last.count + 1 : 0
  last.atMs = nowMs
  return `${String(nowMs).padStart(15, '0')}-${String(last.count).padStart(4, '0')}${ctx.ids.hex().slice(0, 8)}`
}

const ofRequest = statement<Tables, { resourceId: string; requestId: string }, EventRow>((from, { resourceId, requestId }) =>
  from
    .selectFrom('events')
    .selectAll()
    .where('resource_id', '=', resourceId)
    .where('request_id', '=', requestId)
    .orderBy('id', 'desc')
    .limit(1),
)
/** The newest line that this request left in a resource's timeline. */
export const eventOfRequest = (db: Db, resourceId: string, requestId: string) => ofRequest.first(db, { resourceId, requestId })

/** A resource's timeline, newest first, at most `limit` lines. */
export const eventsOf = (db: Db, resourceId: string, limit = 1000) =>
  q(db).selectFrom('events').selectAll().where('resource_id', '=', resourceId).orderBy('id', 'desc').limit(limit).execute()
