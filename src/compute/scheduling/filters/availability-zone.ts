// Only hosts of the zone that was asked for.
import type { Filter } from './filter.ts'

export const availabilityZoneFilter: Filter = {
  name: 'AvailabilityZoneFilter',
  passes: (host, { request }) => request.availabilityZone === null || host.zone === request.availabilityZone,
}
