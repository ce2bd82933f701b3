// /quotas. A project sees its own; only an admin sees others' and changes them.
import Type from 'typebox'
import { operation, Reply, type Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { conflict, notFound } from '../../platform/errors.ts'
import { quotaDelete, quotaLimits, quotaSet, type Limits } from '../../platform/quota.ts'
import { networkQuotas } from '../api/quota.ts'
import { refuse } from '../api/permission.ts'
import { boolean, integer, isObject, malformed } from '../api/readers.ts'
import { invalidAttribute } from '../faults.ts'
import { resourceCount } from '../store/count.ts'
import { quotaProjects } from '../store/quotas.ts'

const service = 'network'
const ordered = (limits: Limits): Limits => Object.fromEntries(Object.keys(networkQuotas).map((name) => [name, limits[name] ?? -1]))
const limitsOf = async (ctx: Context, projectId: string) => ordered(await quotaLimits(ctx.db, service, projectId, networkQuotas))

function allow(ctx: Context, rule: string, projectId: string): void {
  if (!ctx.allows({ project_id: projectId, tenant_id: projectId }, rule)) throw refuse(rule)
}

const path = '/quotas/:project_id'

async function details(ctx: Context, projectId: string): Promise<unknown> {
  allow(ctx, 'get_quota', projectId)
  const limits = await limitsOf(ctx, projectId)
  const quota: Record<string, unknown> = {}
  for (const [name, limit] of Object.entries(limits)) quota[name] = { limit, used: await resourceCount(ctx.db, name, projectId), reserved: 0 }
  return { quota }
}

function readLimits(body: unknown): { limits: Limits; check: boolean } {
  const quota = isObject(body) ? body['quota'] : undefined
  if (!isObject(quota)) throw malformed("Unable to find 'quota' in request body")
  const { check_limit: check = false, force = false, ...rest } = quota
  const ignored = new Set(['tenant_id', 'project_id'])
  const unknown = Object.keys(rest).filter((name) => !Object.hasOwn(networkQuotas, name) && !ignored.has(name))
  if (unknown.length > 0) throw malformed(`Unrecognized attribute(s) '${unknown.join(', ')}'`)
  const limits: Limits = {}
  for (const [name, value] of Object.entries(rest)) {
    if (ignored.has(name)) continue
    const limit = integer(value, name) as number
    if (limit < -1) throw invalidAttribute(name, `'${limit}' is too small - must be at least '-1'`)
    if (limit > 0x7fffffff) throw invalidAttribute(name, `'${limit}' is too large - must be no larger than '${0x7fffffff}'`)
    limits[name] = limit
  }
  return { limits, check: boolean(check, 'check_limit') === true && boolean(force, 'force') !== true }
}

async function set(ctx: Context, projectId: string, body: unknown): Promise<unknown> {
  allow(ctx, 'update_quota', projectId)
  const { limits, check } = readLimits(body)
  return ctx.transaction(async (tx) => {
    for (const [name, limit] of Object.entries(check ? limits : {})) {
      if (limit >= 0 && (await resourceCount(tx.db, name, projectId)) > limit) {
        throw conflict(`Change would make usage less than 0 for the following resources: ${name}.`, { type: 'InvalidQuotaValue' })
      }
    }
    await quotaSet(tx.db, service, projectId, limits)
    return { quota: await limitsOf(tx, projectId) }
  })
}

const own = (name: 'tenant' | 'project') =>
  operation({
    method: 'GET', path: `/quotas/${name}`, summary: 'Whose quota the token’s is', policy: 'get_quota', status: 200,
    async handler(ctx) {
      allow(ctx, 'get_quota', ctx.projectId)
      return { [name]: { [`${name}_id`]: ctx.projectId } }
    },
  })

export const quotasOperations: Operation[] = [
  own('tenant'),
  own('project'),
  operation({
    method: 'GET', path: '/quotas', summary: 'List quotas that were set', policy: 'get_quota', status: 200,
    async handler(ctx) {
      const mine = ctx.allows({}, 'context_is_admin') ? await quotaProjects(ctx.db, service) : []
      const quotas = []
      for (const id of mine) quotas.push({ ...(await limitsOf(ctx, id)), project_id: id, tenant_id: id })
      return { quotas }
    },
  }),
  operation({
    method: 'GET', path, summary: 'Show a project’s quota', policy: 'get_quota', status: 200,
    async handler(ctx, { params }) {
      const projectId = params['project_id'] ?? ''
      allow(ctx, 'get_quota', projectId)
      return { quota: await limitsOf(ctx, projectId) }
    },
  }),
  operation({
    method: 'GET', path: `${path}/default`, summary: 'Show default quotas', policy: 'get_quota', status: 200,
    async handler(ctx, { params }) {
      allow(ctx, 'get_quota', params['project_id'] ?? '')
      return { quota: ordered(await quotaLimits(ctx.db, service, '', networkQuotas)) }
    },
  }),
  ...['details', 'details.json'].map((name) =>
    operation({ method: 'GET', path: `${path}/${name}`, summary: 'Show a quota with its usage', policy: 'get_quota', status: 200, handler: (ctx, { params }) => details(ctx, params['project_id'] ?? '') }),
  ),
  operation({
    method: 'PUT', path, summary: 'Set a project’s quota', policy: 'update_quota', status: 200, bodyOptional: true,
    body: Type.Union([Type.Object({ quota: Type.Object(Object.fromEntries(Object.keys(networkQuotas).map((name) => [name, Type.Optional(Type.Integer())]))) }), Type.Unknown()]),
    handler: (ctx, { params, body }) => set(ctx, params['project_id'] ?? '', body),
  }),
  operation({
    method: 'DELETE', path, summary: 'Back to the default quota', policy: 'delete_quota', status: 204,
    async handler(ctx, { params }) {
      const projectId = params['project_id'] ?? ''
      allow(ctx, 'delete_quota', projectId)
      if (!(await quotaProjects(ctx.db, service)).includes(projectId)) throw notFound(`Quota for tenant ${projectId} could not be found.`, { type: 'TenantQuotaNotFound' })
      await quotaDelete(ctx.db, service, projectId)
      return new Reply(undefined, { status: 204 })
    },
  }),
]
