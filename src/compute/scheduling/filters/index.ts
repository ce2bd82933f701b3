// The filters in the order in which they are asked: cheap and telling ones first.
import { aggregateExtraSpecsFilter } from './aggregate-extra-specs.ts'
import { aggregateTenancyFilter } from './aggregate-tenancy.ts'
import { availabilityZoneFilter } from './availability-zone.ts'
import { computeCapabilitiesFilter } from './compute-capabilities.ts'
import { computeFilter } from './compute.ts'
import type { Filter } from './filter.ts'
import { imagePropertiesFilter } from './image-properties.ts'
import { numInstancesFilter } from './num-instances.ts'
import { differentHostFilter, sameHostFilter } from './other-servers.ts'
import { ignoreHostsFilter, requestedHostFilter } from './requested-host.ts'
import { serverGroupAffinityFilter, serverGroupAntiAffinityFilter } from './server-group.ts'

export const filters: Filter[] = [
  requestedHostFilter,
  ignoreHostsFilter,
  computeFilter,
  availabilityZoneFilter,
  imagePropertiesFilter,
  computeCapabilitiesFilter,
  aggregateExtraSpecsFilter,
  aggregateTenancyFilter,
  sameHostFilter,
  differentHostFilter,
  serverGroupAntiAffinityFilter,
  serverGroupAffinityFilter,
  numInstancesFilter,
]

/** What still holds for a host that an admin forces: it must be that one, and not the one to leave. */
export const forcedFilters: Filter[] = [requestedHostFilter, ignoreHostsFilter]
