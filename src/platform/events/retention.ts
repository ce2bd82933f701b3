// How long the timeline remembers what is gone: `timeline: keep:` of settings.yaml, in days. Lines of a resource that lives stay,
// however old; those of one that is gone go together, its last line last, when that is older. Some at a time, with pauses: a
// cloud that begins to forget after a year has no rush.
import { sql } from 'kysely'
import { delay, isoMillis } from '../clock.ts'
import type { Context } from '../context.ts'
import type { Db } from '../store/store.ts'
import { reconciler } from '../work/definition.ts'
import { cursorSave, cutName } from './after.ts'
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

/** Cuts at most a batch of lines of what has been gone since before; how many. */
async function cut(db: Db, before: string): Promise<number> {
  const { rows } = await sql<Gone>`
    select seq, resource_type, resource_id from events where facts = 'null' and at < ${before} order by at limit ${batch}`.execute(db.as())
  let left = batch
  let highest = 0
  for (const { seq, resource_type, resource_id } of rows) {
    if (left === 0) break
    const { rows: removed } = await sql<{ seq: number }>`
      delete from events where seq in (
        select seq from events where resource_id = ${resource_id} and resource_type = ${resource_type} and seq <= ${seq} order by seq limit ${left})
      returning seq`.execute(db.as())
    left -= removed.length
    highest = Math.max(highest, ...removed.map((line) => line.seq))
  }
  if (highest > 0) await cursorSave(db, cutName, highest)
  return batch - left
}

/** One round; true when more is left. */
export async function timelineCut(ctx: Context, signal?: AbortSignal): Promise<boolean> {
  const before = isoMillis(ctx.clock.nowMs() - ctx.config.timelineKeepDays * dayMs)
  let lines = 0
  let isMore = false
  for (let round = 0; round < batchesOfRound; round++) {
    const removed = await ctx.transaction((tx) => cut(tx.db, before))
    lines += removed
    isMore = removed === batch
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
