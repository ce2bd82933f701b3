// Up to which number a store's timeline is settled: no line with that number or a lower one can appear any more. On SQLite
// that is the newest line, since its one writer draws numbers and commits in the same order. On PostgreSQL a transaction
// draws its numbers a moment before it commits, so another's higher numbers may be there first: where one is missing, its
// transaction may still run, and only when all transactions that then ran have ended was it rolled back.
import { sql, type Db, type Store } from '../store/store.ts'

interface Horizon {
  /** null: not known yet, at the start of this process */
  settled: number | null
  /** numbers up to `seq` are settled when no transaction older than `xid` runs any more */
  waits: { seq: number; xid: bigint } | null
}

const horizons = new WeakMap<Store, Horizon>()

/** seqs that one look reads at most */
const mostLooked = 10_000

/** `pending`: numbers are missing whose transactions may still run; asked again a little later, more is settled. */
export async function timelineSettled(db: Db): Promise<{ seq: number; pending: boolean }> {
  if (db.dialect === 'sqlite') return { seq: await newest(db), pending: false }
  const known = horizons.get(db.store)
  const horizon: Horizon = known ?? { settled: null, waits: null }
  horizons.set(db.store, horizon)
  horizon.waits ??= horizon.settled === null ? await beginning(db) : null
  await settleWaits(db, horizon)
  if (horizon.settled !== null) await settleWithoutGap(db, horizon, horizon.settled)
  return { seq: horizon.settled ?? 0, pending: horizon.waits !== null }
}

async function newest(db: Db): Promise<number> {
  const { rows } = await sql<{ seq: number | null }>`select max(seq) as seq from events`.execute(db.as())
  return rows[0]?.seq ?? 0
}

/** Every transaction that drew a number which this process could see missing has an id below the one that is taken now. */
const beginning = async (db: Db): Promise<Horizon['waits']> => ({ seq: await newest(db), xid: await takeTransactionId(db) })

/**
 * A snapshot's own xmax will not do: it comes after the last transaction that has *ended*, and one that runs may have a
 * higher id. An id that is taken is higher than all.
 */
async function takeTransactionId(db: Db): Promise<bigint> {
  const { rows } = await sql<{ xid: string }>`select cast(pg_current_xact_id() as text) as xid`.execute(db.as())
  return BigInt(rows[0]?.xid ?? 0)
}

async function settleWaits(db: Db, horizon: Horizon): Promise<void> {
  const { waits } = horizon
  if (!waits) return
  const { rows } = await sql<{ xid: string }>`select cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as xid`.execute(db.as())
  if (BigInt(rows[0]?.xid ?? 0) < waits.xid) return
  horizon.settled = Math.max(horizon.settled ?? 0, waits.seq)
  if (horizon.waits === waits) horizon.waits = null
}

interface Looked {
  /** the last number before the first that is missing; null: the very next one is missing */
  unbroken: number | null
  newest: number | null
}

/** Without a gap, whatever is there is settled. */
async function settleWithoutGap(db: Db, horizon: Horizon, settled: number): Promise<void> {
  const { rows } = await sql<Looked>`
    select max(seq) filter (where seq - place = ${sql.val(settled)}) as unbroken, max(seq) as newest
    from (select seq, row_number() over (order by seq) as place from events where seq > ${sql.val(settled)} order by seq limit ${mostLooked}) as looked`.execute(
    db.as(),
  )
  const [{ unbroken, newest: last } = { unbroken: null, newest: null }] = rows
  horizon.settled = Math.max(horizon.settled ?? 0, unbroken ?? settled)
  if (horizon.waits && horizon.waits.seq <= horizon.settled) horizon.waits = null
  if (last === null || last <= horizon.settled || horizon.waits) return
  horizon.waits = { seq: last, xid: await takeTransactionId(db) }
  await settleWaits(db, horizon)
}
