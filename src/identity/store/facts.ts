// What the timeline is told of identity's rows: never passwords, secrets, blobs, options, or what clients add of their own (extra).
import type { FactsOf } from '../../platform/store/facts.ts'

export const facts: FactsOf = {
  identity_projects: {
    type: { column: 'is_domain', types: { 0: 'identity.project', 1: 'identity.domain' } },
    by: [],
    facts: ['name', 'domain_id', 'parent_id', 'enabled', 'description'],
    quiet: ['epoch'],
  },
  identity_project_tags: { type: 'identity.project', id: 'project_id', part: { name: 'tag', key: ['name'] }, facts: [] },
  identity_project_endpoints: { type: 'identity.project', id: 'project_id', part: { name: 'endpoint', key: ['endpoint_id'] }, facts: [] },
  identity_project_endpoint_groups: {
    type: 'identity.project',
    id: 'project_id',
    part: { name: 'endpoint_group', key: ['endpoint_group_id'] },
    facts: [],
  },
  identity_domain_options: {
    type: 'identity.domain',
    id: 'domain_id',
    part: { name: 'option', key: ['group_name', 'option_name'] },
    facts: [],
  },
  identity_users: {
    type: 'identity.user',
    by: [],
    facts: ['name', 'domain_id', 'enabled', 'default_project_id', 'password_expires_at'],
    quiet: ['epoch', 'failures', 'failed_at', 'last_active_on'],
  },
  identity_user_groups: { type: 'identity.group', id: 'group_id', part: { name: 'user', key: ['user_id'] }, facts: [] },
  identity_groups: { type: 'identity.group', by: [], facts: ['name', 'domain_id', 'description'] },
  identity_roles: { type: 'identity.role', by: [], facts: ['name', 'domain_id', 'description'] },
  identity_implied_roles: { type: 'identity.role', id: 'prior_role_id', part: { name: 'implies', key: ['implied_role_id'] }, facts: [] },
  identity_assignments: {
    type: { column: 'actor_type', types: { user: 'identity.user', group: 'identity.group' } },
    id: 'actor_id',
    part: { name: 'grant', key: ['role_id', 'target_type', 'target_id', 'inherited'] },
    facts: [],
  },
  identity_regions: { type: 'identity.region', facts: ['description', 'parent_region_id'] },
  identity_services: { type: 'identity.service', facts: ['type', 'enabled'] },
  identity_endpoints: { type: 'identity.endpoint', facts: ['interface', 'region_id', 'service_id', 'url', 'enabled'] },
  identity_endpoint_groups: { type: 'identity.endpoint_group', facts: ['name', 'description', 'filters'] },
  identity_application_credentials: {
    type: 'identity.application_credential',
    project: 'project_id',
    facts: ['name', 'user_id', 'project_id', 'expires_at', 'unrestricted', 'roles', 'access_rules'],
  },
  identity_access_rules: { type: 'identity.access_rule', facts: ['user_id', 'service', 'path', 'method'] },
  identity_trusts: {
    type: 'identity.trust',
    project: 'project_id',
    facts: [
      'trustor_user_id',
      'trustee_user_id',
      'project_id',
      'impersonation',
      'expires_at',
      'remaining_uses',
      'redelegated_trust_id',
      'roles',
      'deleted_at',
    ],
  },
  identity_credentials: { type: 'identity.credential', facts: ['user_id', 'project_id', 'type'] },
  identity_consumers: { type: 'identity.consumer', facts: ['description'] },
  identity_request_tokens: {
    type: 'identity.request_token',
    facts: ['consumer_id', 'project_id', 'authorizing_user_id', 'roles', 'expires_at'],
  },
  identity_access_tokens: {
    type: 'identity.access_token',
    facts: ['consumer_id', 'project_id', 'authorizing_user_id', 'roles', 'expires_at'],
  },
  identity_policies: { type: 'identity.policy', facts: ['type'] },
  identity_policy_associations: {
    type: 'identity.policy',
    id: 'policy_id',
    part: { name: 'association', key: ['id'] },
    facts: ['endpoint_id', 'service_id', 'region_id'],
  },
  identity_registered_limits: { type: 'identity.registered_limit', facts: ['service_id', 'region_id', 'resource_name', 'default_limit'] },
  identity_limits: {
    type: 'identity.limit',
    facts: ['registered_limit_id', 'service_id', 'region_id', 'resource_name', 'project_id', 'domain_id', 'resource_limit'],
  },
}
