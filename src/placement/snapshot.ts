// All providers with what they have, what is used of it and what they are like: what a search over trees and shared
// providers looks at. Four queries, whatever the size.
import type { Context } from '../platform/context.ts'
import { inventoryUsages, type InventoryUsage } from './store/inventories.ts'
import { providersList } from './store/providers.ts'
import type { ProviderRow } from './store/tables.ts'
import { aggregatesByProvider, traitsByProvider } from './store/traits.ts'

const sharingTrait = 'MISC_SHARES_VIA_AGGREGATE'

export interface Provider {
  row: ProviderRow
  /** resource class → inventory and use */
  inventories: Map<string, InventoryUsage>
  traits: string[]
  aggregates: string[]
}

export interface Snapshot {
  providers: Map<string, Provider>
  /** some provider has a parent */
  hasTrees: boolean
  /** sharing provider's id → roots of the trees that it may serve, its own among them */
  anchorsOfSharing: Map<string, string[]>
}

export async function snapshotTake(ctx: Context): Promise<Snapshot> {
  const rows = await providersList(ctx.db, {})
  const usages = await inventoryUsages(ctx.db, {})
  const traits = await traitsByProvider(ctx.db)
  const aggregates = await aggregatesByProvider(ctx.db)
  return snapshotOf(
    rows.map((row) => ({ row, inventories: new Map(), traits: traits.get(row.id) ?? [], aggregates: aggregates.get(row.id) ?? [] })),
    usages,
  )
}

/** Pure: for tests too. */
export function snapshotOf(list: Provider[], usages: InventoryUsage[]): Snapshot {
  const providers = new Map(list.map((provider) => [provider.row.id, provider]))
  for (const usage of usages)
    providers.get(usage.provider_id)?.inventories.set(usage.resource_class, { ...usage, used: Number(usage.used) })
  const rootsByAggregate = new Map<string, Set<string>>()
  for (const { row, aggregates } of list) {
    for (const aggregate of aggregates) rootsByAggregate.set(aggregate, (rootsByAggregate.get(aggregate) ?? new Set()).add(row.root_id))
  }
  const anchorsOfSharing = new Map<string, string[]>()
  for (const { row, traits, aggregates } of list) {
    if (!traits.includes(sharingTrait)) continue
    anchorsOfSharing.set(row.id, [
      ...new Set([row.root_id, ...aggregates.flatMap((aggregate) => [...(rootsByAggregate.get(aggregate) ?? [])])]),
    ])
  }
  return { providers, hasTrees: list.some(({ row }) => row.parent_id !== null), anchorsOfSharing }
}

/** A provider's id and those of all above it. */
export function ancestors({ providers }: Snapshot, id: string): Set<string> {
  const found = new Set<string>()
  for (let at: string | null | undefined = id; at && !found.has(at); at = providers.get(at)?.row.parent_id) found.add(at)
  return found
}
