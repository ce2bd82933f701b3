// The tables of delegation and of settings: application credentials, trusts, credentials, policies, limits.
import { rows } from '../../platform/store/rows.ts'
import type { Attributes } from './tables.ts'

export interface ApplicationCredentialRow {
  id: string
  name: string
  user_id: string
  project_id: string
  secret_hash: string
  description: string | null
  expires_at: string | null
  /** may itself make and delete application credentials and trusts */
  unrestricted: boolean
  /** role ids; what holds is these less what the user has lost since */
  roles: string[]
  /** access rule ids; null: no rules, everything; []: nothing */
  access_rules: string[] | null
  created_at: string
}
export interface AccessRuleRow {
  id: string
  user_id: string
  service: string
  path: string
  method: string
}
export interface TrustRow {
  id: string
  trustor_user_id: string
  trustee_user_id: string
  project_id: string | null
  impersonation: boolean
  expires_at: string | null
  remaining_uses: number | null
  redelegated_trust_id: string | null
  redelegation_count: number
  /** role ids */
  roles: string[]
  extra: Attributes
  deleted_at: string | null
  created_at: string
}
export interface CredentialRow {
  id: string
  user_id: string
  project_id: string | null
  type: string
  encrypted_blob: string
  extra: Attributes
}
export interface ConsumerRow {
  id: string
  description: string | null
  secret: string
  extra: Attributes
}
export interface RequestTokenRow {
  id: string
  secret: string
  consumer_id: string
  project_id: string
  /** set when a user has authorized it */
  verifier: string | null
  authorizing_user_id: string | null
  /** role ids */
  roles: string[] | null
  expires_at: string | null
}
export interface AccessTokenRow {
  id: string
  secret: string
  consumer_id: string
  project_id: string
  authorizing_user_id: string
  /** role ids; what holds is these less what the user has lost since */
  roles: string[]
  expires_at: string | null
}
export interface PolicyRow {
  id: string
  type: string
  blob: string
  extra: Attributes
}
export interface PolicyAssociationRow {
  id: string
  policy_id: string
  endpoint_id: string | null
  service_id: string | null
  region_id: string | null
}
export interface RegisteredLimitRow {
  id: string
  service_id: string
  region_id: string | null
  resource_name: string
  default_limit: number
  description: string | null
}
export interface LimitRow {
  id: string
  registered_limit_id: string
  service_id: string
  region_id: string | null
  resource_name: string
  project_id: string | null
  domain_id: string | null
  resource_limit: number
  description: string | null
}
export interface DomainOptionRow {
  domain_id: string
  group_name: string
  option_name: string
  /** JSON, also of null */
  value: string
}

export const applicationCredentials = rows<ApplicationCredentialRow>('identity_application_credentials')
export const accessRules = rows<AccessRuleRow>('identity_access_rules')
export const trusts = rows<TrustRow>('identity_trusts')
export const credentials = rows<CredentialRow>('identity_credentials')
export const consumers = rows<ConsumerRow>('identity_consumers')
export const requestTokens = rows<RequestTokenRow>('identity_request_tokens')
export const accessTokens = rows<AccessTokenRow>('identity_access_tokens')
export const policies = rows<PolicyRow>('identity_policies')
export const policyAssociations = rows<PolicyAssociationRow>('identity_policy_associations')
export const registeredLimits = rows<RegisteredLimitRow>('identity_registered_limits')
export const limits = rows<LimitRow>('identity_limits')
export const domainOptions = rows<DomainOptionRow>('identity_domain_options', 'option_name')
