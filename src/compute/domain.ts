// How the compute domain is wired into the cloud: its service, policy, migrations, work and checks. Only server/domains.ts imports it.
import { novaErrors } from '../platform/api/error-formats.ts'
import type { Domain, Service } from '../platform/api/operation.ts'
import { migrationsIn } from '../platform/store/migrations-in.ts'
import { imageCacheSaga } from './aggregates/images.ts'
import { allocationsCheck } from './checks/allocations.ts'
import { serversOrphansCheck } from './checks/orphans.ts'
import { serverDevicesCheck, serverPortsCheck } from './checks/devices.ts'
import { guestDevicesCheck, guestsCheck } from './checks/guests.ts'
import { serversRestingCheck } from './checks/resting.ts'
import { computeHeartbeat, computeHostsStart } from './hosts/hosts.ts'
import { computeMicroversions } from './microversions.ts'
import { computePolicy } from './policy/policy.ts'
import { closedQuery } from './routes/closed-queries.ts'
import { aggregateOperations } from './aggregates/routes.ts'
import { extensionOperations } from './legacy/extensions.routes.ts'
import { assistedSnapshotOperations } from './servers/attachments/assisted-snapshots.routes.ts'
import { externalEventOperations } from './servers/routes/external-events.ts'
import { flavorPartOperations } from './flavors/parts.routes.ts'
import { flavorOperations } from './flavors/routes.ts'
import { goneOperations } from './legacy/gone.routes.ts'
import { hostOperations } from './legacy/hosts.routes.ts'
import { hypervisorOperations } from './hosts/hypervisors.routes.ts'
import { imageOperations } from './legacy/images.routes.ts'
import { migrationOperations } from './server-migrations/routes.ts'
import { oldNetworkOperations } from './legacy/networks.routes.ts'
import { oldVolumeOperations } from './legacy/volumes.routes.ts'
import { quotaOperations } from './quotas/routes.ts'
import { securityGroupOperations } from './legacy/security-groups.routes.ts'
import { serverGroupOperations } from './server-groups/routes.ts'
import { serviceOperations } from './hosts/services.routes.ts'
import { usageOperations } from './usage/routes.ts'
import { versionOperations } from './routes/versions.ts'
import { keypairOperations } from './keypairs/routes.ts'
import { adminActions } from './servers/actions/admin.routes.ts'
import { consoleActions } from './consoles/actions.routes.ts'
import { imageActions } from './servers/actions/image.routes.ts'
import { powerActions } from './servers/actions/power.routes.ts'
import { rebuildActions } from './servers/actions/rebuild.routes.ts'
import { rescueActions } from './servers/actions/rescue.routes.ts'
import { resizeActions } from './servers/actions/resize.routes.ts'
import { shelveActions } from './servers/actions/shelve.routes.ts'
import { serverConsoleOperations } from './consoles/routes.ts'
import { serverCreateOperations } from './servers/create/routes.ts'
import { serverInterfaceOperations } from './servers/attachments/interfaces.routes.ts'
import { serverMetadataOperations } from './servers/routes/metadata.ts'
import { serverPartOperations } from './servers/routes/parts.ts'
import { serverShareOperations } from './servers/routes/shares.ts'
import { serverTimelineOperations } from './servers/routes/timeline.ts'
import { serverVolumeOperations } from './servers/attachments/volumes.routes.ts'
import { serversOperations } from './servers/routes/servers.ts'
import { portsWatch } from './servers/attachments/port-removed.ts'
import { serverWork } from './servers/sagas.ts'
import { serversWatch } from './servers/guest/watch.ts'
import { volumesWatch } from './servers/attachments/volume-extended.ts'
import { columns } from './store/tables.ts'
import { facts } from './store/facts.ts'

const operations = [
  ...serversOperations,
  ...serverCreateOperations,
  ...powerActions,
  ...rebuildActions,
  ...resizeActions,
  ...rescueActions,
  ...shelveActions,
  ...imageActions,
  ...adminActions,
  ...consoleActions,
  ...serverConsoleOperations,
  ...serverInterfaceOperations,
  ...serverVolumeOperations,
  ...serverMetadataOperations,
  ...serverShareOperations,
  ...serverTimelineOperations,
  ...serverPartOperations,
  ...keypairOperations,
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

const service: Service = {
  type: 'compute',
  prefix: '/compute',
  bases: ['/v2.1'],
  microversions: computeMicroversions,
  errors: novaErrors,
  strictSlash: true,
  operations: operations.map(closedQuery),
}

export const computeDomain: Domain = {
  name: 'compute',
  migrations: migrationsIn(import.meta.dirname),
  columns,
  facts,
  policy: computePolicy,
  policyScopes: { usual: ['project'] },
  services: [service],
  work: [...serverWork, computeHeartbeat, imageCacheSaga],
  checks: [
    guestsCheck,
    guestDevicesCheck,
    serversRestingCheck,
    serverDevicesCheck,
    serverPortsCheck,
    allocationsCheck,
    serversOrphansCheck,
  ],
  async start(ctx) {
    await computeHostsStart(ctx)
    serversWatch(ctx)
    volumesWatch(ctx)
    portsWatch(ctx)
  },
}
