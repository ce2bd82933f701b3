// A provider's aggregates, usages and allocations.
import type { Context } from '../platform/context.ts'
import { concurrentUpdate, generationConflict } from './failures.ts'
import { dashed, providerChange, providerGet } from './providers.ts'
import { allocationsOfProvider, consumers } from './store/allocations.ts'
import { inventoryUsages } from './store/inventories.ts'
import type { AllocationRow, ConsumerRow, ProviderRow } from './store/tables.ts'
import { aggregatesOf, aggregatesReplace } from './store/traits.ts'

export async function providerAggregates(ctx: Context, id: string): Promise<{ provider: ProviderRow; aggregates: string[] }> {
  const provider = await providerGet(ctx, id)
  return { provider, aggregates: await aggregatesOf(ctx.db, id) }
}

/** Since 1.19 the generation must be named, and moves on; before, nobody looked. */
export async function providerAggregatesUpdate(
  ctx: Context,
  id: string,
  given: string[],
  generation: number | undefined,
): Promise<{ provider: ProviderRow; aggregates: string[] }> {
  return ctx.transaction(async (tx) => {
    const provider = await providerGet(tx, id)
    if (generation !== undefined && provider.generation !== generation) throw concurrentUpdate(generationConflict)
    const aggregates = new Map(given.map((one) => [dashed(one), one]))
    await aggregatesReplace(tx.db, id, aggregates)
    return { provider: generation === undefined ? provider : await providerChange(tx, provider), aggregates: [...aggregates.values()] }
  })
}

export async function providerUsages(ctx: Context, id: string): Promise<{ provider: ProviderRow; usages: Record<string, number> }> {
  const provider = await providerGet(ctx, id)
  const rows = await inventoryUsages(ctx.db, { providerIds: [id] })
  return { provider, usages: Object.fromEntries(rows.map((row) => [row.resource_class, Number(row.used)])) }
}

export async function providerAllocations(
  ctx: Context,
  id: string,
): Promise<{ provider: ProviderRow; rows: AllocationRow[]; consumers: Map<string, ConsumerRow> }> {
  const provider = await providerGet(ctx, id)
  const rows = await allocationsOfProvider(ctx.db, id)
  const holders = await consumers.many(ctx.db, new Set(rows.map((row) => row.consumer_id)))
  return { provider, rows, consumers: new Map(holders.map((row) => [row.id, row])) }
}
