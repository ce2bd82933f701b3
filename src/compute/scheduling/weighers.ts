// Which of the hosts that are left is the best: the sum of normalised weights, as in Nova: free memory, processors
// and disk spread servers out; soft server group policies pull together or apart. Pure.
import type { HostState } from './host-state.ts'
import type { Question } from './filters/filter.ts'

interface Weigher {
  name: string
  weigh(host: HostState, question: Question): number
}

const freeShare = (host: HostState, resourceClass: string): number => {
  const inventory = host.inventories[resourceClass]
  if (!inventory) return 0
  return (inventory.total - inventory.reserved) * inventory.allocation_ratio - inventory.used
}

const softGroup = (host: HostState, { group }: Question): number => {
  const members = group?.members.get(host.name) ?? 0
  if (group?.policy === 'soft-affinity') return members
  return group?.policy === 'soft-anti-affinity' ? -members : 0
}

const weighers: Weigher[] = [
  { name: 'RAMWeigher', weigh: (host) => freeShare(host, 'MEMORY_MB') },
  { name: 'CPUWeigher', weigh: (host) => freeShare(host, 'VCPU') },
  { name: 'DiskWeigher', weigh: (host) => freeShare(host, 'DISK_GB') },
]
/** a wish that a user stated counts for more than all spreading together */
const softGroupMultiplier = 10

/** Hosts, best first; equals in order of their names. */
export function weighed(hosts: HostState[], question: Question): { host: HostState; weight: number }[] {
  const sums = hosts.map(() => 0)
  for (const { weigh } of weighers)
    normalised(hosts.map((host) => weigh(host, question))).forEach((value, index) => (sums[index] = (sums[index] ?? 0) + value))
  normalised(hosts.map((host) => softGroup(host, question))).forEach(
    (value, index) => (sums[index] = (sums[index] ?? 0) + value * softGroupMultiplier),
  )
  return hosts
    .map((host, index) => ({ host, weight: sums[index] ?? 0 }))
    .sort((a, b) => b.weight - a.weight || (a.host.name < b.host.name ? -1 : 1))
}

/** 0 for the least, 1 for the most; 0 for all when there is no difference. */
function normalised(values: number[]): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return values.map((value) => (most > least ? (value - least) / (most - least) : 0))
}
