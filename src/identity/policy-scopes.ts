// For tokens of which scopes Keystone's rules hold. What concerns the cloud as a whole is closed to a token of a domain
// whatever its roles: an admin of a domain is no admin of the cloud. test/personas compares it with upstream's.
import type { RuleScopes, ScopeType } from '../platform/api/policy.ts'

const anyScope = [
  'add_user_to_group',
  'check_grant',
  'check_token',
  'check_user_in_group',
  'create_credential',
  'create_grant',
  'create_group',
  'create_project',
  'create_project_tag',
  'create_user',
  'delete_credential',
  'delete_group',
  'delete_project',
  'delete_project_tag',
  'delete_project_tags',
  'delete_user',
  'ec2tokens_validate',
  'get_credential',
  'get_domain',
  'get_group',
  'get_limit',
  'get_limit_model',
  'get_project',
  'get_project_tag',
  'get_region',
  'get_registered_limit',
  'get_role',
  'get_security_compliance_domain_config',
  'get_user',
  'list_credentials',
  'list_domains',
  'list_grants',
  'list_groups',
  'list_groups_for_user',
  'list_limits',
  'list_project_tags',
  'list_projects',
  'list_regions',
  'list_registered_limits',
  'list_role_assignments',
  'list_role_assignments_for_tree',
  'list_roles',
  'list_user_projects',
  'list_users',
  'list_users_in_group',
  'remove_user_from_group',
  'revoke_grant',
  'revoke_token',
  's3tokens_validate',
  'update_credential',
  'update_group',
  'update_project',
  'update_project_tags',
  'update_user',
  'validate_token',
]

/** What is made for, or from, the one project of the token. */
const inProject = [
  'authorize_request_token',
  'create_application_credential',
  'create_trust',
  'delete_access_token',
  'get_access_token',
  'get_access_token_role',
  'list_access_token_roles',
  'list_access_tokens',
]

/** Rules for any token, and those that others name. */
const always = [
  'identity:get_auth_catalog',
  'identity:get_auth_projects',
  'identity:get_auth_domains',
  'identity:get_auth_system',
  'admin_required',
  'service_role',
  'service_or_admin',
  'owner',
  'admin_or_owner',
  'token_subject',
  'admin_or_token_subject',
  'service_admin_or_token_subject',
  'domain_managed_target_role',
  'identity:list_projects_for_user',
  'identity:list_domains_for_user',
  'admin_or_reader',
]

const each = (names: string[], scopes: readonly ScopeType[] | null) => names.map((name) => [name, scopes] as const)
const named = (names: string[]) => names.map((name) => `identity:${name}`)

export const identityScopes: RuleScopes = {
  usual: ['system', 'project'],
  but: Object.fromEntries([
    ...each(named(anyScope), ['system', 'domain', 'project']),
    ...each(named(inProject), ['project']),
    ...each(always, null),
  ]),
}
