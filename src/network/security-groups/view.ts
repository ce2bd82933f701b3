// Security groups and rules → what the API shows.
import type { Loaded } from '../api/resource.ts'
import type { SecurityGroupFacts } from './security-groups.ts'
import type { SecurityGroupRow, SecurityGroupRuleRow } from '../store/tables.ts'

const ruleView = (row: SecurityGroupRuleRow): Record<string, unknown> => ({
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

export const securityGroupRuleView = ({ row }: Loaded<SecurityGroupRuleRow, unknown>): Record<string, unknown> => ruleView(row)

export const securityGroupView = ({ row, facts }: Loaded<SecurityGroupRow, SecurityGroupFacts>): Record<string, unknown> => ({
  id: row.id,
  name: row.name,
  stateful: row.stateful,
  tenant_id: row.project_id,
  description: row.description,
  shared: facts.shared,
  security_group_rules: facts.rules.map((rule) => ({ ...ruleView(rule), tags: [] })),
  tags: row.tags,
  created_at: row.created_at,
  updated_at: row.updated_at,
  revision_number: row.revision_number,
  project_id: row.project_id,
})
