// The JSON home document: which relation of the identity API is at which path. Data; few clients read it.
import { table } from '../../platform/table.ts'

const base = 'https://docs.openstack.org/api/openstack-identity/3/'

const inherited = 'ext/OS-INHERIT/1.0/rel'
const below = '/OS-INHERIT/'

/** relation below `base`, path or URI template */
const relations: [relation: string, path: string][] = [
  ['rel/auth_projects', '/auth/projects'],
  ['rel/auth_domains', '/auth/domains'],
  ['rel/auth_system', '/auth/system'],
  ['rel/auth_catalog', '/auth/catalog'],
  ['rel/auth_tokens', '/auth/tokens'],
  ['rel/credentials', '/credentials'],
  ['rel/credential', '/credentials/{credential_id}'],
  ['rel/domains', '/domains'],
  ['rel/domain', '/domains/{domain_id}'],
  ['rel/domain_config', '/domains/{domain_id}/config'],
  ['rel/domain_config_group', '/domains/{domain_id}/config/{group}'],
  ['rel/domain_config_option', '/domains/{domain_id}/config/{group}/{option}'],
  ['rel/domain_config_default', '/domains/config/default'],
  ['rel/domain_config_default_group', '/domains/config/{group}/default'],
  ['rel/domain_config_default_option', '/domains/config/{group}/{option}/default'],
  ['rel/domain_user_roles', '/domains/{domain_id}/users/{user_id}/roles'],
  ['rel/domain_user_role', '/domains/{domain_id}/users/{user_id}/roles/{role_id}'],
  ['rel/domain_group_roles', '/domains/{domain_id}/groups/{group_id}/roles'],
  ['rel/domain_group_role', '/domains/{domain_id}/groups/{group_id}/roles/{role_id}'],
  ['ext/OS-EC2/1.0/rel/ec2tokens', '/ec2tokens'],
  ['rel/endpoints', '/endpoints'],
  ['rel/endpoint', '/endpoints/{endpoint_id}'],
  ['ext/OS-ENDPOINT-POLICY/1.0/rel/endpoint_policy', '/endpoints/{endpoint_id}/OS-ENDPOINT-POLICY/policy'],
  ['rel/groups', '/groups'],
  ['rel/group', '/groups/{group_id}'],
  ['rel/group_users', '/groups/{group_id}/users'],
  ['rel/group_user', '/groups/{group_id}/users/{user_id}'],
  ['rel/limits', '/limits'],
  ['rel/limit', '/limits/{limit_id}'],
  ['rel/limit_model', '/limits/model'],
  ['ext/OS-EP-FILTER/1.0/rel/endpoint_groups', '/OS-EP-FILTER/endpoint_groups'],
  ['ext/OS-EP-FILTER/1.0/rel/endpoint_group', '/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}'],
  ['ext/OS-EP-FILTER/1.0/rel/endpoint_projects', '/OS-EP-FILTER/endpoints/{endpoint_id}/projects'],
  ['ext/OS-EP-FILTER/1.0/rel/project_endpoint', '/OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}'],
  ['ext/OS-EP-FILTER/1.0/rel/project_endpoints', '/OS-EP-FILTER/projects/{project_id}/endpoints'],
  ['ext/OS-EP-FILTER/1.0/rel/project_endpoint_groups', '/OS-EP-FILTER/projects/{project_id}/endpoint_groups'],
  ['ext/OS-EP-FILTER/1.0/rel/endpoints_in_endpoint_group', '/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/endpoints'],
  ['ext/OS-EP-FILTER/1.0/rel/projects_associated_with_endpoint_group', '/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects'],
  [
    'ext/OS-EP-FILTER/1.0/rel/endpoint_group_to_project_association',
    '/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects/{project_id}',
  ],
  [
    `${inherited}/domain_group_role_inherited_to_projects`,
    `${below}domains/{domain_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects`,
  ],
  [`${inherited}/domain_group_roles_inherited_to_projects`, `${below}domains/{domain_id}/groups/{group_id}/roles/inherited_to_projects`],
  [
    `${inherited}/domain_user_role_inherited_to_projects`,
    `${below}domains/{domain_id}/users/{user_id}/roles/{role_id}/inherited_to_projects`,
  ],
  [`${inherited}/domain_user_roles_inherited_to_projects`, `${below}domains/{domain_id}/users/{user_id}/roles/inherited_to_projects`],
  [
    `${inherited}/project_user_role_inherited_to_projects`,
    `${below}projects/{project_id}/users/{user_id}/roles/{role_id}/inherited_to_projects`,
  ],
  [
    `${inherited}/project_group_role_inherited_to_projects`,
    `${below}projects/{project_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects`,
  ],
  ['ext/OS-OAUTH1/1.0/rel/consumers', '/OS-OAUTH1/consumers'],
  ['ext/OS-OAUTH1/1.0/rel/consumer', '/OS-OAUTH1/consumers/{consumer_id}'],
  ['ext/OS-OAUTH1/1.0/rel/request_tokens', '/OS-OAUTH1/request_token'],
  ['ext/OS-OAUTH1/1.0/rel/access_tokens', '/OS-OAUTH1/access_token'],
  ['ext/OS-OAUTH1/1.0/rel/authorize_request_token', '/OS-OAUTH1/authorize/{request_token_id}'],
  ['ext/OS-OAUTH1/1.0/rel/user_access_tokens', '/users/{user_id}/OS-OAUTH1/access_tokens'],
  ['ext/OS-OAUTH1/1.0/rel/user_access_token', '/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}'],
  ['ext/OS-OAUTH1/1.0/rel/user_access_token_roles', '/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}/roles'],
  ['ext/OS-OAUTH1/1.0/rel/user_access_token_role', '/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}/roles/{role_id}'],
  ['ext/OS-REVOKE/1.0/rel/events', '/OS-REVOKE/events'],
  ['rel/policies', '/policies'],
  ['rel/policy', '/policies/{policy_id}'],
  ['ext/OS-ENDPOINT-POLICY/1.0/rel/policy_endpoints', '/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints'],
  ['ext/OS-ENDPOINT-POLICY/1.0/rel/endpoint_policy_association', '/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints/{endpoint_id}'],
  ['ext/OS-ENDPOINT-POLICY/1.0/rel/service_policy_association', '/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}'],
  [
    'ext/OS-ENDPOINT-POLICY/1.0/rel/region_and_service_policy_association',
    '/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}/regions/{region_id}',
  ],
  ['rel/projects', '/projects'],
  ['rel/project', '/projects/{project_id}'],
  ['rel/project_tags', '/projects/{project_id}/tags/{value}'],
  ['rel/project_user_role', '/projects/{project_id}/users/{user_id}/roles/{role_id}'],
  ['rel/project_user_roles', '/projects/{project_id}/users/{user_id}/roles'],
  ['rel/project_group_role', '/projects/{project_id}/groups/{group_id}/roles/{role_id}'],
  ['rel/project_group_roles', '/projects/{project_id}/groups/{group_id}/roles'],
  ['rel/regions', '/regions'],
  ['rel/region', '/regions/{region_id}'],
  ['rel/registered_limits', '/registered_limits'],
  ['rel/registered_limit', '/registered_limits/{registered_limit_id}'],
  ['rel/role_assignments', '/role_assignments'],
  ['rel/role_inferences', '/role_inferences'],
  ['rel/roles', '/roles'],
  ['rel/role', '/roles/{role_id}'],
  ['rel/implied_roles', '/roles/{prior_role_id}/implies'],
  ['rel/implied_role', '/roles/{prior_role_id}/implies/{implied_role_id}'],
  ['ext/s3tokens/1.0/rel/s3tokens', '/s3tokens'],
  ['rel/services', '/services'],
  ['rel/service', '/services/{service_id}'],
  ['rel/system_user_roles', '/system/users/{user_id}/roles'],
  ['rel/system_user_role', '/system/users/{user_id}/roles/{role_id}'],
  ['rel/system_group_roles', '/system/groups/{group_id}/roles'],
  ['rel/system_group_role', '/system/groups/{group_id}/roles/{role_id}'],
  ['ext/OS-TRUST/1.0/rel/trusts', '/OS-TRUST/trusts'],
  ['ext/OS-TRUST/1.0/rel/trust', '/OS-TRUST/trusts/{trust_id}'],
  ['ext/OS-TRUST/1.0/rel/trust_roles', '/OS-TRUST/trusts/{trust_id}/roles'],
  ['ext/OS-TRUST/1.0/rel/trust_role', '/OS-TRUST/trusts/{trust_id}/roles/{role_id}'],
  ['rel/users', '/users'],
  ['rel/user', '/users/{user_id}'],
  ['rel/user_change_password', '/users/{user_id}/password'],
  ['rel/user_groups', '/users/{user_id}/groups'],
  ['rel/user_projects', '/users/{user_id}/projects'],
  ['ext/OS-EC2/1.0/rel/user_credentials', '/users/{user_id}/credentials/OS-EC2'],
  ['ext/OS-EC2/1.0/rel/user_credential', '/users/{user_id}/credentials/OS-EC2/{credential_id}'],
  ['rel/application_credentials', '/users/{user_id}/application_credentials'],
  ['rel/application_credential', '/users/{user_id}/application_credentials/{application_credential_id}'],
  ['rel/access_rules', '/users/{user_id}/access_rules'],
  ['rel/access_rule', '/users/{user_id}/access_rules/{access_rule_id}'],
]

const experimental = new Set(['rel/limits', 'rel/limit', 'rel/limit_model', 'rel/registered_limits', 'rel/registered_limit'])

/** Names of variables that are not simply `param/<name>`. */
const variables: Record<string, string> = table({
  group: 'param/config_group',
  option: 'param/config_option',
  implied_role_id: 'param/role_id',
  prior_role_id: 'param/role_id',
  value: 'param/tag_value',
  consumer_id: 'ext/OS-OAUTH1/1.0/param/consumer_id',
  request_token_id: 'ext/OS-OAUTH1/1.0/param/request_token_id',
  access_token_id: 'ext/OS-OAUTH1/1.0/param/access_token_id',
  endpoint_group_id: 'ext/OS-EP-FILTER/1.0/param/endpoint_group_id',
  trust_id: 'ext/OS-TRUST/1.0/param/trust_id',
})

type Resource = { href: string } | { 'href-template': string; 'href-vars': Record<string, string> }

/** The `resources` of the document; `prefix` is '' below /v3 and '/v3' above it. */
export function jsonHome(prefix: string): Record<string, Resource> {
  return Object.fromEntries(
    relations.map(([relation, path]): [string, Resource & { hints?: object }] => {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
      const vars = Object.fromEntries(names.map((name) => [name, base + (variables[name] ?? `param/${name}`)]))
      const resource = names.length === 0 ? { href: prefix + path } : { 'href-template': prefix + path, 'href-vars': vars }
      return [base + relation, experimental.has(relation) ? { ...resource, hints: { status: 'experimental' } } : resource]
    }),
  )
}
