// All operations of compute on everything that is not a server.
import type { Operation } from '../../platform/api/operation.ts'
import { aggregateOperations } from '../aggregates/routes.ts'
import { extensionOperations } from '../legacy/extensions.routes.ts'
import { assistedSnapshotOperations } from '../servers/attachments/assisted-snapshots.routes.ts'
import { externalEventOperations } from '../servers/routes/external-events.ts'
import { flavorPartOperations } from '../flavors/parts.routes.ts'
import { flavorOperations } from '../flavors/routes.ts'
import { goneOperations } from '../legacy/gone.routes.ts'
import { hostOperations } from '../legacy/hosts.routes.ts'
import { hypervisorOperations } from '../hosts/hypervisors.routes.ts'
import { imageOperations } from '../legacy/images.routes.ts'
import { migrationOperations } from '../server-migrations/routes.ts'
import { oldNetworkOperations } from '../legacy/networks.routes.ts'
import { oldVolumeOperations } from '../legacy/volumes.routes.ts'
import { quotaOperations } from '../quotas/routes.ts'
import { securityGroupOperations } from '../legacy/security-groups.routes.ts'
import { serverGroupOperations } from '../server-groups/routes.ts'
import { serviceOperations } from '../hosts/services.routes.ts'
import { usageOperations } from '../usage/routes.ts'
import { versionOperations } from './versions.ts'

export const cloudOperations: Operation[] = [
  ...versionOperations,
  ...flavorOperations,
  ...flavorPartOperations,
  ...aggregateOperations,
  ...serviceOperations,
  ...hypervisorOperations,
  ...hostOperations,
  ...quotaOperations,
  ...serverGroupOperations,
  ...usageOperations,
  ...migrationOperations,
  ...assistedSnapshotOperations,
  ...externalEventOperations,
  ...extensionOperations,
  ...securityGroupOperations,
  ...oldNetworkOperations,
  ...imageOperations,
  ...oldVolumeOperations,
  ...goneOperations,
]
