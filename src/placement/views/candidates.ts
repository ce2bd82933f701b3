// Allocation candidates → the API: a list of allocations before 1.12, traits since 1.17, all classes since 1.27, the
// tree since 1.29, mappings since 1.34.
import type { Context } from '../../platform/context.ts'
import type { AllocationRequest } from '../allocation-request.ts'
import type { WholeRequest } from '../candidate-request.ts'
import { capacityOf } from '../capacity.ts'
import type { Provider, Snapshot } from '../snapshot.ts'

function requestView(ctx: Context, { allocations, mappings }: AllocationRequest) {
  const entries = [...allocations].map(([id, resources]) => [id, { resources: Object.fromEntries(resources) }] as const)
  if (!ctx.microversion.atLeast('1.12'))
    return { allocations: entries.map(([uuid, { resources }]) => ({ resource_provider: { uuid }, resources })) }
  return {
    allocations: Object.fromEntries(entries),
    ...(ctx.microversion.atLeast('1.34')
      ? { mappings: Object.fromEntries([...mappings].map(([suffix, ids]) => [suffix, [...ids].sort()])) }
      : {}),
  }
}

function summaryView(ctx: Context, provider: Provider, asked: Set<string>) {
  const shown = [...provider.inventories.values()].filter(
    (inventory) => ctx.microversion.atLeast('1.27') || asked.has(inventory.resource_class),
  )
  return {
    resources: Object.fromEntries(
      shown.map((inventory) => [inventory.resource_class, { capacity: Math.trunc(capacityOf(inventory)), used: inventory.used }]),
    ),
    ...(ctx.microversion.atLeast('1.17') ? { traits: provider.traits } : {}),
    ...(ctx.microversion.atLeast('1.29') ? { parent_provider_uuid: provider.row.parent_id, root_provider_uuid: provider.row.root_id } : {}),
  }
}

/** Summaries of every provider in the trees that the answers take from; before 1.29 only of those in the answers. */
export function candidatesView(ctx: Context, snapshot: Snapshot, request: WholeRequest, found: AllocationRequest[]) {
  const rootOf = (id: string) => snapshot.providers.get(id)?.row.root_id ?? id
  let answers = found
  const nestedAware = ctx.microversion.atLeast('1.29') || !snapshot.hasTrees
  if (!nestedAware) {
    answers = found.filter(({ allocations }) => {
      const ids = [...allocations.keys()]
      return new Set(ids.map(rootOf)).size === ids.length
    })
  }
  const used = new Set(answers.flatMap(({ allocations }) => [...allocations.keys()]))
  const limited = answers.slice(0, request.limit ?? answers.length)
  const roots = new Set(limited.flatMap(({ allocations }) => [...allocations.keys()].map(rootOf)))
  const asked = new Set(request.groups.flatMap(({ resources }) => Object.keys(resources)))
  const summaries = [...snapshot.providers.values()].filter(({ row }) => roots.has(row.root_id) && (nestedAware || used.has(row.id)))
  return {
    allocation_requests: limited.map((each) => requestView(ctx, each)),
    provider_summaries: Object.fromEntries(summaries.map((provider) => [provider.row.id, summaryView(ctx, provider, asked)])),
  }
}
