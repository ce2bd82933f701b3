// Policy of object storage, as data: who an account obeys beside what its containers' access lists say (access/). An account is a
// project; Swift's reseller administers all of them.
import type { Rules, RuleScopes } from '../platform/api/policy.ts'

export const objectPolicy: Rules = {
  'object:operator': '(role:admin or role:member or role:swiftoperator) and project_id:%(project_id)s',
  'object:reader': 'role:reader and project_id:%(project_id)s',
  'object:reseller': 'role:ResellerAdmin',
  'object:system_reader': 'role:reader and system_scope:all',
}

export const objectScopes: RuleScopes = { usual: ['project'], but: { 'object:system_reader': ['system'] } }
