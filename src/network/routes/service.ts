// Neutron's API as one service: its root is unversioned, all resources are below /v2.0.
import { neutronErrors } from '../../platform/api/error-formats.ts'
import { anyMedia } from '../../platform/api/media-types.ts'
import type { Service } from '../../platform/api/operation.ts'
import { refuse } from '../api/permission.ts'
import { agentSchedulerOperations } from '../agents/schedulers.routes.ts'
import { autoTopologyOperations } from '../networks/auto-topology.routes.ts'
import { extensionOperations } from './extensions.ts'
import { factOperations } from './facts.ts'
import { addressGroupOperations } from '../address-groups/routes.ts'
import { subnetpoolOperations } from '../subnetpools/routes.ts'
import { quotasOperations } from '../quotas/routes.ts'
import { usualOperations } from './resources.ts'
import { routerActionOperations } from '../routers/actions.routes.ts'
import { tagsOperations } from '../tags/routes.ts'
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
    ...subnetpoolOperations,
    ...addressGroupOperations,
    ...tagsOperations,
    ...quotasOperations,
    ...extensionOperations,
    ...factOperations,
    ...agentSchedulerOperations,
    ...autoTopologyOperations,
  ],
}
