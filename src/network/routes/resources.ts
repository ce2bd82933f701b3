// The resources that have the usual five operations, or some of them.
import { resourceOperations } from '../api/resource.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { addressGroups } from '../address-groups.ts'
import { agents } from '../agents.ts'
import { floatingIps } from '../floating-ips.ts'
import { networks } from '../networks.ts'
import { ports } from '../ports.ts'
import { rbacPolicies } from '../rbac-policies.ts'
import { routers } from '../routers.ts'
import { securityGroupRules, securityGroups } from '../security-groups.ts'
import { addressScopes, subnetpools } from '../subnetpools.ts'
import { subnets } from '../subnets.ts'

export const usualOperations: Operation[] = [
  ...resourceOperations(networks),
  ...resourceOperations(subnets),
  ...resourceOperations(ports),
  ...resourceOperations(securityGroups),
  ...resourceOperations(securityGroupRules),
  ...resourceOperations(routers),
  ...resourceOperations(floatingIps),
  ...resourceOperations(subnetpools),
  ...resourceOperations(addressScopes),
  ...resourceOperations(addressGroups),
  ...resourceOperations(rbacPolicies),
  ...resourceOperations(agents),
]
