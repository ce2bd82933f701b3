// Quotas as the API shows and sets them: limits of a project, the defaults of the cloud (quota class `default`), and
// what is used, counted from rows.
import type { Context } from '../../platform/context.ts'
import { defined } from '../../platform/defined.ts'
import { badRequest } from '../../platform/errors.ts'
import { quotaDelete, quotaLimits, quotaSet, type Limits } from '../../platform/quota.ts'
import { computeQuotas, userService } from './defaults.ts'
import { projectMustExist } from '../projects.ts'
import type { Owner } from '../servers/quota.ts'
import { serverGroupsCount } from '../server-groups/store.ts'
import { serversUsage } from '../servers/store/servers.ts'

/** What Nova once counted for networks: never limited here, and shown until 2.35. */
const networkQuotas: Limits = { fixed_ips: -1, floating_ips: -1, security_groups: -1, security_group_rules: -1 }
const injected = ['injected_files', 'injected_file_content_bytes', 'injected_file_path_bytes']

const builtIn: Limits = { ...computeQuotas, ...networkQuotas }

export interface QuotaUse {
  limit: number
  in_use: number
  reserved: 0
}

/** Resources that quota sets have at the request's microversion. */
export function quotaResources(ctx: Context): string[] {
  const names = Object.keys(builtIn)
  if (ctx.microversion.atLeast('2.57')) return names.filter((name) => !(name in networkQuotas) && !injected.includes(name))
  return ctx.microversion.atLeast('2.36') ? names.filter((name) => !(name in networkQuotas)) : names
}

/** Quota classes lost the networks' quotas at 2.50 and gained server groups. */
export function quotaClassResources(ctx: Context): string[] {
  const groups = ['server_groups', 'server_group_members']
  if (!ctx.microversion.atLeast('2.50')) return Object.keys(builtIn).filter((name) => !groups.includes(name))
  const names = Object.keys(builtIn).filter((name) => !(name in networkQuotas))
  return ctx.microversion.atLeast('2.57') ? names.filter((name) => !injected.includes(name)) : names
}

export const quotasOf = (ctx: Context, projectId: string): Promise<Limits> => quotaLimits(ctx.db, 'compute', projectId, builtIn)

/** The project's limits with the user's own over them. */
export const quotasOfUser = async (ctx: Context, projectId: string, userId: string): Promise<Limits> =>
  quotaLimits(ctx.db, userService(userId), projectId, await quotasOf(ctx, projectId))

/** Sets a user's limits in a project: no higher than the project's and, unless forced, none below what the user has. */
export async function quotaUserUpdate(ctx: Context, { projectId, userId }: Owner, wanted: Limits, force: boolean): Promise<Limits> {
  await quotaAuthorize(ctx, projectId)
  return ctx.transaction(async (tx) => {
    const limits = await quotasOf(tx, projectId)
    if (!force) assertNotBelow(await quotaUses(tx, projectId, userId), wanted)
    for (const [resource, limit] of Object.entries(wanted)) {
      const most = limits[resource] ?? -1
      if (most >= 0 && (limit < 0 || limit > most))
        throw badRequest(`Quota limit ${limit} for ${resource} must be less than or equal to ${most}.`)
    }
    await quotaSet(tx, userService(userId), projectId, wanted)
    return quotasOfUser(tx, projectId, userId)
  })
}

/** The cloud's defaults. */
export const quotaDefaults = (ctx: Context): Promise<Limits> => quotaLimits(ctx.db, 'compute', '', builtIn)

/** Limits of a project with what it uses, or those of one of its users. */
export async function quotaUses(ctx: Context, projectId: string, userId?: string): Promise<Record<string, QuotaUse>> {
  const limits = userId === undefined ? await quotasOf(ctx, projectId) : await quotasOfUser(ctx, projectId, userId)
  const servers = await serversUsage(ctx.db, { projectId, ...defined({ userId }) })
  const used: Limits = { ...servers, server_groups: await serverGroupsCount(ctx.db, projectId) }
  return Object.fromEntries(Object.entries(limits).map(([name, limit]) => [name, { limit, in_use: used[name] ?? 0, reserved: 0 }]))
}

/** A project must exist, and the rule must hold within it. */
export async function quotaAuthorize(ctx: Context, projectId: string): Promise<void> {
  ctx.authorize({ project_id: projectId })
  await projectMustExist(ctx, projectId)
}

function assertNotBelow(uses: Record<string, QuotaUse>, wanted: Limits): void {
  for (const [resource, limit] of Object.entries(wanted)) {
    const minimum = uses[resource]?.in_use ?? 0
    if (limit >= 0 && limit < minimum)
      throw badRequest(`Quota limit ${limit} for ${resource} must be greater than or equal to already used and reserved ${minimum}.`)
  }
}

/** Sets a project's limits; unless forced, none below what is used. */
export async function quotaUpdate(ctx: Context, projectId: string, wanted: Limits, force: boolean): Promise<Limits> {
  await quotaAuthorize(ctx, projectId)
  return ctx.transaction(async (tx) => {
    if (!force) assertNotBelow(await quotaUses(tx, projectId), wanted)
    await quotaSet(tx, 'compute', projectId, wanted)
    return quotasOf(tx, projectId)
  })
}

export async function quotaSetDelete(ctx: Context, projectId: string, userId: string | undefined): Promise<void> {
  await quotaAuthorize(ctx, projectId)
  await quotaDelete(ctx, userId === undefined ? 'compute' : userService(userId), projectId)
}

/** Sets the cloud's defaults. */
export async function quotaClassUpdate(ctx: Context, wanted: Limits): Promise<Limits> {
  return ctx.transaction(async (tx) => {
    await quotaSet(tx, 'compute', '', wanted)
    return quotaDefaults(tx)
  })
}
