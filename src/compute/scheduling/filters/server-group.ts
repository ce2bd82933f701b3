// Server groups: members together on one host, or at most so many on each.
import type { Filter } from './filter.ts'

export const serverGroupAffinityFilter: Filter = {
  name: 'ServerGroupAffinityFilter',
  passes(host, { group }) {
    if (group?.policy !== 'affinity' || group.members.size === 0) return true
    return group.members.has(host.name)
  },
}

export const serverGroupAntiAffinityFilter: Filter = {
  name: 'ServerGroupAntiAffinityFilter',
  passes(host, { group }) {
    if (group?.policy !== 'anti-affinity') return true
    return (group.members.get(host.name) ?? 0) < group.maxServersPerHost
  },
}
