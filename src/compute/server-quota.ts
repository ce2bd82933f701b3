// Instances, cores and RAM of a project: counted from rows in the transaction that adds some.
import type { Context } from '../platform/context.ts'
import { badRequest, forbidden } from '../platform/errors.ts'
import { quotaLimits } from '../platform/quota.ts'
import { computeQuotas } from './quota.ts'
import { serversUsage } from './store/servers.ts'

/** one request is one transaction: a project without a quota must not hold all others up with a billion servers */
const largestBatch = 1000

export interface Wanted {
  minCount: number
  maxCount: number
  cores: number
  ram: number
}

/** How many of up to maxCount servers of this size the project may still have; 403 when not even minCount. */
export async function serversAllowed(tx: Context, projectId: string, wanted: Wanted): Promise<number> {
  if (wanted.minCount > largestBatch) throw badRequest(`min_count must be <= ${largestBatch}: one request makes no more servers than that`)
  const limits = await quotaLimits(tx.db, 'compute', projectId, computeQuotas)
  const used = await serversUsage(tx.db, projectId)
  const perServer = { cores: wanted.cores, instances: 1, ram: wanted.ram }
  const resources = ['cores', 'instances', 'ram'] as const
  const left = (resource: (typeof resources)[number]) => {
    const limit = limits[resource] ?? -1
    return limit < 0 || perServer[resource] === 0 ? Infinity : Math.floor(Math.max(0, limit - used[resource]) / perServer[resource])
  }
  const allowed = Math.min(wanted.maxCount, largestBatch, ...resources.map(left))
  if (allowed >= wanted.minCount) return allowed
  const over = resources.filter((resource) => left(resource) < wanted.maxCount)
  const list = (value: (resource: (typeof resources)[number]) => number) => over.map(value).join(', ')
  throw forbidden(
    `Quota exceeded for ${over.join(', ')}: Requested ${list((resource) => perServer[resource] * wanted.maxCount)}, but already used ${list((resource) => used[resource])} of ${list((resource) => limits[resource] ?? -1)} ${over.join(', ')}`,
  )
}

/** A bigger flavor needs room for the difference. */
export async function assertMayGrow(tx: Context, projectId: string, more: { cores: number; ram: number }): Promise<void> {
  const limits = await quotaLimits(tx.db, 'compute', projectId, computeQuotas)
  const used = await serversUsage(tx.db, projectId)
  const over = (['cores', 'ram'] as const).filter((resource) => more[resource] > 0 && (limits[resource] ?? -1) >= 0 && used[resource] + more[resource] > (limits[resource] ?? -1))
  if (over.length === 0) return
  const list = (value: (resource: 'cores' | 'ram') => number) => over.map(value).join(', ')
  throw forbidden(`Quota exceeded for ${over.join(', ')}: Requested ${list((resource) => more[resource])}, but already used ${list((resource) => used[resource])} of ${list((resource) => limits[resource] ?? -1)} ${over.join(', ')}`)
}
