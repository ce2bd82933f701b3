// Allocations: what a consumer (a server) holds of which provider. Claimed in the consumer's own transaction, and
// checked against capacity in that same transaction: usage is summed from the rows each time.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { assert, badRequest } from '../platform/errors.ts'
import { fitsCapacity, fitsUnits } from './capacity.ts'
import { allocationFailures, noSuchClass } from './failures.ts'
import { unknownClasses } from './resource-classes.ts'
import {
  allocationsDelete,
  allocationsFetch,
  allocationsInsert,
  allocationsMove,
  allocationsOfMany,
  consumers,
  consumersAfter,
  consumerUpsert,
} from './store/allocations.ts'
import { inventoryUsages } from './store/inventories.ts'
import { providers, providersGenerationsRaise } from './store/providers.ts'
import type { AllocationRow, ConsumerRow } from './store/tables.ts'

/** provider's id → resource class → amount */
export type Amounts = Record<string, Record<string, number>>

export interface Claim {
  consumerId: string
  projectId: string
  userId: string
  /** 'INSTANCE', 'MIGRATION'; undefined leaves what is stored */
  consumerType?: string | undefined
  /** empty: gives everything back */
  allocations: Amounts
}

/** Gives the consumer exactly these allocations; 409 when a provider has not enough left. Inside a transaction. */
export const allocationsClaim = (tx: Context, claim: Claim): Promise<void> =>
  allocationsReplace(tx, [{ ...claim, consumerType: claim.consumerType ?? 'INSTANCE' }])

/** Replaces the allocations of several consumers at once: all or none. */
export async function allocationsReplace(tx: Context, claims: Claim[]): Promise<void> {
  assert(tx.db.inTransaction, 'a claim belongs into the transaction of its consumer')
  const { db } = tx
  const now = isoMillis(tx.clock.nowMs())
  const before = new Map(
    (
      await consumers.many(
        db,
        claims.map((claim) => claim.consumerId),
      )
    ).map((row) => [row.id, row]),
  )
  const touched = new Set<string>()
  const given: AllocationRow[] = []
  for (const claim of claims) {
    if (!before.has(claim.consumerId)) continue
    const gone = await allocationsDelete(db, claim.consumerId)
    given.push(...gone)
    if (Object.keys(claim.allocations).length === 0) for (const row of gone) touched.add(row.provider_id)
  }
  const rows = claims.flatMap((claim) => allocationRows(claim, now))
  await checkRoom(tx, rows, given)
  if (rows.length > 0) await allocationsInsert(db, rows)
  for (const row of rows) touched.add(row.provider_id)
  if (touched.size > 0) await providersGenerationsRaise(db, [...touched])
  for (const claim of claims) await saveConsumer(tx, claim, before.get(claim.consumerId))
}

const allocationRows = (claim: Claim, now: string): AllocationRow[] =>
  Object.entries(claim.allocations).flatMap(([provider_id, resources]) =>
    Object.entries(resources).map(([resource_class, used]) => ({
      consumer_id: claim.consumerId,
      provider_id,
      resource_class,
      used,
      created_at: now,
    })),
  )

/** A consumer is there as long as it holds something. */
async function saveConsumer(tx: Context, claim: Claim, before: ConsumerRow | undefined): Promise<void> {
  if (Object.keys(claim.allocations).length === 0) {
    if (before) await consumers.delete(tx.db, claim.consumerId)
    return
  }
  await consumerUpsert(tx.db, {
    id: claim.consumerId,
    project_id: claim.projectId,
    user_id: claim.userId,
    generation: (before?.generation ?? 0) + 1,
    consumer_type: claim.consumerType ?? before?.consumer_type ?? null,
    created_at: before?.created_at ?? isoMillis(tx.clock.nowMs()),
  })
}

const placeOf = (row: AllocationRow): string => `${row.provider_id}/${row.resource_class}`

function summed(rows: AllocationRow[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const row of rows) sums.set(placeOf(row), (sums.get(placeOf(row)) ?? 0) + row.used)
  return sums
}

/**
 * Every provider exists and has room for all that is about to be written, together with what others hold. Where there is
 * less than is used already, what makes it no worse than before is accepted: `before` is what the same consumers held.
 */
async function checkRoom(tx: Context, rows: AllocationRow[], before: AllocationRow[]): Promise<void> {
  if (rows.length === 0) return
  const providerIds = [...new Set(rows.map((row) => row.provider_id))]
  const classes = [...new Set(rows.map((row) => row.resource_class))]
  const known = new Set((await providers.many(tx.db, providerIds)).map((row) => row.id))
  const missing = providerIds.find((id) => !known.has(id))
  if (missing) throw badRequest(`Allocation for resource provider '${missing}' that does not exist.`)
  const [unknown] = await unknownClasses(tx.db, classes)
  if (unknown) throw badRequest(`Unable to allocate inventory for consumer ${rows[0]?.consumer_id}: ${noSuchClass(unknown)}`)
  const usages = await inventoryUsages(tx.db, { providerIds, resourceClasses: classes })
  const inventories = new Map(usages.map((row) => [`${row.provider_id}/${row.resource_class}`, row]))
  const bare = providerIds.filter((id) => !usages.some((row) => row.provider_id === id))
  if (bare.length > 0) throw allocationFailures.invalid(classes.join(', '), bare.join(', '))
  const [wanted, held] = [summed(rows), summed(before)]
  for (const row of rows) {
    const key = placeOf(row)
    const inventory = inventories.get(key)
    if (!inventory) throw allocationFailures.invalid(row.resource_class, row.provider_id)
    if (!fitsUnits(inventory, row.used)) throw allocationFailures.constraints(row.resource_class, row.provider_id)
    const sum = wanted.get(key) ?? 0
    if (!fitsCapacity(inventory, sum) && sum > (held.get(key) ?? 0)) throw allocationFailures.capacity(row.resource_class, row.provider_id)
  }
}

/** Gives everything back; fine when there is nothing. As in placement, providers' generations stay. */
export async function allocationsRelease(tx: Context, consumerId: string): Promise<void> {
  const gone = await allocationsDelete(tx.db, consumerId)
  if (gone.length === 0) return
  await consumers.delete(tx.db, consumerId)
}

/** What the consumer holds: provider's id → resource class → amount. */
export async function allocationsOf(ctx: Context, consumerId: string): Promise<Amounts> {
  const amounts: Amounts = {}
  for (const row of await allocationsFetch(ctx.db, consumerId)) (amounts[row.provider_id] ??= {})[row.resource_class] = row.used
  return amounts
}

/** The same of many consumers; those that hold nothing are left out. */
export async function allocationsOfConsumers(ctx: Context, consumerIds: string[]): Promise<Map<string, Amounts>> {
  const held = new Map<string, Amounts>()
  for (const row of await allocationsOfMany(ctx.db, consumerIds)) {
    const amounts = held.get(row.consumer_id) ?? {}
    held.set(row.consumer_id, amounts)
    ;(amounts[row.provider_id] ??= {})[row.resource_class] = row.used
  }
  return held
}

/** A page of the consumers, by id, with what kind each says it is. */
export const consumersPage = async (ctx: Context, after: string, limit: number): Promise<{ id: string; type: string | null }[]> =>
  (await consumersAfter(ctx.db, after, limit)).map((row) => ({ id: row.id, type: row.consumer_type }))

/**
 * Hands all allocations of one consumer to another, which must hold none (a resize keeps the old host's for the
 * migration). Sums stay the same, so that no capacity is checked.
 */
export async function allocationsTransfer(tx: Context, fromConsumerId: string, toConsumerId: string): Promise<void> {
  const from = await consumers.fetch(tx.db, fromConsumerId)
  if (!from) return
  await allocationsMove(tx.db, fromConsumerId, toConsumerId)
  await consumerUpsert(tx.db, { ...from, id: toConsumerId, generation: 1, created_at: isoMillis(tx.clock.nowMs()) })
  await consumers.delete(tx.db, fromConsumerId)
}
