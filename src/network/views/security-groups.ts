// Security groups and rules → what the API shows.
import type { Context } from '../../platform/context.ts'
import type { Item } from '../api/resource.ts'
import { sharedIds } from '../store/networks.ts'
import { rulesOfGroups } from '../store/security-groups.ts'
import type { SecurityGroupRow, SecurityGroupRuleRow } from '../store/tables.ts'

export const securityGroupRuleView = (row: SecurityGroupRuleRow): Item => ({
  id: row.id,
  tenant_id: row.project_id,
  security_group_id: row.security_group_id,
  ethertype: row.ethertype,
  direction: row.direction,
  protocol: row.protocol,
  port_range_min: row.port_range_min,
  port_range_max: row.port_range_max,
  remote_ip_prefix: row.remote_ip_prefix,
  remote_address_group_id: row.remote_address_group_id,
  normalized_cidr: row.normalized_cidr,
  remote_group_id: row.remote_group_id,
  description: row.description,
  created_at: row.created_at,
  updated_at: row.updated_at,
  revision_number: row.revision_number,
  project_id: row.project_id,
})

/** Groups with all their rules: one statement for the rules of all. */
export async function securityGroupViews(ctx: Context, rows: SecurityGroupRow[]): Promise<Item[]> {
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const rules = Map.groupBy(await rulesOfGroups(ctx.db, ids), ({ security_group_id }) => security_group_id)
  const shared = await sharedIds(ctx.db, ids, ctx.actor.projectId)
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    stateful: row.stateful === 1,
    tenant_id: row.project_id,
    description: row.description,
    shared: shared.has(row.id),
    security_group_rules: (rules.get(row.id) ?? []).map((rule) => ({ ...securityGroupRuleView(rule), tags: [] })),
    tags: JSON.parse(row.tags),
    created_at: row.created_at,
    updated_at: row.updated_at,
    revision_number: row.revision_number,
    project_id: row.project_id,
  }))
}
