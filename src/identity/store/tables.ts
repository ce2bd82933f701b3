// The tables of identity and what their rows hold. Booleans are 0 and 1, `extra`, `options` and lists are JSON.
import { table } from './rows.ts'

export interface ProjectRow {
  id: string
  name: string
  /** '' when the project is a domain itself */
  domain_id: string
  /** of a top-level project: its domain; of a domain: null */
  parent_id: string | null
  is_domain: number
  enabled: number
  description: string
  extra: string
  options: string
  /** tokens carry it: when it moves, tokens scoped to the project are void */
  epoch: number
  created_at: string
}
export interface UserRow {
  id: string
  name: string
  domain_id: string
  enabled: number
  default_project_id: string | null
  extra: string
  options: string
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
  /** 1: the user chose the password, not an administrator */
  password_self_service: number
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
  extra: string
  created_at: string
}
export interface RoleRow {
  id: string
  name: string
  /** '' for a role of the whole cloud */
  domain_id: string
  description: string | null
  extra: string
  options: string
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
  /** 1: holds on the projects below the target, not on the target */
  inherited: number
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
  extra: string
}
export interface ServiceRow {
  id: string
  type: string
  enabled: number
  extra: string
}
export interface EndpointRow {
  id: string
  interface: 'public' | 'internal' | 'admin'
  region_id: string | null
  service_id: string
  url: string
  enabled: number
  extra: string
}
export interface EndpointGroupRow {
  id: string
  name: string
  description: string | null
  filters: string
}

export const projects = table<ProjectRow>('identity_projects', 'id')
export const projectTags = table<{ project_id: string; name: string }>('identity_project_tags', 'name')
export const users = table<UserRow>('identity_users', 'id')
export const passwordHistory = table<PasswordHistoryRow>('identity_password_history', 'id')
export const groups = table<GroupRow>('identity_groups', 'id')
export const userGroups = table<{ user_id: string; group_id: string }>('identity_user_groups', 'user_id')
export const roles = table<RoleRow>('identity_roles', 'id')
export const impliedRoles = table<ImpliedRoleRow>('identity_implied_roles', 'prior_role_id')
export const assignments = table<AssignmentRow>('identity_assignments', 'actor_id')
export const revocations = table<RevocationRow>('identity_revocations', 'id')
export const regions = table<RegionRow>('identity_regions', 'id')
export const services = table<ServiceRow>('identity_services', 'id')
export const endpoints = table<EndpointRow>('identity_endpoints', 'id')
export const endpointGroups = table<EndpointGroupRow>('identity_endpoint_groups', 'id')
export const projectEndpoints = table<{ project_id: string; endpoint_id: string }>('identity_project_endpoints', 'endpoint_id')
export const projectEndpointGroups = table<{ project_id: string; endpoint_group_id: string }>(
  'identity_project_endpoint_groups',
  'endpoint_group_id',
)
