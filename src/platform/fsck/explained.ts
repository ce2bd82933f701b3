// Which differences explain themselves: work is under way for the resource, or the timeline went on since the look.
import { allStores, type Context } from '../context.ts'
import { idsIn } from '../store/ids-in.ts'
import type { Db } from '../store/store.ts'
import type { ItemRow } from '../work/items.ts'
import type { Finding } from './check.ts'

interface Tables {
  work_items: ItemRow
  events: { seq: number; resource_id: string }
}

const q = (db: Db) => db.as<Tables>()

/** The resource itself and whatever else may explain the finding. */
export const idsOf = (finding: Finding): string[] => [finding.resourceId, ...(finding.concerns ?? [])]

/** Those findings that no work under way explains. */
export async function unexplained<F extends { finding: Finding }>(ctx: Context, found: F[]): Promise<F[]> {
  if (found.length === 0) return []
  const busy = await sagasOf(
    ctx.db,
    found.flatMap(({ finding }) => idsOf(finding)),
  )
  const due = await reconcilersDue(
    ctx,
    found.flatMap(({ finding }) => finding.reconcilers ?? []),
  )
  return found.filter(({ finding }) => !idsOf(finding).some((id) => busy.has(id)) && !(finding.reconcilers ?? []).some((id) => due.has(id)))
}

/** Resources with a saga that is not dead. */
async function sagasOf(db: Db, ids: string[]): Promise<Set<string>> {
  const rows = await q(db)
    .selectFrom('work_items')
    .select('resource_id')
    .where('kind', '=', 'saga')
    .where('state', '<>', 'dead')
    .where(idsIn(db, 'resource_id', new Set(ids)))
    .execute()
  return new Set(rows.map(({ resource_id }) => resource_id))
}

/** Reconcilers that run, are due, or are tried again. */
async function reconcilersDue(ctx: Context, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const nowMs = ctx.clock.nowMs()
  const rows = await q(ctx.db)
    .selectFrom('work_items')
    .select('id')
    .where('kind', '=', 'reconciler')
    .where(idsIn(ctx.db, 'id', new Set(ids)))
    .where((e) => e.or([e('state', '=', 'running'), e('run_at', '<=', nowMs), e('attempts', '>', 0)]))
    .execute()
  return new Set(rows.map(({ id }) => id))
}

/** For each resource the newest line of its timeline, in whichever store that is: the same one later means that nothing happened to it. */
export async function newestEvents(ctx: Context, ids: Iterable<string>): Promise<Map<string, string>> {
  const wanted = new Set(ids)
  const newest = new Map<string, string>()
  for (const [index, store] of allStores(ctx.platform).entries()) {
    const rows = await q(store)
      .selectFrom('events')
      .select((e) => ['resource_id', e.fn.max('seq').as('seq')])
      .where(idsIn(store, 'resource_id', wanted))
      .groupBy('resource_id')
      .execute()
    for (const { resource_id: id, seq } of rows) newest.set(id, `${newest.get(id) ?? ''} ${index}:${seq}`)
  }
  return newest
}
