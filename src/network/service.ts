// Neutron's API as one service: its root is unversioned, all resources are below /v2.0.
import { neutronErrors } from '../platform/api/error-formats.ts'
import type { Service } from '../platform/api/operation.ts'
import { usualOperations } from './routes/resources.ts'
import { versionOperations } from './routes/versions.ts'

export const networkService: Service = {
  type: 'network',
  prefix: '/network',
  bases: ['/v2.0'],
  errors: neutronErrors,
  operations: [...versionOperations, ...usualOperations],
}
