// /quotas. A project sees its own; only an admin sees others' and changes them.
import { Type } from '../../platform/api/type.ts'
import { operation, Reply, type Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import type { Limits } from '../../platform/quota.ts'
import { networkQuotas } from './check.ts'
import { refuse } from '../api/permission.ts'
import { boolean, integer, isObject, malformed, text } from '../api/readers.ts'
import { invalidAttribute } from '../faults.ts'
import { quotaUpdate, quotaDefaults, quotaReset, quotaGet, quotaUsage, quotasList } from './quotas.ts'

function allow(ctx: Context, rule: string, projectId: string): void {
  text(255)(projectId, 'project_id')
  if (!ctx.allows({ project_id: projectId, tenant_id: projectId }, rule)) throw refuse(rule)
}

const path = '/quotas/:project_id'

function readLimits(body: unknown): { limits: Limits; check: boolean } {
  const quota = isObject(body) ? body['quota'] : undefined
  if (!isObject(quota)) throw malformed("Unable to find 'quota' in request body")
  const { check_limit: _old, force = false, ...rest } = quota
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
  return { limits, check: boolean(force, 'force') !== true }
}

const own = (name: 'tenant' | 'project') =>
  operation({
    method: 'GET',
    path: `/quotas/${name}`,
    summary: 'Whose quota the token’s is',
    policy: 'get_own_quota',
    status: 200,
    async handler(ctx) {
      allow(ctx, 'get_own_quota', ctx.projectId)
      return { [name]: { [`${name}_id`]: ctx.projectId } }
    },
  })

/** What one's own project may use is no secret of it; that of others needs the rule. */
const shown = (tail: string, summary: string, find: (ctx: Context, projectId: string) => Promise<object>) =>
  operation({
    method: 'GET',
    path: `${path}${tail}`,
    summary,
    policy: 'get_own_quota',
    status: 200,
    async handler(ctx, { params }) {
      const projectId = params['project_id'] ?? ''
      allow(ctx, projectId === ctx.actor.projectId ? 'get_own_quota' : 'get_quota', projectId)
      return { quota: await find(ctx, projectId) }
    },
  })

export const quotasOperations: Operation[] = [
  own('tenant'),
  own('project'),
  operation({
    method: 'GET',
    path: '/quotas',
    summary: 'List quotas that were set',
    policy: 'get_quota',
    status: 200,
    async handler(ctx) {
      allow(ctx, 'get_quota', ctx.projectId)
      // a manager's right is over the own project
      const shown = (await quotasList(ctx)).filter(({ projectId }) => ctx.allows({ project_id: projectId, tenant_id: projectId }))
      return { quotas: shown.map(({ projectId, limits }) => ({ ...limits, project_id: projectId, tenant_id: projectId })) }
    },
  }),
  shown('', 'Show a project’s quota', quotaGet),
  shown('/default', 'Show default quotas', quotaDefaults),
  shown('/details', 'Show a quota with its usage', quotaUsage),
  shown('/details.json', 'Show a quota with its usage', quotaUsage),
  operation({
    method: 'PUT',
    path,
    summary: 'Set a project’s quota',
    policy: 'update_quota',
    status: 200,
    bodyOptional: true,
    body: Type.Union([
      Type.Object({
        quota: Type.Object(Object.fromEntries(Object.keys(networkQuotas).map((name) => [name, Type.Optional(Type.Integer())]))),
      }),
      Type.Unknown(),
    ]),
    async handler(ctx, { params, body }) {
      const projectId = params['project_id'] ?? ''
      allow(ctx, 'update_quota', projectId)
      return { quota: await quotaUpdate(ctx, projectId, readLimits(body)) }
    },
  }),
  operation({
    method: 'DELETE',
    path,
    summary: 'Back to the default quota',
    policy: 'delete_quota',
    status: 204,
    async handler(ctx, { params }) {
      const projectId = params['project_id'] ?? ''
      allow(ctx, 'delete_quota', projectId)
      await quotaReset(ctx, projectId)
      return new Reply(undefined, { status: 204 })
    },
  }),
]
