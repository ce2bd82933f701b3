// A subnet pool → what the API shows.
import type { Loaded } from '../api/resource.ts'
import type { SharedFacts } from '../rbac-policies/shared.ts'
import type { SubnetpoolRow } from '../store/tables.ts'

/** Prefix lengths are text, as Neutron has them. */
export const subnetpoolView = ({ row, facts }: Loaded<SubnetpoolRow, SharedFacts>): Record<string, unknown> => ({
  id: row.id,
  name: row.name,
  tenant_id: row.project_id,
  default_prefixlen: String(row.default_prefixlen),
  min_prefixlen: String(row.min_prefixlen),
  max_prefixlen: String(row.max_prefixlen),
  is_default: row.is_default,
  shared: facts.shared,
  prefixes: row.prefixes,
  ip_version: row.ip_version,
  default_quota: row.default_quota,
  address_scope_id: row.address_scope_id,
  description: row.description,
  tags: row.tags,
  created_at: row.created_at,
  updated_at: row.updated_at,
  revision_number: row.revision_number,
  project_id: row.project_id,
})
