// How long the timeline remembers what is gone: `timeline: keep:` of settings.yaml, in days. Lines of a resource that lives stay,
// however old; those of one that is gone go together, its last line last, when that is older. What came after, and lines of what
// never had facts, go by their own age. Some at a time, with pauses: a cloud that begins to forget after a year has no rush.
import { sql } from 'kysely'
import { delay, isoMillis } from '../clock.ts'
import { allStores, type Context } from '../context.ts'
import type { Db, Store } from '../store/store.ts'
import { reconciler } from '../work/definition.ts'
import { idValues } from '../store/ids-in.ts'
import { cursorFetch, cursorSave, cutName } from './after.ts'
import type { EventRow } from './tables.ts'

const dayMs = 86_400_000
const everyMs = 3_600_000
/** lines that one transaction cuts at most */
const batch = 500
const pauseMs = 250
/** then it ends its round, and goes on with the next */
const batchesOfRound = 200
const nextRoundMs = 30_000

type Gone = Pick<EventRow, 'seq' | 'resource_type' | 'resource_id'>

/** Cuts at most a batch of lines of what has been gone since before; how many. Where ids are used once, the last line stays. */
async function cutGone(db: Db, before: string): Promise<number> {
  const usedOnce = db.store.typesUsedOnce()
  const { rows } = await sql<Gone>`
    select seq, resource_type, resource_id from events where facts = 'null' and at < ${before} and (
      resource_type not in (${idValues(db, usedOnce)}) or exists (
        select 1 from events as older where older.resource_id = events.resource_id and older.resource_type = events.resource_type
        and older.seq < events.seq))
    order by at limit ${batch}`.execute(db.as())
  let left = batch
  let highest = 0
  for (const { seq, resource_type, resource_id } of rows) {
    if (left === 0) break
    const until = usedOnce.includes(resource_type) ? seq - 1 : seq
    const { rows: removed } = await sql<{ seq: number }>`
      delete from events where seq in (
        select seq from events where resource_id = ${resource_id} and resource_type = ${resource_type} and seq <= ${until} order by seq limit ${left})
      returning seq`.execute(db.as())
    left -= removed.length
    highest = Math.max(highest, ...removed.map((line) => line.seq))
  }
  if (highest > 0) await cursorSave(db, cutName, highest)
  return batch - left
}

/** up to there every line was old and looked at: what is cut later of those goes with its resource's last line */
const agedName = 'retention/aged'

/** Of the next old lines, cuts those that were written after their resource was gone, and those of what never had facts. */
async function cutAged(db: Db, before: string): Promise<{ seen: number; removed: number }> {
  const { rows } = await sql<{ seq: number; at: string; is_left_over: number }>`
    select seq, at, coalesce((
      select case when known.facts = 'null' and known.seq < events.seq then 1 else 0 end from events as known
      where known.resource_id = events.resource_id and known.resource_type = events.resource_type and known.facts is not null
      order by known.seq desc limit 1), 1) as is_left_over
    from events where seq > ${await cursorFetch(db, agedName)} order by seq limit ${batch}`.execute(db.as())
  const young = rows.findIndex(({ at }) => at >= before)
  const old = young < 0 ? rows : rows.slice(0, young)
  const seqs = old.filter((line) => Number(line.is_left_over) === 1).map(({ seq }) => seq)
  const last = old.at(-1)
  const cut = seqs.at(-1)
  if (cut !== undefined) {
    await sql`delete from events where seq in (${sql.join(seqs)})`.execute(db.as())
    await cursorSave(db, cutName, cut)
  }
  if (last) await cursorSave(db, agedName, last.seq)
  return { seen: old.length, removed: seqs.length }
}

/** One round in every store; true when more is left. */
export async function timelineCut(ctx: Context, signal?: AbortSignal): Promise<boolean> {
  let isMore = false
  for (const store of allStores(ctx.platform)) isMore = (await storeCut(ctx, store, signal)) || isMore
  return isMore
}

async function storeCut(ctx: Context, store: Store, signal?: AbortSignal): Promise<boolean> {
  const before = isoMillis(ctx.clock.nowMs() - ctx.config.timelineKeepDays * dayMs)
  let lines = 0
  let isMore = false
  for (let round = 0; round < batchesOfRound; round++) {
    const gone = await store.transaction((db) => cutGone(db, before))
    const aged = await store.transaction((db) => cutAged(db, before))
    lines += gone + aged.removed
    isMore = gone === batch || aged.seen === batch
    if (!isMore) break
    await delay(ctx.clock, pauseMs, signal)
  }
  if (lines > 0) ctx.log.info({ lines, before }, 'the timeline forgot resources that have been gone for long')
  return isMore
}

export const timelineRetention = reconciler({
  name: 'timeline-retention',
  everyMs,
  run: async ({ ctx, call }) => ((await timelineCut(ctx, call.signal)) ? { againMs: nextRoundMs } : undefined),
})
