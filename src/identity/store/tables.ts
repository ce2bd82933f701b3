// The tables of identity and what their rows hold. What the engine keeps as 0 and 1, or as JSON, stands in columns.ts.
import { rows } from '../../platform/store/rows.ts'

/** attributes that a user added at will */
export type Attributes = Record<string, unknown>
export interface Options {
  immutable?: boolean
}
/** As an administrator sets them: what of the cloud's rules for passwords and logins holds for this user. */
export interface UserOptions {
  ignore_change_password_upon_first_use?: boolean
  ignore_password_expiry?: boolean
  ignore_lockout_failure_attempts?: boolean
  ignore_user_inactivity?: boolean
  lock_password?: boolean
  multi_factor_auth_enabled?: boolean
  multi_factor_auth_rules?: string[][]
}

export interface ProjectRow {
  id: string
  name: string
  /** '' when the project is a domain itself */
  domain_id: string
  /** of a top-level project: its domain; of a domain: null */
  parent_id: string | null
  is_domain: boolean
  enabled: boolean
  description: string
  extra: Attributes
  options: Options
  /** tokens carry it: when it moves, tokens scoped to the project are void */
  epoch: number
  created_at: string
}
export interface UserRow {
  id: string
  name: string
  domain_id: string
  enabled: boolean
  default_project_id: string | null
  extra: Attributes
  options: UserOptions
  /** tokens carry it: when it moves, the user's tokens are void */
  epoch: number
  password_hash: string | null
  password_created_at: string | null
  password_expires_at: string | null
  /** wrong passwords in a row, for the lockout */
  failures: number
  failed_at: string | null
  /** the day of the last login by password: 2026-11-30 */
  last_active_on: string | null
  /** the user chose the password, not an administrator */
  password_self_service: boolean
  created_at: string
}
/** Passwords that a user had before; the id begins with the time at which one was replaced. */
export interface PasswordHistoryRow {
  id: string
  user_id: string
  password_hash: string
}
export interface GroupRow {
  id: string
  name: string
  domain_id: string
  description: string
  extra: Attributes
  created_at: string
}
export interface RoleRow {
  id: string
  name: string
  /** '' for a role of the whole cloud */
  domain_id: string
  description: string | null
  extra: Attributes
  options: Options
  created_at: string
}
export interface ImpliedRoleRow {
  prior_role_id: string
  implied_role_id: string
}
export interface AssignmentRow {
  actor_type: 'user' | 'group'
  actor_id: string
  target_type: 'project' | 'domain' | 'system'
  target_id: string
  role_id: string
  /** holds on the projects below the target, not on the target */
  inherited: boolean
}
export interface RevocationRow {
  id: string
  audit_id: string | null
  audit_chain_id: string | null
  user_id: string | null
  project_id: string | null
  domain_id: string | null
  issued_before: string
  revoked_at: string
  /** no token that it could void lives longer */
  expires_at: string
}
export interface RegionRow {
  id: string
  description: string
  parent_region_id: string | null
  extra: Attributes
}
export interface ServiceRow {
  id: string
  type: string
  enabled: boolean
  extra: Attributes
}
export interface EndpointRow {
  id: string
  interface: 'public' | 'internal' | 'admin'
  region_id: string | null
  service_id: string
  url: string
  enabled: boolean
  extra: Attributes
}
export interface EndpointGroupRow {
  id: string
  name: string
  description: string | null
  /** an endpoint's attributes, and what they must be */
  filters: Attributes
}

export const projects = rows<ProjectRow>('identity_projects')
export const projectTags = rows<{ project_id: string; name: string }>('identity_project_tags', 'name')
export const users = rows<UserRow>('identity_users')
export const passwordHistory = rows<PasswordHistoryRow>('identity_password_history')
export const groups = rows<GroupRow>('identity_groups')
export const userGroups = rows<{ user_id: string; group_id: string }>('identity_user_groups', 'user_id')
export const roles = rows<RoleRow>('identity_roles')
export const impliedRoles = rows<ImpliedRoleRow>('identity_implied_roles', 'prior_role_id')
export const assignments = rows<AssignmentRow>('identity_assignments', 'actor_id')
export const revocations = rows<RevocationRow>('identity_revocations')
export const regions = rows<RegionRow>('identity_regions')
export const services = rows<ServiceRow>('identity_services')
export const endpoints = rows<EndpointRow>('identity_endpoints')
export const endpointGroups = rows<EndpointGroupRow>('identity_endpoint_groups')
export const projectEndpoints = rows<{ project_id: string; endpoint_id: string }>('identity_project_endpoints', 'endpoint_id')
export const projectEndpointGroups = rows<{ project_id: string; endpoint_group_id: string }>(
  'identity_project_endpoint_groups',
  'endpoint_group_id',
)
