// Inventories: how much of each resource class a provider has, and in what units it is given.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, conflict, notFound } from '../platform/errors.ts'
import { capacityOf } from './capacity.ts'
import { codes, concurrentUpdate, noSuchClass } from './failures.ts'
import { providerChange, providerGet } from './providers.ts'
import { unknownClasses } from './resource-classes.ts'
import type { InventoryBody } from './schemas.ts'
import { classesInUse } from './store/allocations.ts'
import { inventories, inventoryUpsert } from './store/inventories.ts'
import type { InventoryRow, ProviderRow } from './store/tables.ts'

export interface Inventories {
  provider: ProviderRow
  rows: InventoryRow[]
}

const maxInteger = 0x7fffffff

const rowOf = (ctx: Context, providerId: string, resourceClass: string, given: InventoryBody): InventoryRow => ({
  provider_id: providerId,
  resource_class: resourceClass,
  total: given.total,
  reserved: given.reserved ?? 0,
  min_unit: given.min_unit ?? 1,
  max_unit: given.max_unit ?? maxInteger,
  step_size: given.step_size ?? 1,
  allocation_ratio: given.allocation_ratio ?? 1,
  updated_at: isoMillis(ctx.clock.nowMs()),
})

/** Before 1.26 something must be left of the total; since then all of it may be reserved. */
function checkReserved(ctx: Context, row: InventoryRow, unable: string): void {
  const capacity = Math.trunc(capacityOf(row))
  const allowed = ctx.microversion.atLeast('1.26') ? capacity >= 0 : capacity > 0
  if (allowed) return
  const why = ctx.microversion.atLeast('1.26') ? 'greater than total' : 'greater than or equal to total'
  throw badRequest(
    `Unable to ${unable} inventory for resource provider ${row.provider_id}: Invalid inventory for '${row.resource_class}' on resource provider '${row.provider_id}'. The reserved value is ${why}.`,
  )
}

export async function inventoryList(ctx: Context, providerId: string): Promise<Inventories> {
  const provider = await providerGet(ctx, providerId)
  return { provider, rows: await inventories.list(ctx.db, { provider_id: providerId }) }
}

export async function inventoryGet(
  ctx: Context,
  providerId: string,
  resourceClass: string,
): Promise<{ provider: ProviderRow; row: InventoryRow }> {
  const { provider, rows } = await inventoryList(ctx, providerId)
  const row = rows.find((candidate) => candidate.resource_class === resourceClass)
  if (!row) throw notFound(`No inventory of class ${resourceClass} for ${providerId}`)
  return { provider, row }
}

export async function inventoryCreate(
  ctx: Context,
  providerId: string,
  resourceClass: string,
  given: InventoryBody,
): Promise<{ provider: ProviderRow; row: InventoryRow }> {
  return ctx.transaction(async (tx) => {
    const { provider, rows } = await inventoryList(tx, providerId)
    const row = rowOf(tx, providerId, resourceClass, given)
    checkReserved(tx, row, 'create')
    const [unknown] = await unknownClasses(tx.db, [resourceClass])
    if (unknown) throw badRequest(`Unable to create inventory for resource provider ${providerId}: ${noSuchClass(unknown)}`)
    if (rows.some((known) => known.resource_class === resourceClass))
      throw concurrentUpdate(`Update conflict: Inventory of class ${resourceClass} is there already.`)
    await inventoryUpsert(tx.db, row)
    return { provider: await providerChange(tx, provider), row }
  })
}

const stale = () => concurrentUpdate('resource provider generation conflict')

export async function inventoryUpdate(
  ctx: Context,
  providerId: string,
  resourceClass: string,
  given: InventoryBody & { resource_provider_generation: number },
): Promise<{ provider: ProviderRow; row: InventoryRow }> {
  return ctx.transaction(async (tx) => {
    const { provider, rows } = await inventoryList(tx, providerId)
    if (provider.generation !== given.resource_provider_generation) throw stale()
    const row = rowOf(tx, providerId, resourceClass, given)
    checkReserved(tx, row, 'update')
    const [unknown] = await unknownClasses(tx.db, [resourceClass])
    if (unknown) throw badRequest(noSuchClass(unknown))
    if (!rows.some((known) => known.resource_class === resourceClass)) {
      throw badRequest(
        `No inventory record with resource class for resource provider ${providerId}: No inventory of class ${resourceClass} found.`,
      )
    }
    await inventoryUpsert(tx.db, row)
    return { provider: await providerChange(tx, provider), row }
  })
}

/** Replaces all of a provider's inventories; what is in use cannot go. */
export async function inventoriesUpdate(
  ctx: Context,
  providerId: string,
  given: Record<string, InventoryBody>,
  generation: number,
): Promise<Inventories> {
  return ctx.transaction(async (tx) => {
    const provider = await providerGet(tx, providerId)
    if (provider.generation !== generation) throw stale()
    return inventoriesReplace(tx, provider, given, {
      unable: 'update',
      inUse: (message) => conflict(`update conflict: ${message}`, { type: codes.inventoryInUse }),
    })
  })
}

export interface ReplaceWords {
  unable: string
  inUse(message: string): Error
}

/** For whoever has checked the generation. */
export async function inventoriesReplace(
  tx: Context,
  provider: ProviderRow,
  given: Record<string, InventoryBody>,
  words: ReplaceWords,
): Promise<Inventories> {
  const rows = Object.entries(given).map(([resourceClass, body]) => rowOf(tx, provider.id, resourceClass, body))
  for (const row of rows) checkReserved(tx, row, words.unable)
  const [unknown] = await unknownClasses(tx.db, Object.keys(given))
  if (unknown) throw badRequest(`Unknown resource class in inventory for resource provider ${provider.id}: ${noSuchClass(unknown)}`)
  const gone = (await inventories.list(tx.db, { provider_id: provider.id }))
    .map((row) => row.resource_class)
    .filter((name) => !(name in given))
  const held = gone.length === 0 ? [] : (await classesInUse(tx.db, provider.id)).filter((name) => gone.includes(name))
  if (held.length > 0) throw words.inUse(`Inventory for '${held.join(', ')}' on resource provider '${provider.id}' in use.`)
  for (const name of gone) await inventories.delete(tx.db, { provider_id: provider.id, resource_class: name })
  for (const row of rows) await inventoryUpsert(tx.db, row)
  return { provider: await providerChange(tx, provider), rows }
}

export async function inventoriesDelete(ctx: Context, providerId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    await inventoriesReplace(
      tx,
      await providerGet(tx, providerId),
      {},
      { unable: 'delete', inUse: (message) => conflict(message, { type: codes.inventoryInUse }) },
    )
  })
}

export async function inventoryDelete(ctx: Context, providerId: string, resourceClass: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const { provider, rows } = await inventoryList(tx, providerId)
    if ((await classesInUse(tx.db, providerId)).includes(resourceClass)) {
      throw concurrentUpdate(
        `Unable to delete inventory of class ${resourceClass}: Inventory for '${resourceClass}' on resource provider '${providerId}' in use.`,
      )
    }
    if (!rows.some((row) => row.resource_class === resourceClass)) {
      throw notFound(`No inventory of class ${resourceClass} found for delete: No inventory of class ${resourceClass} found.`)
    }
    await inventories.delete(tx.db, { provider_id: providerId, resource_class: resourceClass })
    await providerChange(tx, provider)
  })
}
