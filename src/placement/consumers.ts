// Allocations as the API sets them: for consumers named by id, whose generation since 1.28 guards against two writers.
import type { Context } from '../platform/context.ts'
import { badRequest, notFound } from '../platform/errors.ts'
import { isUuidLike } from '../platform/ids.ts'
import { table } from '../platform/table.ts'
import { allocationsRelease, allocationsReplace, type Amounts, type Claim } from './allocations.ts'
import { concurrentUpdate } from './failures.ts'
import { dashed } from './providers.ts'
import type { Allocations } from './schemas.ts'
import { allocationsFetch, consumers, consumersOfProject, usagesOfProject } from './store/allocations.ts'
import { providers } from './store/providers.ts'
import type { AllocationRow, ConsumerRow, ProviderRow } from './store/tables.ts'

/** A consumer's owner when nobody named one, before 1.8. */
const incomplete = '00000000-0000-0000-0000-000000000000'

export interface ConsumerAllocations {
  consumer: ConsumerRow | undefined
  rows: AllocationRow[]
  providers: Map<string, ProviderRow>
}

/** Nothing is found for an unknown consumer: that is no error. */
export async function consumerAllocations(ctx: Context, consumerId: string): Promise<ConsumerAllocations> {
  ctx.authorize()
  const rows = await allocationsFetch(ctx.db, consumerId)
  const held = await providers.many(ctx.db, new Set(rows.map((row) => row.provider_id)))
  return { consumer: await consumers.fetch(ctx.db, consumerId), rows, providers: new Map(held.map((row) => [row.id, row])) }
}

function amountsOf({ allocations }: Allocations): Amounts {
  const entries = Array.isArray(allocations)
    ? allocations.map(({ resource_provider: provider, resources }) => [provider.uuid, resources] as const)
    : Object.entries(allocations).map(([id, { resources }]) => [id, resources] as const)
  return Object.fromEntries(entries.map(([id, resources]) => [dashed(id), resources]))
}

/** Checks the generations of all consumers; the claims that the bodies make. In the transaction that writes them. */
export async function claimsOf(tx: Context, bodies: Record<string, Allocations>): Promise<Claim[]> {
  const claims: Claim[] = []
  const known = new Map((await consumers.many(tx.db, Object.keys(bodies).map(dashed))).map((row) => [row.id, row]))
  for (const [key, body] of Object.entries(bodies)) {
    const consumerId = dashed(key)
    const before = known.get(consumerId)
    if (tx.microversion.atLeast('1.28')) {
      const given = body.consumer_generation ?? null
      const expected = before?.generation ?? null
      if (given !== expected)
        throw concurrentUpdate(`consumer generation conflict - expected ${expected ?? 'null'} but got ${given ?? 'None'}`)
    }
    claims.push({
      consumerId,
      projectId: body.project_id ?? incomplete,
      userId: body.user_id ?? incomplete,
      consumerType: body.consumer_type,
      allocations: amountsOf(body),
    })
  }
  return claims
}

/** All consumers' allocations in one go, or none. */
export async function allocationsUpdate(ctx: Context, bodies: Record<string, Allocations>): Promise<void> {
  ctx.authorize()
  for (const id of Object.keys(bodies)) if (!isUuidLike(id)) throw badRequest(`Malformed consumer_uuid: ${id}`)
  await ctx.transaction(async (tx) => allocationsReplace(tx, await claimsOf(tx, bodies)))
}

export async function consumerAllocationsDelete(ctx: Context, consumerId: string): Promise<void> {
  ctx.authorize()
  await ctx.transaction(async (tx) => {
    if ((await allocationsFetch(tx.db, consumerId)).length === 0) throw notFound(`No allocations for consumer '${consumerId}'`)
    await allocationsRelease(tx, consumerId)
  })
}

export interface UsageQuestion {
  projectId: string
  userId?: string | undefined
  /** 'all' sums over types, 'unknown' is none given; undefined shows each */
  consumerType?: string | undefined
}

/** Before 1.38: class → amount. */
export async function projectUsages(ctx: Context, { projectId, userId }: UsageQuestion): Promise<Record<string, number>> {
  ctx.authorize({ project_id: projectId })
  const sums: Record<string, number> = table()
  for (const row of await usagesOfProject(ctx.db, projectId, userId))
    sums[row.resource_class] = (sums[row.resource_class] ?? 0) + Number(row.used)
  return sums
}

/** Since 1.38: type → class → amount, and how many consumers. */
export async function projectUsagesByType(ctx: Context, question: UsageQuestion): Promise<Record<string, Record<string, number>>> {
  const { projectId, userId, consumerType } = question
  ctx.authorize({ project_id: projectId })
  const name = (type: string | null) => (consumerType === 'all' ? 'all' : (type ?? 'unknown'))
  const wanted = (type: string | null) => consumerType === undefined || consumerType === 'all' || consumerType === name(type)
  const usages: Record<string, Record<string, number>> = table()
  for (const row of await usagesOfProject(ctx.db, projectId, userId)) {
    if (!wanted(row.consumer_type)) continue
    const sums = (usages[name(row.consumer_type)] ??= {})
    sums[row.resource_class] = (sums[row.resource_class] ?? 0) + Number(row.used)
  }
  for (const row of await consumersOfProject(ctx.db, projectId, userId)) {
    const sums = usages[name(row.consumer_type)]
    if (sums && wanted(row.consumer_type)) sums['consumer_count'] = (sums['consumer_count'] ?? 0) + Number(row.consumers)
  }
  return usages
}
