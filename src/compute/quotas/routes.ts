// /os-quota-sets, /os-quota-class-sets and /limits.
import { Type } from '../../platform/api/type.ts'
import { operation, type ApiRequest, type Operation } from '../../platform/api/operation.ts'
import { lenientBoolean } from '../../platform/api/words.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest } from '../../platform/errors.ts'
import type { Limits } from '../../platform/quota.ts'
import {
  quotaAuthorize,
  quotaClassResources,
  quotaClassUpdate,
  quotaDefaults,
  quotaSetDelete,
  quotaResources,
  quotaUpdate,
  quotaUserUpdate,
  quotasOf,
  quotasOfUser,
  quotaUses,
} from './quotas.ts'
import { limitsView } from './limits.view.ts'
import { novaResource } from '../routes/resource.ts'
import { boolean, integer, last, many, open, queryOf, wrapped } from '../routes/schemas.ts'

type Range = [string | null, string | null]
const rule = (what: string) => `os_compute_api:os-quota-sets:${what}`
const sets = novaResource({ extension: 'os-quota-sets', one: 'quotas', many: 'quotas', status: { delete: 202 } })
const classes = novaResource({ extension: 'os-quota-class-sets', one: 'default quotas', many: 'default quotas' })
const userQuery = { user_id: many(Type.String()) }
const limit = integer(-1)

const injected = ['injected_files', 'injected_file_content_bytes', 'injected_file_path_bytes']
const network = ['fixed_ips', 'floating_ips', 'security_groups', 'security_group_rules', 'networks']
const core = ['instances', 'cores', 'ram', 'metadata_items', 'key_pairs', 'server_groups', 'server_group_members']
const properties = (names: string[]) => Object.fromEntries(names.map((name) => [name, limit]))

const pick = <T>(values: Record<string, T>, names: string[]): Record<string, T> =>
  Object.fromEntries(names.filter((name) => name in values).map((name) => [name, values[name] as T]))

const user = ({ query }: ApiRequest<{ user_id?: string[] }>): string | undefined => query.user_id?.[0]

type Answer = (ctx: Context, projectId: string, userId: string | undefined) => Promise<Record<string, unknown>>

const twice: [Range, 'ignored' | 'refused'][] = [
  [[null, '2.74'], 'ignored'],
  [['2.75', null], 'refused'],
]

const show = (part: string, what: string, answer: Answer) =>
  twice.map(([versions, others]) =>
    sets.below(part, {
      method: 'GET',
      summary: 'Show quotas',
      policy: rule(what),
      versions,
      status: 200,
      query: queryOf(userQuery, others),
      async handler(ctx, id, request) {
        await quotaAuthorize(ctx, id)
        return { quota_set: { id, ...pick(await answer(ctx, id, user(request)), quotaResources(ctx)) } }
      },
    }),
  )

const numbers = (given: Record<string, unknown>): Limits => {
  if ('networks' in given) throw badRequest('The networks quota has been removed')
  return Object.fromEntries(Object.entries(given).flatMap(([name, value]) => (value === '' ? [] : [[name, Number(value)]])))
}

const update = (versions: Range, names: string[]) =>
  sets.update({
    summary: 'Set quotas',
    versions,
    query: queryOf(userQuery, 'ignored'),
    body: wrapped('quota_set', open({ ...properties(names), force: boolean })),
    async handler(ctx, projectId, request) {
      const { force, ...given } = request.body.quota_set
      ctx.authorize({ project_id: projectId })
      const userId = user(request)
      const wanted = numbers(given)
      const limits =
        userId === undefined
          ? await quotaUpdate(ctx, projectId, wanted, lenientBoolean(force))
          : await quotaUserUpdate(ctx, { projectId, userId }, wanted, lenientBoolean(force))
      return { quota_set: pick(limits, quotaResources(ctx)) }
    },
  })

const classUpdate = (versions: Range, names: string[]) =>
  classes.update({
    summary: 'Set default quotas',
    versions,
    body: wrapped('quota_class_set', open(properties(names))),
    async handler(ctx, id, request) {
      ctx.authorize()
      const wanted = numbers(request.body.quota_class_set)
      const limits = id === 'default' ? await quotaClassUpdate(ctx, wanted) : { ...(await quotaDefaults(ctx)), ...wanted }
      return { quota_class_set: pick(limits, quotaClassResources(ctx)) }
    },
  })

const limitsQuery = { tenant_id: many(Type.String()) }

const limits = twice.map(([versions, others]) =>
  operation({
    method: 'GET',
    path: '/limits',
    summary: 'Show limits',
    policy: 'os_compute_api:limits',
    versions,
    status: 200,
    query: queryOf(limitsQuery, others),
    async handler(ctx, request) {
      ctx.authorize()
      const other = last(request.query.tenant_id)
      if (other !== undefined) ctx.authorize(undefined, 'os_compute_api:limits:other_project')
      return limitsView(ctx, await quotaUses(ctx, other ?? ctx.projectId))
    },
  }),
)

export const quotaOperations: Operation[] = [
  ...show('', 'show', (ctx, projectId, userId) => (userId === undefined ? quotasOf(ctx, projectId) : quotasOfUser(ctx, projectId, userId))),
  ...show('/detail', 'detail', quotaUses),
  sets.below('/defaults', {
    method: 'GET',
    summary: 'Show default quotas',
    policy: rule('defaults'),
    status: 200,
    async handler(ctx, id) {
      await quotaAuthorize(ctx, id)
      return { quota_set: { id, ...pick(await quotaDefaults(ctx), quotaResources(ctx)) } }
    },
  }),
  update([null, '2.35'], [...core, ...injected, ...network]),
  update(['2.36', '2.56'], [...core, ...injected]),
  update(['2.57', null], core),
  sets.delete({
    summary: 'Back to the default quotas',
    query: queryOf(userQuery, 'ignored'),
    handler: (ctx, id, request) => quotaSetDelete(ctx, id, user(request)),
  }),
  classes.show({
    async handler(ctx, id) {
      ctx.authorize()
      return { quota_class_set: { id, ...pick(await quotaDefaults(ctx), quotaClassResources(ctx)) } }
    },
  }),
  classUpdate([null, '2.49'], [...core, ...injected, ...network]),
  classUpdate(['2.50', '2.56'], [...core, ...injected]),
  classUpdate(['2.57', null], core),
  ...limits,
]
