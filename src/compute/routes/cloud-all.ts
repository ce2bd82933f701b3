// All operations of compute on everything that is not a server.
import type { Operation } from '../../platform/api/operation.ts'
import { aggregateOperations } from './aggregates.ts'
import { extensionOperations } from './extensions.ts'
import { assistedSnapshotOperations } from './assisted-snapshots.ts'
import { externalEventOperations } from './external-events.ts'
import { flavorPartOperations } from './flavor-parts.ts'
import { flavorOperations } from './flavors.ts'
import { goneOperations } from './gone.ts'
import { hostOperations } from './hosts.ts'
import { hypervisorOperations } from './hypervisors.ts'
import { imageOperations } from './images.ts'
import { migrationOperations } from './migrations.ts'
import { oldNetworkOperations } from './old-networks.ts'
import { oldVolumeOperations } from './old-volumes.ts'
import { quotaOperations } from './quotas.ts'
import { securityGroupOperations } from './security-groups.ts'
import { serverGroupOperations } from './server-groups.ts'
import { serviceOperations } from './services.ts'
import { usageOperations } from './usage.ts'
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
