// How many rows of a resource a project has: what quotas count.
import { sql } from 'kysely'
import type { Db } from '../../platform/store/store.ts'
import { assert } from '../../platform/errors.ts'

const tables: Record<string, string> = {
  network: 'networks', subnet: 'subnets', subnetpool: 'subnetpools', port: 'ports', router: 'routers', floatingip: 'floating_ips',
  rbac_policy: 'rbac_policies', security_group: 'security_groups', security_group_rule: 'security_group_rules',
}

export async function resourceCount(db: Db, resource: string, projectId: string): Promise<number> {
  const table = tables[resource]
  assert(table, `nothing counts ${resource}`)
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)} where project_id = ${projectId}`.execute(db.as<never>())
  return Number(rows[0]?.count ?? 0)
}
