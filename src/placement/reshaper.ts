// Moves inventories, and the allocations of them, between providers in one go: what a host's driver needs when it
// begins to report, say, a disk as a child provider.
import type { Context } from '../platform/context.ts'
import { badRequest, conflict } from '../platform/errors.ts'
import { allocationsReplace } from './allocations.ts'
import { claimsOf } from './consumers.ts'
import { codes, concurrentUpdate } from './failures.ts'
import { inventoriesReplace, type ReplaceWords } from './inventories.ts'
import type { InventoryBody, Reshaping } from './schemas.ts'
import { inventories } from './store/inventories.ts'
import { providers } from './store/providers.ts'

const words: ReplaceWords = {
  unable: 'update',
  inUse: (message) => conflict(`update conflict: ${message}`, { type: codes.inventoryInUse }),
}

/** First the old and the new inventories together, then the allocations, then only the new inventories. */
export async function reshape(ctx: Context, { inventories: reshaped, allocations }: Reshaping): Promise<void> {
  ctx.authorize()
  await ctx.transaction(async (tx) => {
    for (const [id, { resource_provider_generation: given }] of Object.entries(reshaped)) {
      const provider = await providers.fetch(tx.db, id)
      if (!provider)
        throw badRequest(`Resource provider ${id} in inventories not found: No resource provider with uuid ${id} found`, {
          type: codes.providerNotFound,
        })
      if (provider.generation !== given)
        throw concurrentUpdate(`resource provider generation conflict for provider ${id}: actual: ${provider.generation}, given: ${given}`)
    }
    const claims = await claimsOf(tx, allocations)
    for (const [id, wanted] of Object.entries(reshaped)) {
      if (Object.keys(wanted.inventories).length === 0) continue
      const before = Object.fromEntries((await inventories.list(tx.db, { provider_id: id })).map((row) => [row.resource_class, row]))
      await replace(tx, id, { ...before, ...wanted.inventories })
    }
    if (claims.length > 0) await allocationsReplace(tx, claims)
    for (const [id, wanted] of Object.entries(reshaped)) await replace(tx, id, wanted.inventories)
  })
}

async function replace(tx: Context, id: string, wanted: Record<string, InventoryBody>): Promise<void> {
  const provider = await providers.fetch(tx.db, id)
  if (provider) await inventoriesReplace(tx, provider, wanted, words)
}
