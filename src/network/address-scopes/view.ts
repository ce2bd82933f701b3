// An address scope → what the API shows.
import type { Loaded } from '../api/resource.ts'
import type { SharedFacts } from '../rbac-policies/shared.ts'
import type { AddressScopeRow } from '../store/tables.ts'

export const addressScopeView = ({ row, facts }: Loaded<AddressScopeRow, SharedFacts>): Record<string, unknown> => ({
  id: row.id,
  project_id: row.project_id,
  name: row.name,
  shared: facts.shared,
  ip_version: row.ip_version,
  tenant_id: row.project_id,
})
