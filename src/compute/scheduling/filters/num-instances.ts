// An aggregate's max_instances_per_host bounds the servers on each of its hosts.
import type { Filter } from './filter.ts'

export const numInstancesFilter: Filter = {
  name: 'NumInstancesFilter',
  passes(host) {
    const limits = host.aggregates.flatMap((metadata) => {
      const limit = Number(metadata['max_instances_per_host'])
      return Number.isInteger(limit) ? [limit] : []
    })
    return limits.length === 0 || host.servers < Math.min(...limits)
  },
}
