// Allocation candidates over trees and shared providers. Each group is answered by itself, anchored at the root of a
// tree; then the groups' answers are combined, anchor by anchor. Pure: works on a snapshot.
import { fits } from './capacity.ts'
import type { Group, WholeRequest } from './candidate-request.ts'
import { merge } from './candidate-merge.ts'
import type { Provider, Snapshot } from './snapshot.ts'
import { type AllocationRequest, product } from './allocation-request.ts'

/** All ways to satisfy the request; none when one of its parts cannot be. */
export function searchCandidates(snapshot: Snapshot, request: WholeRequest): AllocationRequest[] {
  const anchors = anchorsOf(snapshot, request)
  if (anchors?.size === 0) return []
  const answers: { group: Group; requests: AllocationRequest[] }[] = []
  for (const group of request.groups) {
    const requests = searchGroup(snapshot, group, anchors)
    if (requests.length === 0) return []
    answers.push({ group, requests })
  }
  return merge(snapshot, request, answers)
}

/** Roots that root_required allows; null: all. */
function anchorsOf({ providers }: Snapshot, { rootRequired, rootForbidden }: WholeRequest): Set<string> | null {
  if (rootRequired.length + rootForbidden.length === 0) return null
  const roots = [...providers.values()].filter(
    ({ row, traits }) =>
      row.parent_id === null &&
      hasTraits(
        traits,
        rootRequired.map((trait) => [trait]),
        rootForbidden,
      ),
  )
  return new Set(roots.map(({ row }) => row.id))
}

const hasTraits = (traits: string[], required: string[][], forbidden: string[]): boolean =>
  required.every((any) => any.some((trait) => traits.includes(trait))) && !forbidden.some((trait) => traits.includes(trait))

const isMember = ({ aggregates }: Provider, memberOf: string[][]): boolean =>
  memberOf.every((any) => any.some((aggregate) => aggregates.includes(aggregate)))

/** What one group's search needs, worked out once. */
interface Search {
  snapshot: Snapshot
  group: Group
  anchors: Set<string> | null
  /** the providers that match member_of; null: it is not asked for */
  members: Set<string> | null
  /** the providers that are in a forbidden aggregate */
  barred: Set<string>
  treeRoot: string | null
}

function searchGroup(snapshot: Snapshot, group: Group, anchors: Set<string> | null): AllocationRequest[] {
  const all = [...snapshot.providers.values()]
  const members =
    group.memberOf.length === 0 ? null : new Set(all.filter((provider) => isMember(provider, group.memberOf)).map(({ row }) => row.id))
  if (members?.size === 0) return []
  const barred = new Set(
    all.filter(({ aggregates }) => group.forbiddenAggregates.some((id) => aggregates.includes(id))).map(({ row }) => row.id),
  )
  const treeRoot = group.inTree === null ? null : (snapshot.providers.get(group.inTree)?.row.root_id ?? '')
  const search: Search = { snapshot, group, anchors, members, barred, treeRoot }
  const spread = group.suffix === '' && (snapshot.hasTrees || snapshot.anchorsOfSharing.size > 0)
  return spread ? spreadOverTrees(search) : atOneProvider(search)
}

/** Has room for this much of the class, in the right tree. */
const hasRoom = ({ treeRoot }: Search, provider: Provider, resourceClass: string, amount: number): boolean => {
  const inventory = provider.inventories.get(resourceClass)
  return inventory !== undefined && fits(inventory, amount) && (treeRoot === null || provider.row.root_id === treeRoot)
}

/** Everything from one provider, which alone has the traits; a sharing one stands at each of its anchors. */
function atOneProvider(search: Search): AllocationRequest[] {
  const { snapshot, group, anchors, members, barred } = search
  const wanted = Object.entries(group.resources)
  const found: AllocationRequest[] = []
  for (const provider of snapshot.providers.values()) {
    const { id, root_id: root } = provider.row
    if (!hasTraits(provider.traits, group.required, group.forbidden) || barred.has(id) || (members && !members.has(id))) continue
    if (!wanted.every(([resourceClass, amount]) => hasRoom(search, provider, resourceClass, amount))) continue
    for (const anchor of snapshot.anchorsOfSharing.get(id) ?? [root]) {
      if (anchors && !anchors.has(anchor)) continue
      found.push({
        anchor,
        allocations: wanted.length === 0 ? new Map() : new Map([[id, new Map(wanted)]]),
        mappings: new Map([[group.suffix, new Set([id])]]),
      })
    }
  }
  return found
}

/** Each class from some provider of the tree, or one that shares with it; together they have the traits. */
function spreadOverTrees(search: Search): AllocationRequest[] {
  const { group, snapshot } = search
  const wanted = Object.entries(group.resources)
  /** anchor → per class, who could give it */
  const trees = new Map<string, string[][]>()
  for (const [index, [resourceClass, amount]] of wanted.entries()) {
    for (const [anchor, id] of givers(search, resourceClass, amount)) {
      const classes = trees.get(anchor) ?? wanted.map(() => [])
      trees.set(anchor, classes)
      classes[index]?.push(id)
    }
  }
  const found: AllocationRequest[] = []
  for (const [anchor, classes] of trees) {
    if (classes.some((ids) => ids.length === 0)) continue
    for (const chosen of product(classes)) {
      const traits = chosen.map((id) => snapshot.providers.get(id)?.traits ?? [])
      if (traits.some((own) => group.forbidden.some((trait) => own.includes(trait))) || !hasTraits(traits.flat(), group.required, []))
        continue
      const allocations = new Map<string, Map<string, number>>()
      for (const [index, id] of chosen.entries()) {
        const [resourceClass, amount] = wanted[index] ?? ['', 0]
        allocations.set(id, (allocations.get(id) ?? new Map<string, number>()).set(resourceClass, amount))
      }
      found.push({ anchor, allocations, mappings: new Map([['', new Set(chosen)]]) })
    }
  }
  return found
}

/** Who could give the class, by the root of the tree that it would serve. An aggregate of the root spans its tree. */
function givers(search: Search, resourceClass: string, amount: number): [anchor: string, id: string][] {
  const { snapshot, anchors, members, barred, treeRoot } = search
  const pairs: [string, string][] = []
  for (const provider of snapshot.providers.values()) {
    const { id, root_id: root } = provider.row
    if (!hasRoom(search, provider, resourceClass, amount)) continue
    const shared = treeRoot === null && (!members || members.has(id)) ? (snapshot.anchorsOfSharing.get(id) ?? []) : []
    for (const anchor of new Set([root, ...shared])) {
      if (anchors && !anchors.has(anchor)) continue
      if (members && !members.has(id) && !members.has(anchor)) continue
      if (!barred.has(id) && !barred.has(anchor)) pairs.push([anchor, id])
    }
  }
  return pairs
}
