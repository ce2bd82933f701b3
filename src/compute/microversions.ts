// The microversions of compute that are served.
import type { MicroversionRange } from '../platform/api/microversion.ts'

export const computeMicroversions: MicroversionRange = {
  min: '2.1',
  max: '2.104',
  service: 'compute',
  legacyHeader: 'x-openstack-nova-api-version',
}
