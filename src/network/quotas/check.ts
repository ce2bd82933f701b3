// Quotas of the network: defaults as data, usage counted from rows in the transaction that adds them.
import type { Context } from '../../platform/context.ts'
import { conflict } from '../../platform/errors.ts'
import { quotaExcess, quotaLimits, type Limits } from '../../platform/quota.ts'
import { resourceCount } from './count.store.ts'

export const networkQuotas: Limits = {
  network: 100,
  subnet: 100,
  subnetpool: -1,
  port: 500,
  router: 10,
  floatingip: 50,
  rbac_policy: 10,
  security_group: 10,
  security_group_rule: 100,
}

/** One more of the resource for each project named; 409 OverQuota when that is beyond a limit. */
export async function quotaReserve(tx: Context, resource: string, projectIds: string[]): Promise<void> {
  for (const projectId of new Set(projectIds)) {
    const wanted = projectIds.filter((id) => id === projectId).length
    const used = (name: string) => resourceCount(tx.db, name, projectId)
    const [excess] = await quotaExcess(tx, { service: 'network', projectId, builtIn: networkQuotas, wanted: { [resource]: wanted }, used })
    if (excess) throw conflict(`Quota exceeded for resources: ['${resource}'].`, { type: 'OverQuota' })
  }
}

/** How many more of the resource the project may have; Infinity without a limit. */
export async function quotaLeft(tx: Context, resource: string, projectId: string): Promise<number> {
  const limit = (await quotaLimits(tx.db, 'network', projectId, networkQuotas))[resource] ?? -1
  return limit < 0 ? Infinity : Math.max(0, limit - (await resourceCount(tx.db, resource, projectId)))
}
