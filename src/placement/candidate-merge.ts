// Combines the groups' answers: for each anchor every choice of one answer a group, if policies and capacity allow.
import { capacityOf } from './capacity.ts'
import type { Group, WholeRequest } from './candidate-request.ts'
import { product, type AllocationRequest } from './allocation-request.ts'
import { ancestors, type Snapshot } from './snapshot.ts'

/** No answer is longer: a request with many equal groups would otherwise have a factorial of them. */
const mostCandidates = 10_000

export function merge(
  snapshot: Snapshot,
  request: WholeRequest,
  answers: { group: Group; requests: AllocationRequest[] }[],
): AllocationRequest[] {
  const anchors = new Map<string, AllocationRequest[][]>()
  for (const [index, { requests }] of answers.entries()) {
    for (const each of requests) {
      const lists = anchors.get(each.anchor) ?? answers.map(() => [])
      anchors.set(each.anchor, lists)
      lists[index]?.push(each)
    }
  }
  const found = new Map<string, AllocationRequest>()
  for (const lists of anchors.values()) {
    if (lists.some((list) => list.length === 0)) continue
    for (const choice of product(lists)) {
      if (request.isolate && !isIsolated(choice)) continue
      if (!request.sameSubtrees.every((suffixes) => inOneSubtree(snapshot, choice, suffixes))) continue
      const whole = consolidate(choice)
      if (!fitsTogether(snapshot, whole)) continue
      found.set(key(whole), whole)
      if (found.size >= mostCandidates) return [...found.values()]
    }
  }
  return [...found.values()]
}

/** Every granular group has a provider that no other one has. */
function isIsolated(choice: AllocationRequest[]): boolean {
  const granular = choice.flatMap(({ mappings }) => [...mappings].flatMap(([suffix, ids]) => (suffix === '' ? [] : [...ids])))
  return new Set(granular).size === granular.length
}

/** One of the groups' providers is at or above all of the others. */
function inOneSubtree(snapshot: Snapshot, choice: AllocationRequest[], suffixes: string[]): boolean {
  const ids = [...new Set(choice.flatMap(({ mappings }) => suffixes.flatMap((suffix) => [...(mappings.get(suffix) ?? [])])))]
  if (ids.length <= 1) return true
  const lines = ids.map((id) => ancestors(snapshot, id))
  return ids.some((id) => lines.every((line) => line.has(id)))
}

function consolidate(choice: AllocationRequest[]): AllocationRequest {
  const whole: AllocationRequest = { anchor: choice[0]?.anchor ?? '', allocations: new Map(), mappings: new Map() }
  for (const { allocations, mappings } of choice) {
    for (const [id, resources] of allocations) {
      const sums = whole.allocations.get(id) ?? new Map<string, number>()
      whole.allocations.set(id, sums)
      for (const [resourceClass, amount] of resources) sums.set(resourceClass, (sums.get(resourceClass) ?? 0) + amount)
    }
    for (const [suffix, ids] of mappings) whole.mappings.set(suffix, new Set([...(whole.mappings.get(suffix) ?? []), ...ids]))
  }
  return whole
}

/** Groups were answered one by one: what several take from the same inventory must fit too. */
function fitsTogether({ providers }: Snapshot, { allocations }: AllocationRequest): boolean {
  for (const [id, resources] of allocations) {
    for (const [resourceClass, amount] of resources) {
      const inventory = providers.get(id)?.inventories.get(resourceClass)
      if (!inventory || inventory.used + amount > Math.trunc(capacityOf(inventory)) || amount > inventory.max_unit) return false
    }
  }
  return true
}

const key = ({ allocations, mappings }: AllocationRequest): string =>
  JSON.stringify([
    [...allocations].map(([id, resources]) => [id, [...resources].sort()]).sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)),
    [...mappings].map(([suffix, ids]) => [suffix, [...ids].sort()]).sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)),
  ])
