// RBAC policies → what the API shows.
import type { RbacPolicyRow } from '../store/tables.ts'

export const rbacPolicyView = ({ row }: { row: RbacPolicyRow }): Record<string, unknown> => ({
  id: row.id,
  project_id: row.project_id,
  action: row.action,
  object_id: row.object_id,
  target_tenant: row.target_project,
  object_type: row.object_type,
  tenant_id: row.project_id,
})
