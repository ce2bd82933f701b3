// Indexes for what a deletion looks for (references.ts), and for lists by name.
import type { Kysely } from 'kysely'

const indexes: [table: string, column: string][] = [
  ['identity_projects', 'name'],
  ['identity_users', 'name'],
  ['identity_groups', 'name'],
  ['identity_users', 'default_project_id'],
  ['identity_implied_roles', 'implied_role_id'],
  ['identity_project_endpoints', 'endpoint_id'],
  ['identity_project_endpoint_groups', 'endpoint_group_id'],
  ['identity_trusts', 'project_id'],
  ['identity_credentials', 'project_id'],
  ['identity_limits', 'domain_id'],
  ['identity_policy_associations', 'endpoint_id'],
  ['identity_policy_associations', 'service_id'],
  ['identity_policy_associations', 'region_id'],
  ['identity_request_tokens', 'project_id'],
  ['identity_request_tokens', 'authorizing_user_id'],
  ['identity_access_tokens', 'project_id'],
]

export async function referenceIndexes(db: Kysely<never>): Promise<void> {
  for (const [table, column] of indexes) await db.schema.createIndex(`${table}_${column}`).on(table).column(column).execute()
}
