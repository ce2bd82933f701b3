// The resources that have the usual five operations, or some of them: what each is called, shown as and made from.
// All are exported: tests over every resource take whatever this file has.
import type { Operation } from '../../platform/api/operation.ts'
import { addressGroups } from '../address-groups/address-groups.ts'
import { addressScopes } from '../address-scopes/address-scopes.ts'
import { agents } from '../agents/agents.ts'
import { floatingIps } from '../floating-ips/floating-ips.ts'
import { networks } from '../networks/networks.ts'
import { ports } from '../ports/ports.ts'
import { rbacPolicies } from '../rbac-policies/rbac-policies.ts'
import { routers } from '../routers/routers.ts'
import { securityGroupRules, securityGroups } from '../security-groups/security-groups.ts'
import { subnetpools } from '../subnetpools/subnetpools.ts'
import { subnets } from '../subnets/subnets.ts'
import { agentView } from '../agents/view.ts'
import { networkView } from '../networks/view.ts'
import { portView } from '../ports/view.ts'
import { rbacPolicyView } from '../rbac-policies/view.ts'
import { routerView } from '../routers/view.ts'
import { floatingIpView } from '../floating-ips/view.ts'
import { securityGroupRuleView, securityGroupView } from '../security-groups/view.ts'
import { subnetpoolView } from '../subnetpools/view.ts'
import { addressScopeView } from '../address-scopes/view.ts'
import { addressGroupView } from '../address-groups/view.ts'
import { subnetView } from '../subnets/view.ts'
import { resourceOperations, type ApiResource } from './resource-operations.ts'
import type { ResourceRow } from '../api/resource.ts'

/** Only here for the types. */
const described = <Row extends ResourceRow, Facts>(api: ApiResource<Row, Facts>) => api

export const networksApi = described({
  resource: networks,
  collection: 'networks',
  path: '/networks',
  view: networkView,
})
export const subnetsApi = described({
  resource: subnets,
  collection: 'subnets',
  path: '/subnets',
  view: subnetView,
})
export const portsApi = described({ resource: ports, collection: 'ports', path: '/ports', view: portView })
export const securityGroupsApi = described({
  resource: securityGroups,
  collection: 'security_groups',
  path: '/security-groups',
  view: securityGroupView,
})
export const securityGroupRulesApi = described({
  resource: securityGroupRules,
  collection: 'security_group_rules',
  path: '/security-group-rules',
  view: securityGroupRuleView,
})
export const routersApi = described({
  resource: routers,
  collection: 'routers',
  path: '/routers',
  view: routerView,
})
export const floatingIpsApi = described({
  resource: floatingIps,
  collection: 'floatingips',
  path: '/floatingips',
  view: floatingIpView,
})
export const subnetpoolsApi = described({
  resource: subnetpools,
  collection: 'subnetpools',
  path: '/subnetpools',
  view: subnetpoolView,
})
export const addressScopesApi = described({
  resource: addressScopes,
  collection: 'address_scopes',
  path: '/address-scopes',
  view: addressScopeView,
})
export const addressGroupsApi = described({
  resource: addressGroups,
  collection: 'address_groups',
  path: '/address-groups',
  view: addressGroupView,
})
export const rbacPoliciesApi = described({
  resource: rbacPolicies,
  collection: 'rbac_policies',
  path: '/rbac-policies',
  view: rbacPolicyView,
})
export const agentsApi = described({
  resource: agents,
  collection: 'agents',
  path: '/agents',
  view: agentView,
  isListedToAll: true,
})

export const usualOperations: Operation[] = [
  ...resourceOperations(networksApi),
  ...resourceOperations(subnetsApi),
  ...resourceOperations(portsApi),
  ...resourceOperations(securityGroupsApi),
  ...resourceOperations(securityGroupRulesApi),
  ...resourceOperations(routersApi),
  ...resourceOperations(floatingIpsApi),
  ...resourceOperations(subnetpoolsApi),
  ...resourceOperations(addressScopesApi),
  ...resourceOperations(addressGroupsApi),
  ...resourceOperations(rbacPoliciesApi),
  ...resourceOperations(agentsApi),
]
