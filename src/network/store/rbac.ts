// SQL of RBAC policies: which object is shared with whom.
import { sql } from 'kysely'
import type { Db } from '../../platform/store/store.ts'
import type { ListShape } from './list.ts'
import { q } from './query.ts'
import type { RbacPolicyRow } from './tables.ts'

const text = (column: string) => ({ column, kind: 'text' as const })

export const rbacShape: ListShape = {
  table: 'rbac_policies',
  visible: (projectId) => sql<boolean>`rbac_policies.project_id = ${projectId}`,
  columns: {
    id: text('id'), project_id: text('project_id'), object_type: text('object_type'), object_id: text('object_id'), action: text('action'),
    target_tenant: text('target_project'), target_project: text('target_project'),
  },
}

/** True when it is new. */
export async function rbacInsert(db: Db, row: RbacPolicyRow): Promise<boolean> {
  const made = await q(db).insertInto('rbac_policies').values(row).onConflict((c) => c.columns(['object_id', 'action', 'target_project']).doNothing()).returning('id').executeTakeFirst()
  return made !== undefined
}
export const rbacDelete = (db: Db, id: string) => q(db).deleteFrom('rbac_policies').where('id', '=', id).execute()
export const rbacDeleteOf = (db: Db, objectId: string) => q(db).deleteFrom('rbac_policies').where('object_id', '=', objectId).execute()
export const rbacDeleteAction = (db: Db, objectId: string, action: RbacPolicyRow['action']) =>
  q(db).deleteFrom('rbac_policies').where('object_id', '=', objectId).where('action', '=', action).execute()
export const rbacDeleteFor = (db: Db, what: Pick<RbacPolicyRow, 'object_id' | 'action' | 'target_project'>) =>
  q(db).deleteFrom('rbac_policies').where('object_id', '=', what.object_id).where('action', '=', what.action).where('target_project', '=', what.target_project).execute()
export const rbacOf = (db: Db, objectId: string) => q(db).selectFrom('rbac_policies').selectAll().where('object_id', '=', objectId).execute()
export const rbacUpdate = (db: Db, id: string, target: string) => q(db).updateTable('rbac_policies').set({ target_project: target }).where('id', '=', id).returningAll().executeTakeFirstOrThrow()

/** A port of a project that may see the network only by sharing. */
export const foreignPortOn = (db: Db, networkId: string, ownerId: string, projectIds: string[] | null) => {
  let query = q(db).selectFrom('ports').select('id').where('network_id', '=', networkId).where('project_id', '<>', ownerId).where('project_id', '<>', '')
  if (projectIds !== null) query = query.where('project_id', 'in', projectIds)
  return query.where(sql<boolean>`device_owner not like 'network:%'`).limit(1).executeTakeFirst()
}
