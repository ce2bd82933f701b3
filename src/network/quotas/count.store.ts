// How many rows of a resource a project has: what quotas count.
import { sql } from 'kysely'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { assert } from '../../platform/errors.ts'
import { table } from '../../platform/table.ts'

const tables: Record<string, string> = table({
  network: 'networks',
  subnet: 'subnets',
  subnetpool: 'subnetpools',
  port: 'ports',
  router: 'routers',
  floatingip: 'floating_ips',
  rbac_policy: 'rbac_policies',
  security_group: 'security_groups',
  security_group_rule: 'security_group_rules',
})

const countOf = (table: string) =>
  statement<never, { projectId: string }, { count: number }>(
    (_, { projectId }) => sql`select count(*) as count from ${sql.table(table)} where project_id = ${projectId}`,
  )
const counts = new Map(Object.entries(tables).map(([resource, table]) => [resource, countOf(table)]))

export async function resourceCount(db: Db, resource: string, projectId: string): Promise<number> {
  const counting = counts.get(resource)
  assert(counting, `nothing counts ${resource}`)
  return Number((await counting.one(db, { projectId })).count)
}
