// /os-server-groups: soft policies since 2.15, one policy with rules since 2.64.
import { Type } from '../../platform/api/type.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { badRequest } from '../../platform/errors.ts'
import { serverGroupCreate, serverGroupGet, serverGroupDelete, serverGroupsList, type NewServerGroup } from './server-groups.ts'
import { serverGroupListView, serverGroupView } from './view.ts'
import { pageLimit } from '../../platform/api/list.ts'
import { novaResource } from '../routes/resource.ts'
import { closed, last, many, name, nonNegativeInteger, open, positiveInteger, queryOf, wrapped } from '../routes/schemas.ts'

const groups = novaResource({ extension: 'os-server-groups', one: 'a server group', many: 'server groups' })
const hard = ['anti-affinity', 'affinity']
const all = [...hard, 'soft-anti-affinity', 'soft-affinity']
const oneOf = (values: string[]) => Type.Unsafe<NewServerGroup['policy']>({ type: 'string', enum: values })
const policies = (values: string[]) =>
  Type.Unsafe<[NewServerGroup['policy']]>(Type.Array(oneOf(values), { minItems: 1, maxItems: 1, uniqueItems: true }))

const rules = Type.Object({ max_server_per_host: Type.Optional(positiveInteger) }, closed)
/** Before 2.64: a list of one. */
const listed = (values: string[]) => open({ name, policies: policies(values) }, ['name', 'policies'])
const single = open({ name, policy: oneOf(all), rules }, ['name', 'policy'])

const create = (versions: [string | null, string | null], body: ReturnType<typeof listed> | typeof single) =>
  groups.create({
    versions,
    body: wrapped('server_group', body),
    async handler(ctx, request) {
      const { server_group: wanted } = request.body
      const policy = 'policy' in wanted ? wanted.policy : wanted.policies[0]
      const given = ('rules' in wanted ? wanted.rules : undefined) ?? {}
      const most = given.max_server_per_host
      if (Object.keys(given).length > 0 && policy !== 'anti-affinity') throw badRequest('Only anti-affinity policy supports rules.')
      return serverGroupView(
        ctx,
        await serverGroupCreate(ctx, { name: wanted.name, policy, rules: most === undefined ? {} : { max_server_per_host: Number(most) } }),
      )
    },
  })

const listQuery = { all_projects: many(Type.String()), limit: many(nonNegativeInteger), offset: many(nonNegativeInteger) }

const list = (versions: [string | null, string | null], others: 'ignored' | 'refused') =>
  groups.list({
    versions,
    query: queryOf(listQuery, others),
    async handler(ctx, { query: asked }) {
      const page = {
        limit: pageLimit(ctx, Number(last(asked.limit) ?? 0)),
        offset: Number(last(asked.offset) ?? 0),
        allProjects: asked.all_projects !== undefined,
      }
      return serverGroupListView(ctx, await serverGroupsList(ctx, page))
    },
  })

export const serverGroupOperations: Operation[] = [
  list([null, '2.74'], 'ignored'),
  list(['2.75', null], 'refused'),
  create([null, '2.14'], listed(hard)),
  create(['2.15', '2.63'], listed(all)),
  create(['2.64', null], single),
  groups.show({ handler: async (ctx, id) => serverGroupView(ctx, await serverGroupGet(ctx, id)) }),
  groups.delete({ handler: serverGroupDelete }),
]
