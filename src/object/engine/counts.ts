// What an act adds to the counters of containers and accounts, and the quotas that it must keep: exact, since both are read and written
// in the act's own transaction.
import { ObjectRefusal } from '../refusal.ts'
import { accountRows } from '../store/accounts.ts'
import { countersAdd, type AccountGrowth } from '../store/counters.ts'
import type { ContainerRow, Counters } from '../store/tables.ts'
import type { Act } from './act.ts'
import { accountQuota, containerQuota, quotaCheck } from './quota.ts'

interface Count {
  container: ContainerRow
  by: Counters
}

/** by container's id */
export type Counts = Map<string, Count>

const nothing = (): Counters => ({ object_count: 0, bytes_used: 0, version_count: 0, version_bytes: 0, part_bytes: 0 })

/** Adds to what the act will have added to this container. */
export function count({ counts }: Act, container: ContainerRow, by: Partial<Counters>): void {
  let known = counts.get(container.id)
  if (!known) counts.set(container.id, (known = { container, by: nothing() }))
  add(known.by, by)
}

function add(to: Counters, by: Partial<Counters>): void {
  to.object_count += by.object_count ?? 0
  to.bytes_used += by.bytes_used ?? 0
  to.version_count += by.version_count ?? 0
  to.version_bytes += by.version_bytes ?? 0
  to.part_bytes += by.part_bytes ?? 0
}

/** At the end of an act. */
export async function countsWrite(act: Act): Promise<void> {
  const accounts = new Map<string, AccountGrowth>()
  for (const { container, by } of act.counts.values()) {
    quotaCheck('container', containerQuota(container), { before: container, by })
    await countersAdd.container(act.db, container.id, by)
    const known = accounts.get(container.account) ?? { ...nothing(), container_count: 0 }
    add(known, by)
    accounts.set(container.account, known)
  }
  for (const [account, by] of accounts) await accountCount(act, account, by)
}

/** Also for a container that comes or goes. */
async function accountCount({ db, quotaExempt, engine }: Act, account: string, by: AccountGrowth): Promise<void> {
  const row = await accountRows.find(db, account)
  if (!row) throw new ObjectRefusal('no-account', { account })
  if (row.deleted_us && by.bytes_used + by.part_bytes + by.object_count > 0) throw new ObjectRefusal('account-deleted', { account })
  if (!quotaExempt) quotaCheck('account', accountQuota(row, engine.platform), { before: row, by })
  await countersAdd.account(db, account, by)
}

/** One container more or less. */
export const containerCount = (act: Act, account: string, by: 1 | -1): Promise<void> =>
  accountCount(act, account, { ...nothing(), container_count: by })
