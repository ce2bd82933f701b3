// How the placement domain is wired into the cloud: its service, policy, migrations, work and checks. Only server/domains.ts imports it.
import { placementErrors } from '../platform/api/error-formats.ts'
import { placementMedia } from '../platform/api/media-types.ts'
import { forbidden } from '../platform/errors.ts'
import type { Domain, Service } from '../platform/api/operation.ts'
import { migrationsIn } from '../platform/store/migrations-in.ts'
import { placementFaults } from './failures.ts'
import { placementPolicy } from './policy.ts'
import { allocationOperations } from './routes/allocations.ts'
import { inJson } from './routes/answer.ts'
import { candidateOperations } from './routes/candidates.ts'
import { inventoryOperations } from './routes/inventories.ts'
import { providerPartOperations } from './routes/provider-parts.ts'
import { providerOperations, versionDocument } from './routes/providers.ts'
import { traitOperations } from './routes/traits.ts'
import { facts } from './store/facts.ts'

const service: Service = {
  type: 'placement',
  prefix: '/placement',
  bases: [''],
  microversions: { min: '1.0', max: '1.39', service: 'placement' },
  errors: placementErrors,
  faults: placementFaults,
  media: placementMedia,
  maxBodyBytes: 262_144,
  refusal: (rule) => forbidden(`Policy does not allow ${rule} to be performed.`),
  operations: [
    versionDocument,
    ...[
      ...providerOperations,
      ...inventoryOperations,
      ...providerPartOperations,
      ...traitOperations,
      ...allocationOperations,
      ...candidateOperations,
    ].map(inJson),
  ],
}

export const placementDomain: Domain = {
  name: 'placement',
  migrations: migrationsIn(import.meta.dirname),
  facts,
  policy: placementPolicy,
  policyScopes: { usual: ['project'] },
  services: [service],
  work: [],
}
