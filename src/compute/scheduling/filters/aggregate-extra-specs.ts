// Extra specs `aggregate_instance_extra_specs:…` must be met by the metadata of one of the host's aggregates.
// Unscoped extra specs are nobody's here: in Nova they surprise operators who set one for another reason.
import { satisfies } from './extra-specs.ts'
import type { Filter } from './filter.ts'

const scope = 'aggregate_instance_extra_specs:'

export const aggregateExtraSpecsFilter: Filter = {
  name: 'AggregateInstanceExtraSpecsFilter',
  passes: (host, { request }) =>
    Object.entries(request.flavor.extraSpecs)
      .filter(([key]) => key.startsWith(scope))
      .every(([key, requirement]) =>
        host.aggregates.some((metadata) =>
          metadata[key.slice(scope.length)]?.split(',').some((value) => satisfies(value.trim(), requirement)),
        ),
      ),
}
