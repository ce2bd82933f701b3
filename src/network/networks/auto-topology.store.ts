// SQL of auto-allocated topologies.
import type { Db } from '../../platform/store/store.ts'
import { q } from '../store/query.ts'

export const topologyRow = (db: Db, projectId: string) =>
  q(db).selectFrom('auto_allocated_topologies').selectAll().where('project_id', '=', projectId).executeTakeFirst()
export const topologyInsert = (db: Db, row: { project_id: string; network_id: string; router_id: string | null }) =>
  q(db).insertInto('auto_allocated_topologies').values(row).execute()
export const topologyDelete = (db: Db, projectId: string) =>
  q(db).deleteFrom('auto_allocated_topologies').where('project_id', '=', projectId).execute()
