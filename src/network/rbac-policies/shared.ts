// Whether rows are shared with the actor: what pools, scopes and groups show beside their columns.
import type { Context } from '../../platform/context.ts'
import { sharedIds } from '../networks/store.ts'
import type { RbacPolicyRow } from '../store/tables.ts'
import { rbacRows, type ShareableType } from './store.ts'

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

/** Lets every project use it; fine when they may already. */
export const shareWithAll = (
  tx: Context,
  type: ShareableType,
  row: { id: string; project_id: string },
  action: RbacPolicyRow['action'] = 'access_as_shared',
): Promise<unknown> =>
  rbacRows.insertMissing(tx.db, {
    id: tx.ids.uuid(),
    project_id: row.project_id,
    object_type: type,
    object_id: row.id,
    action,
    target_project: '*',
  })
