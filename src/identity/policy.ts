// Keystone's policy as data: rule names and defaults as operators know them (oslo.policy syntax, Keystone's personas).
// admin is cloud-wide, reader with system scope reads all; manager manages the users, groups, projects and grants of
// the domain that the token is scoped to.
import type { Rules } from '../platform/api/policy.ts'

const admin = 'rule:admin_required'
const reader = 'rule:admin_or_reader'
const systemReader = '(role:reader and system_scope:all)'
const managerOf = (attribute: string) => `(role:manager and domain_id:%(${attribute})s)`
const readerOf = (attribute: string) => `(role:reader and domain_id:%(${attribute})s)`
const adminOrManager = (attribute: string) => `${admin} or ${managerOf(attribute)}`

/** Actor and target of a grant both in the token's domain. */
const grantIn = (role: string) =>
  ['user', 'group']
    .map((actor) => `(role:${role} and domain_id:%(target.${actor}.domain_id)s`)
    .flatMap((actor) => ['project.domain_id', 'domain.id'].map((target) => `${actor} and domain_id:%(target.${target})s)`))
    .join(' or ')
const ownRole = '(domain_id:%(target.role.domain_id)s or None:%(target.role.domain_id)s)'
const mayGrant = `${admin} or ((${grantIn('admin')}) and ${ownRole}) or ((${grantIn('manager')}) and rule:domain_managed_target_role)`
const trustor = 'user_id:%(target.trust.trustor_user_id)s'
const trustee = 'user_id:%(target.trust.trustee_user_id)s'
/** A project that is a domain has none: what has no domain is not in the token's */
const inDomain = (role: string, attribute: string) => `(role:${role} and domain_id:%(${attribute})s and not None:%(${attribute})s)`
const projectReader = `${reader} or ${inDomain('reader', 'target.project.domain_id')} or project_id:%(target.project.id)s`
const ownCredential = 'user_id:%(target.credential.user_id)s'

/** What a cloud that federates would have */
const federated = ['identity_provider', 'mapping', 'protocol', 'service_provider']

/** The same rule for several names: all('rule', 'get_x', 'list_x') */
const all = (rule: string, ...names: string[]): Rules => Object.fromEntries(names.map((name) => [`identity:${name}`, rule]))

export const identityPolicy: Rules = {
  admin_required: 'role:admin or is_admin:1',
  admin_or_reader: 'rule:admin_required or (role:reader and system_scope:all)',
  service_role: 'role:service',
  service_or_admin: 'rule:admin_required or rule:service_role',
  owner: 'user_id:%(user_id)s',
  admin_or_owner: 'rule:admin_required or rule:owner',
  token_subject: 'user_id:%(target.token.user_id)s',
  admin_or_token_subject: 'rule:admin_required or rule:token_subject',
  service_admin_or_token_subject: 'rule:service_or_admin or rule:token_subject',
  domain_managed_target_role: "'manager':%(target.role.name)s or 'member':%(target.role.name)s or 'reader':%(target.role.name)s",
  // nobody but the user and the system's own people: not even who is admin in a project
  ...all(
    `${systemReader} or user_id:%(target.user.id)s`,
    'get_access_rule', 'list_access_rules',
  ),
  ...all(
    `${reader} or rule:owner`,
    'get_application_credential', 'list_application_credentials',
  ),
  ...all(
    '',
    'get_auth_catalog', 'get_auth_projects', 'get_auth_domains', 'get_auth_system', 'get_security_compliance_domain_config', 'get_limit_model',
    'list_limits', 'get_region', 'list_regions', 'get_registered_limit', 'list_registered_limits', 'list_projects_for_user',
    'list_domains_for_user',
  ),
  ...all(
    reader,
    'get_consumer', 'list_consumers', 'get_domain_config', 'get_domain_config_default', 'get_endpoint', 'list_endpoints',
    'list_endpoint_groups', 'get_endpoint_group', 'list_projects_associated_with_endpoint_group', 'list_endpoints_associated_with_endpoint_group',
    'get_endpoint_group_in_project', 'list_endpoint_groups_for_project', 'list_system_grants_for_user', 'check_system_grant_for_user',
    'list_system_grants_for_group', 'check_system_grant_for_group', 'get_implied_role', 'list_implied_roles', 'list_role_inference_rules',
    'check_implied_role', 'get_policy', 'list_policies', 'check_policy_association_for_endpoint', 'check_policy_association_for_service',
    'check_policy_association_for_region_and_service', 'get_policy_for_endpoint', 'list_endpoints_for_policy', 'list_projects_for_endpoint',
    'check_endpoint_in_project', 'list_endpoints_for_project', 'get_domain_role', 'list_domain_roles', 'get_service', 'list_services',
    ...federated.flatMap((name) => [`get_${name}`, `list_${name}s`]),
  ),
  ...all(
    admin,
    'create_consumer', 'update_consumer', 'delete_consumer', 'create_domain', 'update_domain', 'delete_domain', 'create_domain_config',
    'update_domain_config', 'delete_domain_config', 'create_endpoint', 'update_endpoint', 'delete_endpoint', 'create_endpoint_group',
    'update_endpoint_group', 'delete_endpoint_group', 'add_endpoint_group_to_project', 'remove_endpoint_group_from_project',
    'create_system_grant_for_user', 'revoke_system_grant_for_user', 'create_system_grant_for_group', 'revoke_system_grant_for_group',
    'create_implied_role', 'delete_implied_role', 'create_limits', 'update_limit', 'delete_limit', 'create_policy', 'update_policy',
    'delete_policy', 'create_policy_association_for_endpoint', 'delete_policy_association_for_endpoint', 'create_policy_association_for_service',
    'delete_policy_association_for_service', 'create_policy_association_for_region_and_service', 'delete_policy_association_for_region_and_service',
    'add_endpoint_to_project', 'remove_endpoint_from_project', 'create_region', 'update_region', 'delete_region',
    'create_registered_limits', 'update_registered_limit',
    'delete_registered_limit', 'authorize_request_token', 'get_access_token', 'get_access_token_role', 'list_access_tokens', 'list_access_token_roles',
    'delete_access_token', 'create_role', 'update_role', 'delete_role', 'create_domain_role', 'update_domain_role', 'delete_domain_role',
    'create_service', 'update_service', 'delete_service', ...federated.flatMap((name) => [`create_${name}`, `update_${name}`, `delete_${name}`]),
  ),
  ...all(
    `${reader} or ${ownCredential}`,
    'get_credential', 'list_credentials', 'ec2_get_credential',
  ),
  ...all(
    `${admin} or ${ownCredential}`,
    'create_credential', 'update_credential', 'delete_credential',
  ),
  ...all(
    `${admin} or (role:member and ${ownCredential})`,
    'ec2_create_credential', 'ec2_delete_credential',
  ),
  'identity:ec2_list_credentials': `${reader} or rule:owner`,
  ...all(
    `${reader} or ${readerOf('target.group.domain_id')}`,
    'get_group', 'list_groups', 'list_users_in_group',
  ),
  ...all(
    `${reader} or ${readerOf('target.domain_id')}`,
    'list_projects', 'list_users',
  ),
  ...all(
    'rule:service_or_admin',
    'list_revoke_events', 's3tokens_validate', 'ec2tokens_validate', 'revocation_list',
  ),
  ...all(
    `${reader} or ${readerOf('target.domain_id')}`,
    'list_role_assignments', 'list_role_assignments_for_tree',
  ),
  ...all(
    `${admin} or ${inDomain('manager', 'target.project.domain_id')}`,
    'create_project', 'update_project', 'delete_project', 'update_project_tags', 'create_project_tag', 'delete_project_tags', 'delete_project_tag',
  ),
  ...all(
    `${admin} or (role:manager and token.domain.id:%(target.user.domain_id)s)`,
    'create_user', 'update_user', 'delete_user',
  ),
  'identity:list_domains': `${reader} or ${readerOf('target.domain.id')}`,
  'identity:check_grant': `${reader} or ((${grantIn('reader')}) and ${ownRole})`,
  'identity:list_grants': `${reader} or ${grantIn('reader')}`,
  'identity:create_grant': mayGrant,
  'identity:revoke_grant': mayGrant,
  'identity:create_group': adminOrManager('target.group.domain_id'),
  'identity:update_group': adminOrManager('target.group.domain_id'),
  'identity:delete_group': adminOrManager('target.group.domain_id'),
  'identity:remove_user_from_group': `${admin} or (role:manager and domain_id:%(target.group.domain_id)s and domain_id:%(target.user.domain_id)s)`,
  'identity:add_user_to_group': `${admin} or (role:manager and domain_id:%(target.group.domain_id)s and domain_id:%(target.user.domain_id)s)`,
  'identity:get_project': projectReader,
  'identity:list_project_tags': projectReader,
  'identity:get_project_tag': projectReader,
  'identity:get_role': `${reader} or (role:manager and rule:domain_managed_target_role)`,
  'identity:list_roles': `${reader} or (role:manager and not domain_id:None)`,
  'identity:create_trust': trustor,
  'identity:list_trusts': reader,
  'identity:list_trusts_for_trustor': `${reader} or ${trustor}`,
  'identity:list_trusts_for_trustee': `${reader} or ${trustee}`,
  'identity:list_roles_for_trust': `${reader} or ${trustor} or ${trustee}`,
  'identity:get_role_for_trust': `${reader} or ${trustor} or ${trustee}`,
  'identity:delete_trust': `${admin} or ${trustor}`,
  'identity:get_trust': `${reader} or ${trustor} or ${trustee}`,
  'identity:delete_access_rule': '(role:admin and system_scope:all) or user_id:%(target.user.id)s',
  'identity:create_application_credential': 'user_id:%(user_id)s',
  'identity:delete_application_credential': 'rule:admin_or_owner',
  'identity:get_domain': `${reader} or token.domain.id:%(target.domain.id)s or token.project.domain.id:%(target.domain.id)s`,
  'identity:list_groups_for_user': `${reader} or ${readerOf('target.user.domain_id')} or user_id:%(user_id)s`,
  'identity:check_user_in_group': `${reader} or (role:reader and domain_id:%(target.group.domain_id)s and domain_id:%(target.user.domain_id)s)`,
  'identity:get_limit':
    `${reader} or domain_id:%(target.limit.domain.id)s or domain_id:%(target.limit.project.domain_id)s` +
    ' or (project_id:%(target.limit.project_id)s and not None:%(target.limit.project_id)s)',
  'identity:list_user_projects': `${reader} or ${readerOf('target.user.domain_id')} or user_id:%(target.user.id)s`,
  'identity:check_token': `${reader} or rule:token_subject`,
  'identity:validate_token': `${reader} or rule:service_role or rule:token_subject`,
  'identity:revoke_token': `${admin} or rule:token_subject`,
  'identity:get_user': `${reader} or (role:reader and token.domain.id:%(target.user.domain_id)s) or user_id:%(target.user.id)s`,
}
