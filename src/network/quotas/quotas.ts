// Quotas as the API has them: limits in Neutron's order, usage counted when it is asked for.
import type { Context } from '../../platform/context.ts'
import { badRequest, notFound } from '../../platform/errors.ts'
import { quotaDelete, quotaLimits, quotaSet, type Limits } from '../../platform/quota.ts'
import { table } from '../../platform/table.ts'
import { networkQuotas } from './check.ts'
import { resourceCount } from './count.store.ts'
import { quotaProjects } from './store.ts'

const service = 'network'
const ordered = (limits: Limits): Limits => Object.fromEntries(Object.keys(networkQuotas).map((name) => [name, limits[name] ?? -1]))

export const quotaGet = async (ctx: Context, projectId: string): Promise<Limits> =>
  ordered(await quotaLimits(ctx.db, service, projectId, networkQuotas))
export const quotaDefaults = async (ctx: Context): Promise<Limits> => ordered(await quotaLimits(ctx.db, service, '', networkQuotas))

/** The limits of every project that has limits of its own. */
export async function quotasList(ctx: Context): Promise<{ projectId: string; limits: Limits }[]> {
  const set: { projectId: string; limits: Limits }[] = []
  for (const projectId of await quotaProjects(ctx.db, service)) set.push({ projectId, limits: await quotaGet(ctx, projectId) })
  return set
}

export async function quotaUsage(
  ctx: Context,
  projectId: string,
): Promise<Record<string, { limit: number; used: number; reserved: number }>> {
  const usage: Record<string, { limit: number; used: number; reserved: number }> = table()
  for (const [name, limit] of Object.entries(await quotaGet(ctx, projectId)))
    usage[name] = { limit, used: await resourceCount(ctx.db, name, projectId), reserved: 0 }
  return usage
}

/** Sets limits: none below what is used, unless it is forced. */
export function quotaUpdate(ctx: Context, projectId: string, { limits, check }: { limits: Limits; check: boolean }): Promise<Limits> {
  return ctx.transaction(async (tx) => {
    for (const [name, limit] of Object.entries(check ? limits : {})) {
      const used = limit < 0 ? 0 : await resourceCount(tx.db, name, projectId)
      if (limit >= 0 && used > limit)
        throw badRequest(`Quota limit ${limit} for ${name} must be greater than or equal to already used ${used}`, {
          type: 'HTTPBadRequest',
        })
    }
    await quotaSet(tx, service, projectId, limits)
    return quotaGet(tx, projectId)
  })
}

/** Back to the defaults. */
export async function quotaReset(ctx: Context, projectId: string): Promise<void> {
  if (!(await quotaProjects(ctx.db, service)).includes(projectId))
    throw notFound(`Quota for tenant ${projectId} could not be found.`, { type: 'TenantQuotaNotFound' })
  await quotaDelete(ctx, service, projectId)
}
