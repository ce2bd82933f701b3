// The resources that have the usual five operations, or some of them.
import { resourceOperations } from '../api/resource.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { networks } from '../networks.ts'
import { ports } from '../ports.ts'
import { securityGroupRules, securityGroups } from '../security-groups.ts'
import { subnets } from '../subnets.ts'

export const usualOperations: Operation[] = [
  ...resourceOperations(networks),
  ...resourceOperations(subnets),
  ...resourceOperations(ports),
  ...resourceOperations(securityGroups),
  ...resourceOperations(securityGroupRules),
]
