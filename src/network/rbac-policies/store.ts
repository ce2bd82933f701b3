// SQL of RBAC policies: which object is shared with whom.
import { sql } from 'kysely'
import { rows } from '../../platform/store/rows.ts'
import type { Db } from '../../platform/store/store.ts'
import type { ListShape } from '../store/list.ts'
import { q } from '../store/query.ts'
import type { RbacPolicyRow } from '../store/tables.ts'

const text = (column: string) => ({ column, kind: 'text' as const })

export const rbacShape: ListShape = {
  table: 'rbac_policies',
  visible: (projectId) => sql<boolean>`rbac_policies.project_id = ${projectId}`,
  columns: {
    id: text('id'),
    project_id: text('project_id'),
    object_type: text('object_type'),
    object_id: text('object_id'),
    action: text('action'),
    target_tenant: text('target_project'),
    target_project: text('target_project'),
  },
}

export const rbacRows = rows<RbacPolicyRow>('rbac_policies')

const users = {
  network: sql`select distinct project_id from ports where network_id =`,
  security_group: sql`select distinct ports.project_id from ports inner join port_security_groups g on g.port_id = ports.id where g.security_group_id =`,
  subnetpool: sql`select distinct project_id from subnets where subnetpool_id =`,
  address_scope: sql`select distinct project_id from subnetpools where address_scope_id =`,
  address_group: sql`select distinct project_id from security_group_rules where remote_address_group_id =`,
}
export type ShareableType = keyof typeof users

/** The projects whose ports, rules, subnets or pools use the object. Ports that belong to no project do not count. */
export async function boundProjects(db: Db, type: ShareableType, objectId: string): Promise<string[]> {
  const { rows } = await sql<{ project_id: string }>`${users[type]} ${objectId}`.execute(db.as<never>())
  return rows.flatMap(({ project_id }) => (project_id === '' ? [] : [project_id]))
}

const tables: Record<ShareableType, string> = {
  network: 'networks',
  security_group: 'security_groups',
  subnetpool: 'subnetpools',
  address_scope: 'address_scopes',
  address_group: 'address_groups',
}
/** The project that owns the object. */
export async function objectOwner(db: Db, type: ShareableType, objectId: string): Promise<string | undefined> {
  const { rows } = await sql<{ project_id: string }>`select project_id from ${sql.table(tables[type])} where id = ${objectId}`.execute(
    db.as<never>(),
  )
  return rows[0]?.project_id
}

/** The projects of the routers that have their gateway on the network. */
export async function gatewayProjects(db: Db, networkId: string): Promise<string[]> {
  const rows = await q(db).selectFrom('routers').select('project_id').distinct().where('gateway_network_id', '=', networkId).execute()
  return rows.map(({ project_id }) => project_id)
}
