// What compute tells placement about a host: provider, inventories, traits and aggregates as they should be.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { conflict } from '../platform/errors.ts'
import { unknownClasses } from './resource-classes.ts'
import { unknownTraits } from './traits.ts'
import { classesInUse } from './store/allocations.ts'
import { inventories, inventoryUpsert } from './store/inventories.ts'
import { providers, providersGenerationsRaise } from './store/providers.ts'
import type { InventoryRow } from './store/tables.ts'
import { aggregatesOf, aggregatesReplace, customClasses, customTraits, traitsOf, traitsReplace } from './store/traits.ts'

export interface InventoryWanted {
  total: number
  reserved?: number
  minUnit?: number
  maxUnit?: number
  stepSize?: number
  allocationRatio?: number
}

export interface ProviderWanted {
  uuid?: string
  name: string
  inventories: Record<string, InventoryWanted>
  traits: string[]
  /** undefined leaves them as they are */
  aggregates?: string[]
}

/** Makes the provider, its inventories and traits as wanted; writes only what differs. Returns its id. */
export async function providerEnsure(ctx: Context, wanted: ProviderWanted): Promise<string> {
  return ctx.transaction(async (tx) => {
    const now = isoMillis(tx.clock.nowMs())
    const id = await ensureRow(tx, wanted, now)
    const changed = [
      await ensureInventories(tx, id, wanted, now),
      await ensureTraits(tx, id, wanted.traits, now),
      await ensureAggregates(tx, id, wanted.aggregates),
    ]
    if (changed.includes(true)) await providersGenerationsRaise(tx.db, [id])
    return id
  })
}

async function ensureRow(tx: Context, wanted: ProviderWanted, now: string): Promise<string> {
  const known = wanted.uuid === undefined ? await providers.first(tx.db, { name: wanted.name }) : await providers.fetch(tx.db, wanted.uuid)
  if (known) {
    if (known.name !== wanted.name) await providers.update(tx.db, known.id, { name: wanted.name, updated_at: now })
    return known.id
  }
  const id = wanted.uuid ?? tx.ids.uuid()
  await providers.insert(tx.db, { id, name: wanted.name, generation: 0, parent_id: null, root_id: id, created_at: now, updated_at: now })
  return id
}

async function ensureInventories(tx: Context, id: string, wanted: ProviderWanted, now: string): Promise<boolean> {
  const known = new Map((await inventories.list(tx.db, { provider_id: id })).map((row) => [row.resource_class, row]))
  for (const name of await unknownClasses(tx.db, Object.keys(wanted.inventories)))
    await customClasses.insertMissing(tx.db, { name, created_at: now })
  let changed = false
  for (const [resourceClass, inventory] of Object.entries(wanted.inventories)) {
    const row = inventoryRow(id, resourceClass, inventory, now)
    const before = known.get(resourceClass)
    known.delete(resourceClass)
    if (before && sameInventory(before, row)) continue
    await inventoryUpsert(tx.db, row)
    changed = true
  }
  for (const resourceClass of known.keys()) await inventories.delete(tx.db, { provider_id: id, resource_class: resourceClass })
  return changed || known.size > 0
}

const inventoryRow = (id: string, resourceClass: string, inventory: InventoryWanted, now: string): InventoryRow => ({
  provider_id: id,
  resource_class: resourceClass,
  total: inventory.total,
  reserved: inventory.reserved ?? 0,
  min_unit: inventory.minUnit ?? 1,
  max_unit: inventory.maxUnit ?? inventory.total,
  step_size: inventory.stepSize ?? 1,
  allocation_ratio: inventory.allocationRatio ?? 1,
  updated_at: now,
})

const sameInventory = (a: InventoryRow, b: InventoryRow): boolean =>
  (['total', 'reserved', 'min_unit', 'max_unit', 'step_size', 'allocation_ratio'] as const).every((key) => a[key] === b[key])

async function ensureTraits(tx: Context, id: string, traits: string[], now: string): Promise<boolean> {
  const wanted = [...new Set(traits)].sort()
  const known = await traitsOf(tx.db, id)
  if (known.join() === wanted.join()) return false
  for (const name of await unknownTraits(tx.db, wanted)) await customTraits.insertMissing(tx.db, { name, created_at: now })
  await traitsReplace(tx.db, id, wanted)
  return true
}

async function ensureAggregates(tx: Context, id: string, aggregates: string[] | undefined): Promise<boolean> {
  if (!aggregates) return false
  const wanted = [...new Set(aggregates)].sort()
  if ((await aggregatesOf(tx.db, id)).join() === wanted.join()) return false
  await aggregatesReplace(tx.db, id, new Map(wanted.map((one) => [one, one])))
  return true
}

/** Sets the aggregates that a host's provider is a member of. */
export const providerAggregatesEnsure = (tx: Context, id: string, aggregates: string[]): Promise<boolean> =>
  ensureAggregates(tx, id, aggregates)

/** Takes a host's provider away with all that it had; its allocations must be gone. */
export async function hostProviderDelete(tx: Context, id: string): Promise<void> {
  const [held] = await classesInUse(tx.db, id)
  if (held !== undefined) throw conflict(`Unable to delete resource provider ${id}: Resource provider has allocations.`)
  await inventories.delete(tx.db, { provider_id: id })
  await traitsReplace(tx.db, id, [])
  await aggregatesReplace(tx.db, id, new Map())
  await providers.delete(tx.db, id)
}
