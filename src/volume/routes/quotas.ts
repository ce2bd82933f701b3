// /os-quota-sets, /os-quota-class-sets and /limits.
import { Type } from '../../platform/api/type.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest } from '../../platform/errors.ts'
import { quotaDelete, quotaSet, type Limits } from '../../platform/quota.ts'
import { operation, type Operation } from '../../platform/api/operation.ts'
import { limitsOf, quotaUsageOf } from '../quota.ts'
import { isTrue } from './list-query.ts'
import { quotaClasses, quotaSets } from './resources.ts'
import { closed } from './bodies.ts'

const limit = Type.Unsafe<number | string>({
  type: ['integer', 'string'],
  pattern: '^-?[0-9]+$',
  minimum: -1,
  maximum: 2_147_483_647,
  minLength: 1,
})
/** clients name the project once more */
const limitsBody = Type.Unsafe<Record<string, number | string>>({
  type: 'object',
  properties: { tenant_id: { type: 'string' }, id: { type: 'string' } },
  additionalProperties: limit,
})
const closedKeys = new Set(['tenant_id', 'id'])

/** Only limits that there are may be set. */
function readLimits(wanted: Record<string, number | string>, known: Limits): Limits {
  const unknown = Object.keys(wanted).filter((name) => !(name in known) && !closedKeys.has(name))
  if (unknown.length > 0) throw badRequest(`Invalid input received: Bad key(s) in quota set: ${unknown.join(', ')}`)
  return Object.fromEntries(
    Object.entries(wanted)
      .filter(([name]) => !closedKeys.has(name))
      .map(([name, value]) => {
        const number = Number(value)
        if (number < -1 || number > 2_147_483_647) throw badRequest(`Invalid input received: ${name} must be between -1 and 2147483647.`)
        return [name, number]
      }),
  )
}

const authorizeFor = (ctx: Context, projectId: string): void => ctx.authorize({ project_id: projectId })

async function withUsage(ctx: Context, projectId: string): Promise<Record<string, { limit: number; in_use: number; reserved: number }>> {
  const usage = await quotaUsageOf(ctx, projectId)
  return Object.fromEntries(
    Object.entries(await limitsOf(ctx, projectId)).map(([name, value]) => [
      name,
      { limit: value, in_use: usage.get(name)?.inUse ?? 0, reserved: usage.get(name)?.reserved ?? 0 },
    ]),
  )
}

export const quotaOperations: Operation[] = [
  quotaSets.show({
    query: Type.Object({ usage: Type.Optional(Type.String()) }),
    async handler(ctx, target, { query }) {
      authorizeFor(ctx, target)
      return {
        quota_set: { ...(isTrue('usage', query.usage) ? await withUsage(ctx, target) : await limitsOf(ctx, target)), id: target },
      }
    },
  }),
  quotaSets.below('/defaults', {
    summary: 'Show default quotas',
    policy: 'volume_extension:quotas:show',
    async handler(ctx, target) {
      authorizeFor(ctx, target)
      return { quota_set: { ...(await limitsOf(ctx, '')), id: target } }
    },
  }),
  quotaSets.update({
    summary: 'Set quotas',
    body: Type.Object({ quota_set: limitsBody }, closed),
    query: Type.Object({ skip_validation: Type.Optional(Type.String()) }),
    async handler(ctx, target, request) {
      authorizeFor(ctx, target)
      const wanted = request.body.quota_set
      return ctx.transaction(async (tx) => {
        await quotaSet(tx, 'volume', target, readLimits(wanted, await limitsOf(tx, target)))
        return { quota_set: await limitsOf(tx, target) }
      })
    },
  }),
  quotaSets.delete({
    summary: 'Back to default quotas',
    async handler(ctx, target) {
      authorizeFor(ctx, target)
      await quotaDelete(ctx, 'volume', target)
    },
  }),
  quotaClasses.show({
    async handler(ctx, target) {
      ctx.authorize()
      return { quota_class_set: { ...(await limitsOf(ctx, '')), id: target } }
    },
  }),
  quotaClasses.update({
    summary: 'Set the defaults of quotas',
    body: Type.Object({ quota_class_set: limitsBody }, closed),
    async handler(ctx, target, request) {
      ctx.authorize()
      const wanted = request.body.quota_class_set
      return ctx.transaction(async (tx) => {
        const limits = readLimits(wanted, await limitsOf(tx, ''))
        // only the class 'default' means anything
        if (target === 'default') await quotaSet(tx, 'volume', '', limits)
        return { quota_class_set: await limitsOf(tx, '') }
      })
    },
  }),
  operation({
    method: 'GET',
    path: '/limits',
    summary: 'Show limits',
    policy: 'limits_extension:used_limits',
    query: Type.Object({ project_id: Type.Optional(Type.String()) }),
    status: 200,
    async handler(ctx, { query }) {
      const other = ctx.microversion.atLeast('3.39') && ctx.isAdmin ? query.project_id : undefined
      const projectId = other ?? ctx.projectId
      authorizeFor(ctx, projectId)
      const limits = await limitsOf(ctx, projectId)
      const usage = await quotaUsageOf(ctx, projectId)
      const used = (name: string): number => (usage.get(name)?.inUse ?? 0) + (usage.get(name)?.reserved ?? 0)
      return {
        limits: {
          rate: [],
          absolute: {
            maxTotalVolumes: limits['volumes'],
            maxTotalSnapshots: limits['snapshots'],
            maxTotalVolumeGigabytes: limits['gigabytes'],
            maxTotalBackups: limits['backups'],
            maxTotalBackupGigabytes: limits['backup_gigabytes'],
            totalVolumesUsed: used('volumes'),
            totalGigabytesUsed: used('gigabytes'),
            totalSnapshotsUsed: used('snapshots'),
            totalBackupsUsed: 0,
            totalBackupGigabytesUsed: 0,
          },
        },
      }
    },
  }),
]
