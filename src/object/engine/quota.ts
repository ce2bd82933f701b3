// Quotas of containers and accounts, read from their metadata. Bytes are all that is kept (versions and the parts of open uploads too),
// objects are the current ones.
import type { Platform } from '../../platform/context.ts'
import { ObjectRefusal } from '../refusal.ts'
import type { AccountRow, ContainerRow, Counters, Metadata } from '../store/tables.ts'

export interface Quota {
  bytes: number | null
  count: number | null
}

/** What is no number is no quota. */
const numberIn = (text: string | undefined): number | null => (text !== undefined && /^\d+$/.test(text) ? Number(text) : null)

const least = (all: (number | null)[]): number | null =>
  all.reduce((found, one) => (found === null || (one !== null && one < found) ? one : found), null)

export const containerQuota = ({ metadata }: ContainerRow): Quota => ({
  bytes: numberIn(metadata['x-container-meta-quota-bytes']),
  count: numberIn(metadata['x-container-meta-quota-count']),
})

/** There is one policy: a quota for it is one for all. */
const ofPolicy = (metadata: Metadata): (number | null)[] =>
  Object.keys(metadata)
    .filter((name) => name.startsWith('x-account-quota-bytes-policy-'))
    .map((name) => numberIn(metadata[name]))

/** Where nobody set how many bytes an account may hold, the operator's own setting says it. */
export function accountQuota({ metadata }: AccountRow, { config }: Pick<Platform, 'config'>): Quota {
  const set = least([numberIn(metadata['x-account-quota-bytes']), numberIn(metadata['x-account-meta-quota-bytes']), ...ofPolicy(metadata)])
  const usual = config.object.defaultAccountQuotaMib
  return { bytes: set ?? (usual === null ? null : usual * 1024 * 1024), count: numberIn(metadata['x-account-quota-count']) }
}

export const bytesOf = ({ bytes_used, version_bytes, part_bytes }: Counters): number => bytes_used + version_bytes + part_bytes

/** What shrinks is never refused. */
export function quotaCheck(of: 'account' | 'container', quota: Quota, { before, by }: { before: Counters; by: Counters }): void {
  const refuse = (which: 'bytes' | 'count', limit: number) => new ObjectRefusal('quota', { which, of, limit })
  if (quota.bytes !== null && bytesOf(by) > 0 && bytesOf(before) + bytesOf(by) > quota.bytes) throw refuse('bytes', quota.bytes)
  if (quota.count !== null && by.object_count > 0 && before.object_count + by.object_count > quota.count) throw refuse('count', quota.count)
}
