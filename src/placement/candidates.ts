// The scheduler's question: which single providers have room for all of this? The API's question, with groups and
// trees, is in candidate-search.ts; both agree where they overlap (candidates.test.ts).
import type { Context } from '../platform/context.ts'
import { fits } from './capacity.ts'
import { inventoryUsages, type InventoryUsage } from './store/inventories.ts'
import { aggregatesByProvider, traitsByProvider } from './store/traits.ts'

export interface CandidateRequest {
  resources: Record<string, number>
  requiredTraits?: string[]
  forbiddenTraits?: string[]
  /** each: member of any of these aggregates */
  memberOf?: string[][]
  /** none but these */
  providerIds?: string[]
  limit?: number
}

export interface Candidate {
  providerId: string
  /** the inventories asked for, with what is used of them */
  inventories: Record<string, InventoryUsage>
}

/** Providers that alone can give everything; in order of their ids. */
export async function allocationCandidatesFind(ctx: Context, request: CandidateRequest): Promise<Candidate[]> {
  const classes = Object.keys(request.resources)
  const rows = await inventoryUsages(ctx.db, { resourceClasses: classes, providerIds: request.providerIds })
  const byProvider = new Map<string, Record<string, InventoryUsage>>()
  for (const row of rows) {
    if (!fits(row, request.resources[row.resource_class] ?? 0)) continue
    const known = byProvider.get(row.provider_id)
    if (known) known[row.resource_class] = row
    else byProvider.set(row.provider_id, { [row.resource_class]: row })
  }
  let ids = [...byProvider.keys()].filter((id) => Object.keys(byProvider.get(id) ?? {}).length === classes.length).sort()
  ids = await withTraits(ctx, ids, request)
  ids = await withAggregates(ctx, ids, request.memberOf)
  return ids.slice(0, request.limit ?? ids.length).map((providerId) => ({ providerId, inventories: byProvider.get(providerId) ?? {} }))
}

async function withTraits(ctx: Context, ids: string[], { requiredTraits = [], forbiddenTraits = [] }: CandidateRequest): Promise<string[]> {
  if (ids.length === 0 || (requiredTraits.length === 0 && forbiddenTraits.length === 0)) return ids
  const traits = await traitsByProvider(ctx.db, ids)
  return ids.filter((id) => {
    const held = traits.get(id) ?? []
    return requiredTraits.every((trait) => held.includes(trait)) && !forbiddenTraits.some((trait) => held.includes(trait))
  })
}

async function withAggregates(ctx: Context, ids: string[], memberOf: string[][] | undefined): Promise<string[]> {
  if (ids.length === 0 || !memberOf || memberOf.length === 0) return ids
  const aggregates = await aggregatesByProvider(ctx.db, ids)
  return ids.filter((id) => memberOf.every((any) => any.some((aggregate) => aggregates.get(id)?.includes(aggregate))))
}

/** How much of a resource class is used at each provider that has it. */
export async function usagesByProvider(ctx: Context, resourceClass: string): Promise<Map<string, number>> {
  return new Map((await inventoryUsages(ctx.db, { resourceClasses: [resourceClass] })).map((row) => [row.provider_id, Number(row.used)]))
}
