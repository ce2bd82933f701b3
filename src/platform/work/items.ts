// The rows of durable work: queued, advanced, turned back, ended. Every change after the claim (claim.ts) names the fence
// it was claimed with; no row changed means that somebody else owns the item now.
import { sql, type DeleteResult, type InsertResult, type Kysely, type UpdateResult } from 'kysely'
import { idList, inList } from '../store/ids-in.ts'
import { page, type Sort } from '../store/page.ts'
import { shapedStatement, statement } from '../store/statement.ts'
import type { Db } from '../store/store.ts'
import type { Migrations } from '../store/migrate.ts'

/** ready: waits for its time; running: has an owner; dead: abandoned, needs a person (visible, can be retried). */
export type ItemState = 'ready' | 'running' | 'dead'
/** forward: doing the steps; undo: taking them back */
export type ItemPhase = 'forward' | 'undo'

export interface ItemRow {
  id: string
  kind: 'saga' | 'reconciler'
  name: string
  /** saga: the resource that it is about; reconciler: its key */
  resource_id: string
  project_id: string | null
  limit_key: string | null
  limit_max: number
  /** see definition.ts; each has workers that the others leave to it */
  priority: number
  /** lower runs first: see itemInsert */
  turn: number
  state: ItemState
  phase: ItemPhase
  step: number
  attempts: number
  /** how often its step may be tried, by what it failed of last */
  most_attempts: number
  /** how often the undo at this step was refused for good, as opposed to not answered */
  refusals: number
  /** JSON text: each step reads it anew, and so sees nothing that another process would not */
  data: string
  run_at: number
  deadline_at: number
  lease_until: number
  worker: string | null
  fence: number
  /** counts signals, so that one during a run is not lost */
  signals: number
  reason: string | null
  /** what the step that it is at said last of how far it is */
  progress: string | null
  actor: string
  request_id: string
  created_at: number
}

export interface WorkTables {
  work_items: ItemRow
  counters: { name: string; value: number }
}

export const workMigrations: Migrations = {
  '0001-work': async (db) => {
    await db.schema
      .createTable('counters')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('value', 'bigint', (c) => c.notNull())
      .execute()
    await sql`insert into counters (name, value) values ('fence', 0)`.execute(db)
    await db.schema
      .createTable('work_items')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('resource_id', 'text', (c) => c.notNull())
      .addColumn('project_id', 'text')
      .addColumn('limit_key', 'text')
      .addColumn('limit_max', 'integer', (c) => c.notNull().defaultTo(0))
      .addColumn('priority', 'integer', (c) => c.notNull().defaultTo(0))
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('phase', 'text', (c) => c.notNull())
      .addColumn('step', 'integer', (c) => c.notNull())
      .addColumn('attempts', 'integer', (c) => c.notNull().defaultTo(0))
      .addColumn('data', 'text', (c) => c.notNull())
      .addColumn('run_at', 'bigint', (c) => c.notNull())
      .addColumn('deadline_at', 'bigint', (c) => c.notNull())
      .addColumn('lease_until', 'bigint', (c) => c.notNull().defaultTo(0))
      .addColumn('worker', 'text')
      .addColumn('fence', 'bigint', (c) => c.notNull().defaultTo(0))
      .addColumn('signals', 'integer', (c) => c.notNull().defaultTo(0))
      .addColumn('reason', 'text')
      .addColumn('actor', 'text', (c) => c.notNull())
      .addColumn('request_id', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .execute()
    await db.schema.createIndex('work_items_ready').on('work_items').columns(['state', 'run_at']).execute()
    await db.schema.createIndex('work_items_resource').on('work_items').columns(['resource_id']).execute()
    await db.schema.createIndex('work_items_limit').on('work_items').columns(['limit_key', 'state']).execute()
  },
  '0002-refusals': async (db) => {
    await db.schema
      .alterTable('work_items')
      .addColumn('refusals', 'integer', (c) => c.notNull().defaultTo(0))
      .execute()
  },
  '0003-turns': async (db) => {
    await sql`update work_items set priority = 0 where priority < 0`.execute(db)
    await db.schema
      .alterTable('work_items')
      .addColumn('turn', 'integer', (c) => c.notNull().defaultTo(0))
      .execute()
    // all that a claim asks of those that it passes over (not due yet, too many of their kind) is in the index
    await db.schema.createIndex('work_items_turn').on('work_items').columns(['state', 'priority', 'turn', 'run_at', 'limit_key']).execute()
    await db.schema.createIndex('work_items_lane').on('work_items').columns(['project_id', 'name', 'turn']).execute()
  },
  '0004-progress': async (db) => {
    await db.schema.alterTable('work_items').addColumn('progress', 'text').execute()
  },
  // most work is without a limit, or nobody's: reconcilers are neither in one of these indexes nor is a claim of them written there
  '0005-narrow-indexes': async (db) => {
    await db.schema.dropIndex('work_items_limit').execute()
    await db.schema
      .createIndex('work_items_limit')
      .on('work_items')
      .columns(['limit_key', 'state'])
      .where(sql.ref('limit_key'), 'is not', null)
      .execute()
    await db.schema.dropIndex('work_items_lane').execute()
    await db.schema
      .createIndex('work_items_lane')
      .on('work_items')
      .columns(['project_id', 'name', 'turn'])
      .where(sql.ref('project_id'), 'is not', null)
      .execute()
  },
  '0006-most-attempts': async (db) => {
    await db.schema
      .alterTable('work_items')
      .addColumn('most_attempts', 'integer', (c) => c.notNull().defaultTo(6))
      .execute()
  },
}

const q = (db: Db) => db.as<WorkTables>()

/**
 * Fair queueing: what a project asks of one kind of work is a lane. An item comes one turn after the last of its lane and
 * after those that run now; within a turn, who came first. So the lanes take turns, who asks for one thing does not wait
 * behind who asked for 10,000, and those do not wait for ever behind new ones.
 */
const nextTurn = ({
  lane,
  name,
  priority,
}: Pick<ItemRow, 'name' | 'priority'> & { lane: string }) => sql<number>`coalesce((select max(turn) from (
  select max(turn) as turn from work_items where project_id = ${lane} and name = ${name}
  union all select max(turn) from work_items where state = 'running' and priority = ${priority}) as latest), 0) + 1`

const columns = [
  'id',
  'kind',
  'name',
  'resource_id',
  'project_id',
  'limit_key',
  'limit_max',
  'priority',
  'state',
  'phase',
  'step',
  'attempts',
  'most_attempts',
  'refusals',
  'data',
  'run_at',
  'deadline_at',
  'lease_until',
  'worker',
  'fence',
  'signals',
  'reason',
  'progress',
  'actor',
  'request_id',
  'created_at',
] as const
const insert = statement<WorkTables, ItemRow & { lane: string }, InsertResult>((from, values) => {
  // every column once, from the same list as the type
  const given = Object.fromEntries(columns.map((column) => [column, values[column]])) as unknown as ItemRow
  return from.insertInto('work_items').values({ ...given, turn: nextTurn(values) })
})

/** At the end of its lane. */
export const itemInsert = (db: Db, row: ItemRow) => insert.change(db, { ...row, lane: row.project_id ?? '' })

type Signal = Pick<ItemRow, 'kind' | 'name' | 'project_id' | 'priority' | 'run_at' | 'deadline_at' | 'actor' | 'request_id'> & {
  list: string
}

const signal = statement<WorkTables, Signal, InsertResult>(
  (_, { kind, name, project_id, priority, run_at, deadline_at, actor, request_id, list }, { dialect }) => sql<InsertResult>`
    insert into work_items (id, kind, name, resource_id, project_id, priority, state, phase, step, data, run_at, deadline_at, actor, request_id, created_at)
    select cast(${name} as text) || '/' || key, cast(${kind} as text), cast(${name} as text), key, cast(${project_id} as text), cast(${priority} as integer), 'ready', 'forward', 0, '{}',
      cast(${run_at} as bigint), cast(${deadline_at} as bigint), cast(${actor} as text), cast(${request_id} as text), cast(${run_at} as bigint)
    from (${dialect === 'postgres' ? sql`select jsonb_array_elements_text(cast(${list} as jsonb)) as key` : sql`select value as key from json_each(${list})`}) as keys
    where true
    on conflict (id) do update set signals = work_items.signals + 1, run_at = case when work_items.run_at > excluded.run_at then excluded.run_at else work_items.run_at end`,
)

/** Makes the reconciler's row for each key where it is missing, and all of them due. Its id is its name and key, so that there is one. */
export const itemsSignal = (db: Db, keys: string[], row: ItemRow) => signal.change(db, { ...row, list: idList(keys.toSorted()) })

const fetchOne = statement<WorkTables, { id: string }, ItemRow>((from, { id }) =>
  from.selectFrom('work_items').selectAll().where('id', '=', id),
)
export const itemFetch = (db: Db, id: string) => fetchOne.first(db, { id })

/** what is under way, or dead, for a resource: oldest first */
export const itemsOfResource = (db: Db, resourceId: string) =>
  q(db).selectFrom('work_items').selectAll().where('resource_id', '=', resourceId).orderBy('created_at').limit(100).execute()

/** what waits longest first; a page after a place in that order */
export function itemsInState(db: Db, state: ItemState, limit: number, after?: Pick<ItemRow, 'run_at' | 'id'>): Promise<ItemRow[]> {
  const sorts: Sort[] = [
    { column: 'run_at', direction: 'asc' },
    { column: 'id', direction: 'asc' },
  ]
  return page(q(db).selectFrom('work_items').selectAll().where('state', '=', state), { sorts, limit, after }).execute()
}

/** how many items there are in each state */
export async function itemsCount(db: Db): Promise<Map<ItemState, number>> {
  const rows = await q(db)
    .selectFrom('work_items')
    .select((e) => ['state', e.fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute()
  return new Map(rows.map(({ state, count }) => [state, Number(count)]))
}

const update = shapedStatement<WorkTables, Pick<ItemRow, 'id' | 'fence'> & { change: Partial<ItemRow> }, UpdateResult>(
  (from, { id, fence, change }) =>
    from.updateTable('work_items').set(change).where('id', '=', id).where('fence', '=', fence).where('state', '=', 'running'),
)

/** Changes the item if this claim still owns it; false when the lease was lost. */
export const itemUpdateFenced = async (db: Db, { id, fence }: Pick<ItemRow, 'id' | 'fence'>, change: Partial<ItemRow>): Promise<boolean> =>
  (await update.change(db, { id, fence, change })) === 1

const deletion = statement<WorkTables, Pick<ItemRow, 'id' | 'fence'>, DeleteResult>((from, { id, fence }) =>
  from.deleteFrom('work_items').where('id', '=', id).where('fence', '=', fence).where('state', '=', 'running'),
)

export const itemDeleteFenced = async (db: Db, { id, fence }: Pick<ItemRow, 'id' | 'fence'>): Promise<boolean> =>
  (await deletion.change(db, { id, fence })) === 1

const renew = statement<WorkTables, { list: string; worker: string; leaseUntil: number }, { fence: number }>(
  (from, { list, worker, leaseUntil }, db) =>
    from
      .updateTable('work_items')
      .set({ lease_until: leaseUntil })
      .where(inList(db, 'id', list))
      .where('worker', '=', worker)
      .where('state', '=', 'running')
      .returning('fence'),
)

/** Lengthens the leases of these items, which this worker runs; the fences of those that it still owns. */
export const itemsRenew = async (
  db: Db,
  ids: string[],
  { worker, leaseUntil }: { worker: string; leaseUntil: number },
): Promise<Set<number>> => new Set((await renew.rows(db, { list: idList(ids), worker, leaseUntil })).map(({ fence }) => Number(fence)))

type Rest = Pick<ItemRow, 'id' | 'fence' | 'attempts' | 'reason' | 'run_at'>

const restOf = (from: Kysely<WorkTables>, { id, fence, attempts, reason, run_at }: Rest) =>
  from
    .updateTable('work_items')
    .set({ state: 'ready', worker: null, lease_until: 0, attempts, reason, run_at })
    .where('id', '=', id)
    .where('fence', '=', fence)
    .where('state', '=', 'running')

const rest = statement<WorkTables, Rest, UpdateResult>(restOf)
const restUnlessSignalled = statement<WorkTables, Rest & Pick<ItemRow, 'signals'>, UpdateResult>((from, given) =>
  restOf(from, given).where('signals', '=', given.signals),
)

/** A reconciler's round ended: it runs again later, and soon when it was signalled since it was claimed. When; null when the lease was lost. */
export const itemRest = async (
  db: Db,
  item: ItemRow,
  next: { attempts: number; reason: string | null; soonMs: number; laterMs: number },
): Promise<number | null> => {
  const { soonMs, laterMs, ...change } = next
  const resting = { id: item.id, fence: item.fence, ...change }
  if ((await restUnlessSignalled.change(db, { ...resting, signals: item.signals, run_at: laterMs })) === 1) return laterMs
  return (await rest.change(db, { ...resting, run_at: soonMs })) === 1 ? soonMs : null
}

/** A dead item stands as ready again where it stopped, its tries uncounted; false when it is not dead (any more). */
export async function itemRevive(db: Db, id: string, times: { nowMs: number; deadlineAt: number }): Promise<boolean> {
  const change = { state: 'ready' as const, attempts: 0, refusals: 0, run_at: times.nowMs, deadline_at: times.deadlineAt, lease_until: 0 }
  const result = await q(db).updateTable('work_items').set(change).where('id', '=', id).where('state', '=', 'dead').executeTakeFirst()
  return Number(result.numUpdatedRows) === 1
}

/**
 * Turns a saga to its undo, in whichever process it runs: its worker's fence is gone. `step` is the one that it may be in the midst of.
 * False when it has moved since it was read.
 */
export async function itemTurnBack(
  db: Db,
  read: Pick<ItemRow, 'id' | 'fence' | 'step' | 'phase'>,
  { step, nowMs, reason }: { step: number; nowMs: number; reason: string },
): Promise<boolean> {
  const change = {
    state: 'ready' as const,
    phase: 'undo' as const,
    step,
    attempts: 0,
    refusals: 0,
    worker: null,
    lease_until: 0,
    run_at: nowMs,
    reason,
    progress: null,
  }
  const result = await q(db)
    .updateTable('work_items')
    .set(change)
    .where('id', '=', read.id)
    .where('fence', '=', read.fence)
    .where('step', '=', read.step)
    .where('phase', '=', read.phase)
    .executeTakeFirst()
  return Number(result.numUpdatedRows) === 1
}

const cancel = shapedStatement<WorkTables, { resourceId: string; names: string[] | undefined }, DeleteResult>(
  (from, { resourceId, names }) => {
    const query = from.deleteFrom('work_items').where('resource_id', '=', resourceId).where('kind', '=', 'saga')
    return names === undefined ? query : query.where('name', 'in', names)
  },
)

/** Takes a resource's sagas (or those of these names) away from their owners, dead ones included. */
export const itemsCancel = (db: Db, resourceId: string, names: string[] | null) =>
  cancel.change(db, { resourceId, names: names ?? undefined })

const forget = statement<WorkTables, { resourceId: string }, DeleteResult>((from, { resourceId }) =>
  from.deleteFrom('work_items').where('resource_id', '=', resourceId).where('kind', '=', 'saga').where('state', '=', 'dead'),
)

/** Drops a resource's dead sagas. */
export const itemsForget = (db: Db, resourceId: string) => forget.change(db, { resourceId })

/** The clock was set back by so much: what was to come at a time comes when that much less has passed. */
export const itemsSetBack = (db: Db, nowMs: number, byMs: number) =>
  q(db)
    .updateTable('work_items')
    .set((e) => ({ run_at: e('run_at', '-', byMs) }))
    .where('state', '=', 'ready')
    .where('run_at', '>', nowMs)
    .execute()

/** At the start of the only control process on this store: nobody else can own anything. */
export const itemsRelease = (db: Db, nowMs: number) =>
  q(db)
    .updateTable('work_items')
    .set({ state: 'ready', worker: null, run_at: nowMs, lease_until: 0 })
    .where('state', '=', 'running')
    .execute()
