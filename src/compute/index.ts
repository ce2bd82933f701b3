// The face of the compute domain: the only file of it that others import.
import { novaErrors } from '../platform/api/error-formats.ts'
import type { Domain, Service } from '../platform/api/operation.ts'
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
import { cloudOperations } from './routes/cloud-all.ts'
import { keypairOperations } from './keypairs/routes.ts'
import { keypairs } from './store/migrations/0001-keypairs.ts'
import { cloudTables } from './store/migrations/0020-cloud.ts'
import { volumesWithServer } from './store/migrations/0030-volumes-with-server.ts'
import { servers as serversTables } from './store/migrations/0010-servers.ts'
import { serverOperations } from './servers/routes/all.ts'
import { portsWatch } from './servers/attachments/port-removed.ts'
import { serverFetchAny } from './servers/store/servers.ts'
import { serverWork } from './servers/sagas.ts'
import { serversWatch } from './servers/guest/watch.ts'
import { volumesWatch } from './servers/attachments/volume-extended.ts'
import { resourcesCalled } from './store/called.ts'

export { computeBootstrap } from './bootstrap.ts'
export { hostsKnown } from './hosts/hosts.ts'
export { createConsoleProxy } from './consoles/backends/proxy.ts'
export { metadataSource } from './metadata/source.ts'

const service: Service = {
  type: 'compute',
  prefix: '/compute',
  bases: ['/v2.1'],
  microversions: computeMicroversions,
  errors: novaErrors,
  strictSlash: true,
  operations: [...serverOperations, ...keypairOperations, ...cloudOperations].map(closedQuery),
}

export const domain: Domain = {
  name: 'compute',
  migrations: {
    '0001-keypairs': keypairs,
    '0010-servers': serversTables,
    '0020-cloud': cloudTables,
    '0030-volumes-with-server': volumesWithServer,
  },
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
  resourcesCalled: ({ db }, word) => resourcesCalled(db, word),
  resourceName: async ({ db }, type, id) => (type === 'server' ? ((await serverFetchAny(db, id))?.name ?? null) : null),
}
