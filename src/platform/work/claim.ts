// Who runs next: a claim takes due items with a lease and a fence that rises whole cloud over. In their turns (see
// itemInsert), within the limits of their kinds and the room of their priorities.
import { sql, type UpdateResult } from 'kysely'
import { assert } from '../errors.ts'
import { statement } from '../store/statement.ts'
import type { Db } from '../store/store.ts'
import { priorities } from './definition.ts'
import type { ItemRow, WorkTables } from './items.ts'

export interface ClaimRequest {
  worker: string
  nowMs: number
  leaseMs: number
  max: number
  /** of these at most so many, by priority; any number of what is not in it */
  room?: Map<number, number>
}

/** Without an order and in two statements: for SQLite, joining and sorting costs ten times what finding does. */
const ready = statement<WorkTables, { nowMs: number; most: number }, ItemRow>((from, { nowMs, most }) =>
  from.selectFrom('work_items').selectAll().where('state', '=', 'ready').where('run_at', '<=', nowMs).limit(most),
)
const lost = statement<WorkTables, { nowMs: number; most: number }, ItemRow>((from, { nowMs, most }) =>
  from.selectFrom('work_items').selectAll().where('state', '=', 'running').where('lease_until', '<', nowMs).limit(most),
)

/** The first of a long queue, from the index: what is not due or not allowed is passed over there. */
function readyInOrder(
  db: Db,
  { nowMs, most, priority, full }: { nowMs: number; most: number; priority: number; full: string[] },
): Promise<ItemRow[]> {
  // the plus keeps SQLite from taking the index by time, and sorting
  let query = db
    .as<WorkTables>()
    .selectFrom('work_items')
    .selectAll()
    .where('state', '=', 'ready')
    .where('priority', '=', priority)
    .where(sql<boolean>`+run_at <= ${nowMs}`)
  if (full.length > 0) query = query.where((e) => e.or([e('limit_key', 'is', null), e('limit_key', 'not in', full)]))
  return query.orderBy('turn').orderBy('run_at').limit(most).execute()
}

const fencesTake = statement<WorkTables, { count: number }, { value: number }>((from, { count }) =>
  from
    .updateTable('counters')
    .set({ value: sql`value + ${count}` })
    .where('name', '=', 'fence')
    .returning('value'),
)

const take = statement<WorkTables, Pick<ItemRow, 'id' | 'worker' | 'lease_until' | 'fence' | 'attempts'>, UpdateResult>(
  (from, { id, worker, lease_until, fence, attempts }) =>
    from.updateTable('work_items').set({ state: 'running', worker, lease_until, fence, attempts }).where('id', '=', id),
)

export interface Due {
  /** something is due, or its lease ran out */
  isNow: boolean
  /** when something will be; null: nothing will */
  nextAt: number | null
}

interface Times {
  ready_at: number | null
  later_at: number | null
  lost_at: number | null
}

const times = statement<WorkTables, { nowMs: number }, Times>((from, { nowMs }) =>
  from.selectNoFrom((e) => [
    e
      .selectFrom('work_items')
      .select(sql<number | null>`min(run_at)`.as('at'))
      .where('state', '=', 'ready')
      .as('ready_at'),
    e
      .selectFrom('work_items')
      .select(sql<number | null>`min(run_at)`.as('at'))
      .where('state', '=', 'ready')
      .where('run_at', '>', nowMs)
      .as('later_at'),
    e
      .selectFrom('work_items')
      .select(sql<number | null>`min(lease_until) + 1`.as('at'))
      .where('state', '=', 'running')
      .as('lost_at'),
  ]),
)

async function look(db: Db, nowMs: number): Promise<Due & { isReady: boolean; isLost: boolean }> {
  const { ready_at = null, later_at = null, lost_at = null } = (await times.first(db, { nowMs })) ?? {}
  const isReady = ready_at !== null && ready_at <= nowMs
  const isLost = lost_at !== null && lost_at <= nowMs
  const coming = [later_at, isLost ? null : lost_at].filter((at) => at !== null)
  return { isReady, isLost, isNow: isReady || isLost, nextAt: coming.length === 0 ? null : Math.min(...coming) }
}

/** Whether a claim would find anything, and when it should look again. */
export const itemsDue = (db: Db, nowMs: number): Promise<Due> => look(db, nowMs)

/**
 * Takes up to `max` due items: ready ones, and running ones whose lease ran out. One fence each, rising whole cloud over.
 * And what it left.
 */
export async function itemsClaim(db: Db, { worker, nowMs, leaseMs, ...wanted }: ClaimRequest): Promise<{ items: ItemRow[]; due: Due }> {
  assert(db.inTransaction, 'claiming needs a transaction')
  const { isReady, isLost, isNow, nextAt } = await look(db, nowMs)
  if (!isNow) return { items: [], due: { isNow, nextAt } }
  const { chosen, isLeft } = await choose(db, { nowMs, isReady, isLost, ...wanted })
  return { items: await takeAll(db, chosen, { worker, nowMs, leaseMs }), due: { isNow: isLeft, nextAt } }
}

async function takeAll(
  db: Db,
  chosen: ItemRow[],
  { worker, nowMs, leaseMs }: Pick<ClaimRequest, 'worker' | 'nowMs' | 'leaseMs'>,
): Promise<ItemRow[]> {
  if (chosen.length === 0) return []
  const counter = await fencesTake.first(db, { count: chosen.length })
  assert(counter, 'the counter of fences is missing')
  const claimed: ItemRow[] = []
  for (const [index, item] of chosen.entries()) {
    const change = { worker, lease_until: nowMs + leaseMs, fence: counter.value - index, attempts: item.attempts + 1 }
    await take.change(db, { id: item.id, ...change })
    claimed.push({ ...item, state: 'running', ...change })
  }
  return claimed
}

const inTurn = (a: ItemRow, b: ItemRow): number =>
  a.priority - b.priority || a.turn - b.turn || a.run_at - b.run_at || (a.id < b.id ? -1 : 1)

type Choice = Pick<ClaimRequest, 'nowMs' | 'max' | 'room'> & { isReady: boolean; isLost: boolean }

/** Due items in their turn, without those that would be too many of their kind or priority at a time. */
async function choose(db: Db, { nowMs, max, room = new Map(), isReady, isLost }: Choice): Promise<{ chosen: ItemRow[]; isLeft: boolean }> {
  const most = max * 4
  const abandoned = isLost ? await lost.rows(db, { nowMs, most }) : []
  let due = isReady ? [...(await ready.rows(db, { nowMs, most })), ...abandoned] : abandoned
  const isAll = due.length < most
  const running = isAll && due.every(({ limit_key }) => limit_key === null) ? new Map<string, Running>() : await runningByLimit(db, nowMs)
  if (!isAll) {
    const full = [...running].flatMap(([key, { count, max: allowed }]) => (count >= allowed ? [key] : []))
    due = abandoned
    for (const priority of Object.values(priorities)) {
      if (room.get(priority) !== 0) due.push(...(await readyInOrder(db, { nowMs, most, priority, full })))
    }
  }
  const left = new Map(room)
  const chosen: ItemRow[] = []
  for (const item of due.sort(inTurn)) {
    if (chosen.length === max) break
    const places = left.get(item.priority) ?? max
    const { count } = running.get(item.limit_key ?? '') ?? { count: 0 }
    if (places === 0 || (item.limit_key !== null && count >= item.limit_max)) continue
    left.set(item.priority, places - 1)
    if (item.limit_key !== null) running.set(item.limit_key, { count: count + 1, max: item.limit_max })
    chosen.push(item)
  }
  return { chosen, isLeft: !isAll || chosen.length < due.length }
}

/** More than a saga has steps, forward and back. */
const fencesOfClaim = 1_000

/** The first of a claim's own fences for hosts: one more with each step that is through. */
export const hostFence = (claimed: number): number => claimed * fencesOfClaim

/** A fence for hosts without an item, for calls that must yield to all work which is claimed later. In a transaction. */
export async function fenceTake(db: Db): Promise<number> {
  const counter = await fencesTake.first(db, { count: 1 })
  assert(counter, 'the counter of fences is missing')
  return hostFence(counter.value)
}

interface Running {
  count: number
  max: number
}

const limited = statement<WorkTables, { nowMs: number }, Running & { limit_key: string | null }>((from, { nowMs }) =>
  from
    .selectFrom('work_items')
    .select((e) => ['limit_key', e.fn.countAll<number>().as('count'), e.fn.max('limit_max').as('max')])
    .where('limit_key', 'is not', null)
    .where('state', '=', 'running')
    .where('lease_until', '>=', nowMs)
    .groupBy('limit_key'),
)

/** how many items of each limited kind run now */
async function runningByLimit(db: Db, nowMs: number): Promise<Map<string, Running>> {
  const rows = await limited.rows(db, { nowMs })
  return new Map(rows.map((row) => [row.limit_key ?? '', { count: Number(row.count), max: row.max }]))
}

/** Of these limits, how many items run now. */
export async function limitRunning(db: Db, keys: string[], nowMs: number): Promise<Map<string, number>> {
  const running = await runningByLimit(db, nowMs)
  return new Map(keys.map((key) => [key, running.get(key)?.count ?? 0]))
}
