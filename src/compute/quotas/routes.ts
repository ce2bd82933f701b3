// /os-quota-sets, /os-quota-class-sets and /limits.
import Type from 'typebox'
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
import { boolean, integer, last, many, open, queryOf, wrapped } from '../routes/schemas.ts'

type Range = [string | null, string | null]
const rule = (what: string) => `os_compute_api:os-quota-sets:${what}`
const classRule = (what: string) => `os_compute_api:os-quota-class-sets:${what}`
const userQuery = { user_id: many(Type.String()) }
const limit = integer(-1)

const injected = ['injected_files', 'injected_file_content_bytes', 'injected_file_path_bytes']
const network = ['fixed_ips', 'floating_ips', 'security_groups', 'security_group_rules', 'networks']
const core = ['instances', 'cores', 'ram', 'metadata_items', 'key_pairs', 'server_groups', 'server_group_members']
const properties = (names: string[]) => Object.fromEntries(names.map((name) => [name, limit]))

const pick = <T>(values: Record<string, T>, names: string[]): Record<string, T> =>
  Object.fromEntries(names.filter((name) => name in values).map((name) => [name, values[name] as T]))

const project = (request: ApiRequest): string => request.params['id'] ?? ''

const user = ({ query }: ApiRequest<{ user_id?: string[] }>): string | undefined => query.user_id?.[0]

type Answer = (ctx: Context, projectId: string, userId: string | undefined) => Promise<Record<string, unknown>>

const show = (path: string, what: string, answer: Answer) =>
  (
    [
      [null, '2.74'],
      ['2.75', null],
    ] as Range[]
  ).map((versions) =>
    operation({
      method: 'GET',
      path,
      summary: 'Show quotas',
      policy: rule(what),
      versions,
      status: 200,
      query: queryOf(userQuery, versions[0] === null ? 'ignored' : 'refused'),
      async handler(ctx, request) {
        await quotaAuthorize(ctx, project(request))
        return { quota_set: { id: project(request), ...pick(await answer(ctx, project(request), user(request)), quotaResources(ctx)) } }
      },
    }),
  )

const numbers = (given: Record<string, unknown>): Limits => {
  if ('networks' in given) throw badRequest('The networks quota has been removed')
  return Object.fromEntries(Object.entries(given).flatMap(([name, value]) => (value === '' ? [] : [[name, Number(value)]])))
}

const update = (versions: Range, names: string[]) =>
  operation({
    method: 'PUT',
    path: '/os-quota-sets/:id',
    summary: 'Set quotas',
    policy: rule('update'),
    versions,
    status: 200,
    query: queryOf(userQuery, 'ignored'),
    body: wrapped('quota_set', open({ ...properties(names), force: boolean })),
    async handler(ctx, request) {
      const { force, ...given } = request.body.quota_set
      ctx.authorize({ project_id: project(request) })
      const userId = user(request)
      const wanted = numbers(given)
      const projectId = project(request)
      const limits =
        userId === undefined
          ? await quotaUpdate(ctx, projectId, wanted, lenientBoolean(force))
          : await quotaUserUpdate(ctx, { projectId, userId }, wanted, lenientBoolean(force))
      return { quota_set: pick(limits, quotaResources(ctx)) }
    },
  })

const classUpdate = (versions: Range, names: string[]) =>
  operation({
    method: 'PUT',
    path: '/os-quota-class-sets/:id',
    summary: 'Set default quotas',
    policy: classRule('update'),
    versions,
    status: 200,
    body: wrapped('quota_class_set', open(properties(names))),
    async handler(ctx, request) {
      ctx.authorize()
      const given = request.body.quota_class_set
      const limits =
        request.params['id'] === 'default'
          ? await quotaClassUpdate(ctx, numbers(given))
          : { ...(await quotaDefaults(ctx)), ...numbers(given) }
      return { quota_class_set: pick(limits, quotaClassResources(ctx)) }
    },
  })

const tenantQuery = { tenant_id: many(Type.String()) }

const limits = (versions: Range) =>
  operation({
    method: 'GET',
    path: '/limits',
    summary: 'Show limits',
    policy: 'os_compute_api:limits',
    versions,
    status: 200,
    query: queryOf(tenantQuery, versions[0] === null ? 'ignored' : 'refused'),
    async handler(ctx, request) {
      ctx.authorize()
      const other = last(request.query.tenant_id)
      if (other !== undefined) ctx.authorize(undefined, 'os_compute_api:limits:other_project')
      return limitsView(ctx, await quotaUses(ctx, other ?? ctx.projectId))
    },
  })

export const quotaOperations: Operation[] = [
  ...show('/os-quota-sets/:id', 'show', (ctx, projectId, userId) =>
    userId === undefined ? quotasOf(ctx, projectId) : quotasOfUser(ctx, projectId, userId),
  ),
  ...show('/os-quota-sets/:id/detail', 'detail', quotaUses),
  operation({
    method: 'GET',
    path: '/os-quota-sets/:id/defaults',
    summary: 'Show default quotas',
    policy: rule('defaults'),
    status: 200,
    async handler(ctx, request) {
      await quotaAuthorize(ctx, project(request))
      return { quota_set: { id: project(request), ...pick(await quotaDefaults(ctx), quotaResources(ctx)) } }
    },
  }),
  update([null, '2.35'], [...core, ...injected, ...network]),
  update(['2.36', '2.56'], [...core, ...injected]),
  update(['2.57', null], core),
  operation({
    method: 'DELETE',
    path: '/os-quota-sets/:id',
    summary: 'Back to the default quotas',
    policy: rule('delete'),
    status: 202,
    query: queryOf(userQuery, 'ignored'),
    handler: (ctx, request) => quotaSetDelete(ctx, request.params['id'] ?? '', user(request)),
  }),
  operation({
    method: 'GET',
    path: '/os-quota-class-sets/:id',
    summary: 'Show default quotas',
    policy: classRule('show'),
    status: 200,
    async handler(ctx, request) {
      ctx.authorize()
      return { quota_class_set: { id: request.params['id'], ...pick(await quotaDefaults(ctx), quotaClassResources(ctx)) } }
    },
  }),
  classUpdate([null, '2.49'], [...core, ...injected, ...network]),
  classUpdate(['2.50', '2.56'], [...core, ...injected]),
  classUpdate(['2.57', null], core),
  limits([null, '2.74']),
  limits(['2.75', null]),
]
