// How long a body may be, for whoever reads it: so that what breaks a quota is refused before its bytes are kept.
import { ObjectRefusal } from '../refusal.ts'
import { accountRows } from '../store/accounts.ts'
import { objectRows } from '../store/objects.ts'
import type { AccountRow, ContainerRow } from '../store/tables.ts'
import { containerIn } from './containers.ts'
import { isArchiving } from './current.ts'
import type { Engine } from './engine.ts'
import { accountQuota, bytesOf, containerQuota, type Quota } from './quota.ts'

export interface BodyLimit {
  /** null: no quota says how many */
  bytes: number | null
  of: 'account' | 'container' | null
}

interface BodyOf {
  account: string
  container: string
  name: string
  quotaExempt?: boolean | undefined
}

/**
 * What it replaces makes room for it. A container that is full by number refuses at once. What holds in the end is asked in the
 * object's own transaction.
 */
export async function bodyLimit(
  { store, platform }: Pick<Engine, 'store' | 'platform'>,
  { account, container: of, name, quotaExempt }: BodyOf,
): Promise<BodyLimit> {
  const container = await containerIn(store, account, of)
  const row = quotaExempt ? undefined : await accountRows.find(store, account)
  const quotas = quotasOf(container, row && { used: row, quota: accountQuota(row, platform) })
  if (quotas.length === 0) return { bytes: null, of: null }
  const current = await objectRows.find(store, container.id, name)
  const room = current && container.versioning === '' && !isArchiving(container) ? current.counted : 0
  let least: BodyLimit = { bytes: null, of: null }
  for (const { of: whose, quota, used } of quotas) {
    if (!current && quota.count !== null && used.object_count >= quota.count)
      throw new ObjectRefusal('quota', { which: 'count', of: whose, limit: quota.count })
    if (quota.bytes === null) continue
    const left = Math.max(0, quota.bytes - bytesOf(used) + room)
    if (least.bytes === null || left < least.bytes) least = { bytes: left, of: whose }
  }
  return least
}

const quotasOf = (container: ContainerRow, account: { used: AccountRow; quota: Quota } | undefined) =>
  [
    { of: 'container' as const, quota: containerQuota(container), used: container },
    ...(account ? [{ of: 'account' as const, ...account }] : []),
  ].filter(({ quota }) => quota.bytes !== null || quota.count !== null)
