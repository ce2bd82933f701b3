// Whether rows are shared with the actor: what pools, scopes and groups show beside their columns.
import type { Context } from '../../platform/context.ts'
import { sharedIds } from '../networks/store.ts'

export interface SharedFacts {
  shared: boolean
}

/** Rows with whether they are shared with the actor. */
export async function loadShared<Row extends { id: string }>(
  ctx: Context,
  rows: Row[],
): Promise<{ row: Row; facts: SharedFacts; target: { shared: boolean } }[]> {
  const shared = await sharedIds(
    ctx.db,
    rows.map(({ id }) => id),
    ctx.actor.projectId,
  )
  return rows.map((row) => ({ row, facts: { shared: shared.has(row.id) }, target: { shared: shared.has(row.id) } }))
}
