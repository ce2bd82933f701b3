// Neutron's API as one service: its root is unversioned, all resources are below /v2.0.
import { neutronErrors } from '../platform/api/error-formats.ts'
import type { Service } from '../platform/api/operation.ts'
import { agentSchedulerOperations } from './routes/agent-schedulers.ts'
import { autoTopologyOperations } from './routes/auto-topology.ts'
import { extensionOperations } from './routes/extensions.ts'
import { factOperations } from './routes/facts.ts'
import { poolAndGroupOperations } from './routes/pools-and-groups.ts'
import { quotasOperations } from './routes/quotas.ts'
import { usualOperations } from './routes/resources.ts'
import { routerActionOperations } from './routes/router-actions.ts'
import { tagsOperations } from './routes/tags.ts'
import { versionOperations } from './routes/versions.ts'

export const networkService: Service = {
  type: 'network',
  prefix: '/network',
  bases: ['/v2.0'],
  errors: neutronErrors,
  operations: [
    ...versionOperations, ...usualOperations, ...routerActionOperations, ...poolAndGroupOperations, ...tagsOperations, ...quotasOperations, ...extensionOperations,
    ...factOperations, ...agentSchedulerOperations, ...autoTopologyOperations,
  ],
}
