// Instances, cores and RAM of a project, and of a user in it who has limits of its own: counted from rows in the
// transaction that adds some.
import type { Context } from '../../platform/context.ts'
import { badRequest, forbidden } from '../../platform/errors.ts'
import { quotaLimits, type Limits } from '../../platform/quota.ts'
import { computeQuotas, userService } from '../quotas/defaults.ts'
import { serversUsage } from './store/servers.ts'

/** one request is one transaction: a project without a quota must not hold all others up with a billion servers */
const largestBatch = 1000

export interface Wanted {
  minCount: number
  maxCount: number
  cores: number
  ram: number
}

/** Whose servers they are. */
export interface Owner {
  projectId: string
  userId: string
}

interface Bound {
  limits: Limits
  used: Record<Resource, number>
}

const resources = ['cores', 'instances', 'ram'] as const
type Resource = (typeof resources)[number]

/** The project's limits with what it uses; the user's own, when an admin set any. Both hold. */
async function boundsOf(tx: Context, { projectId, userId }: Owner): Promise<Bound[]> {
  const project = { limits: await quotaLimits(tx.db, 'compute', projectId, computeQuotas), used: await serversUsage(tx.db, { projectId }) }
  const own = await quotaLimits(tx.db, userService(userId), projectId, {})
  if (!resources.some((resource) => resource in own)) return [project]
  return [project, { limits: own, used: await serversUsage(tx.db, { projectId, userId }) }]
}

const exceeded = ({ limits, used }: Bound, over: readonly Resource[], requested: (resource: Resource) => number) => {
  const list = (value: (resource: Resource) => number) => over.map(value).join(', ')
  return forbidden(
    `Quota exceeded for ${over.join(', ')}: Requested ${list(requested)}, but already used ${list((resource) => used[resource])} of ${list((resource) => limits[resource] ?? -1)} ${over.join(', ')}`,
  )
}

/** How many of up to maxCount servers of this size there may still be; 403 when not even minCount. */
export async function serversAllowed(tx: Context, owner: Owner, wanted: Wanted): Promise<number> {
  if (wanted.minCount > largestBatch) throw badRequest(`min_count must be <= ${largestBatch}: one request makes no more servers than that`)
  const perServer = { cores: wanted.cores, instances: 1, ram: wanted.ram }
  let allowed = Math.min(wanted.maxCount, largestBatch)
  for (const bound of await boundsOf(tx, owner)) {
    const left = (resource: Resource) => {
      const limit = bound.limits[resource] ?? -1
      return limit < 0 || perServer[resource] === 0 ? Infinity : Math.floor(Math.max(0, limit - bound.used[resource]) / perServer[resource])
    }
    allowed = Math.min(allowed, ...resources.map(left))
    if (allowed < wanted.minCount)
      throw exceeded(
        bound,
        resources.filter((resource) => left(resource) < wanted.maxCount),
        (resource) => perServer[resource] * wanted.maxCount,
      )
  }
  return allowed
}

/** A bigger flavor needs room for the difference. */
export async function assertMayGrow(tx: Context, owner: Owner, more: { cores: number; ram: number }): Promise<void> {
  for (const bound of await boundsOf(tx, owner)) {
    const isOver = (resource: 'cores' | 'ram') =>
      more[resource] > 0 && (bound.limits[resource] ?? -1) >= 0 && bound.used[resource] + more[resource] > (bound.limits[resource] ?? -1)
    const over = (['cores', 'ram'] as const).filter(isOver)
    if (over.length > 0) throw exceeded(bound, over, (resource) => ({ instances: 0, ...more })[resource])
  }
}

export interface InjectedFile {
  path: string
  contents: string
}

/** Nova's limits on what a request may carry. */
export async function assertWithinItemLimits(
  ctx: Context,
  { metadata, files }: { metadata: Record<string, string>; files: InjectedFile[] },
): Promise<void> {
  const count = Object.keys(metadata).length
  if (count === 0 && files.length === 0) return
  const limits = await quotaLimits(ctx.db, 'compute', ctx.projectId, computeQuotas)
  const beyond = (resource: string, value: number) => (limits[resource] ?? -1) >= 0 && value > (limits[resource] ?? -1)
  if (beyond('metadata_items', count)) throw forbidden(`Maximum number of metadata items exceeds ${limits['metadata_items']}`)
  if (beyond('injected_files', files.length)) throw forbidden('Personality file limit exceeded')
  if (files.some(({ path }) => beyond('injected_file_path_bytes', path.length)))
    throw forbidden(`Personality file path exceeds maximum ${limits['injected_file_path_bytes']}`)
  if (files.some(({ contents }) => beyond('injected_file_content_bytes', Buffer.byteLength(contents, 'base64')))) {
    throw forbidden(`Personality file content exceeds maximum ${limits['injected_file_content_bytes']}`)
  }
}
