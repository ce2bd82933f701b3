// Neutron's API as one service: its root is unversioned, all resources are below /v2.0.
import { neutronErrors } from '../../platform/api/error-formats.ts'
import { anyMedia } from '../../platform/api/media-types.ts'
import type { Service } from '../../platform/api/operation.ts'
import { refuse } from '../api/permission.ts'
import { agentSchedulerOperations } from './agent-schedulers.ts'
import { autoTopologyOperations } from './auto-topology.ts'
import { extensionOperations } from './extensions.ts'
import { factOperations } from './facts.ts'
import { poolAndGroupOperations } from './pools-and-groups.ts'
import { quotasOperations } from './quotas.ts'
import { usualOperations } from './resources.ts'
import { routerActionOperations } from './router-actions.ts'
import { tagsOperations } from './tags.ts'
import { versionOperations } from './versions.ts'

export const networkService: Service = {
  type: 'network',
  prefix: '/network',
  bases: ['/v2.0'],
  errors: neutronErrors,
  media: anyMedia,
  maxBodyBytes: 262_144,
  refusal: (rule) => refuse(rule),
  operations: [
    ...versionOperations,
    ...usualOperations,
    ...routerActionOperations,
    ...poolAndGroupOperations,
    ...tagsOperations,
    ...quotasOperations,
    ...extensionOperations,
    ...factOperations,
    ...agentSchedulerOperations,
    ...autoTopologyOperations,
  ],
}
