// An aggregate with filter_tenant_id… keeps its hosts for those projects.
import type { Filter } from './filter.ts'

export const aggregateTenancyFilter: Filter = {
  name: 'AggregateMultiTenancyIsolation',
  passes(host, { request }) {
    const owners = host.aggregates.flatMap((metadata) =>
      Object.entries(metadata).flatMap(([key, value]) =>
        key.startsWith('filter_tenant_id') ? value.split(',').map((id) => id.trim()) : [],
      ),
    )
    return owners.length === 0 || owners.includes(request.projectId)
  },
}
