// /resource_providers, and the version document at /placement.
import Type from 'typebox'
import { operation, type ApiRequest, type Operation } from '../../platform/api/operation.ts'
import { providerCreate, providerGet, providerRemove, providerSave, type NewProvider, type ProviderChange } from '../providers.ts'
import { providerList } from '../provider-search.ts'
import { parseMemberOf, parseResources, parseTraits } from '../query.ts'
import { providerPath, providerView } from '../views/providers.ts'
import { all, answer, empty, madeAt, one, placementOperation } from './answer.ts'
import { providerChanged, providerChangedInTree, providerNew, providerNewInTree } from './schemas.ts'

const rule = (what: string) => `placement:resource_providers:${what}`
const id = ({ params }: ApiRequest) => params['uuid'] ?? ''
type Range = [string | null, string | null]

const text = Type.Optional(Type.Unsafe<string | string[]>({ type: ['string', 'array'] }))
const uuid = Type.Optional(Type.String({ format: 'uuid' }))
const filters: [Range, Parameters<typeof Type.Object>[0]][] = [
  [[null, '1.2'], {}],
  [['1.3', '1.3'], { member_of: text }],
  [['1.4', '1.13'], { member_of: text, resources: text }],
  [['1.14', '1.17'], { member_of: text, resources: text, in_tree: uuid }],
  [['1.18', null], { member_of: text, resources: text, in_tree: uuid, required: text }],
]

const list = ([versions, more]: (typeof filters)[number]) =>
  placementOperation({
    method: 'GET',
    path: '/resource_providers',
    summary: 'List resource providers',
    policy: rule('list'),
    versions,
    status: 200,
    query: Type.Object({ name: Type.Optional(Type.String()), uuid, ...more }, { additionalProperties: false }),
    async handler(ctx, request) {
      const [memberOf, required, resources] = [all(request, 'member_of'), all(request, 'required'), one(request, 'resources')]
      const rows = await providerList(ctx, {
        name: one(request, 'name'),
        uuid: one(request, 'uuid'),
        inTree: one(request, 'in_tree'),
        aggregates: memberOf.length === 0 ? undefined : parseMemberOf(ctx, memberOf),
        traits: required.length === 0 ? undefined : parseTraits(ctx, required),
        resources: resources === undefined ? undefined : parseResources(resources),
      })
      return answer(
        ctx,
        { resource_providers: rows.map((row) => providerView(ctx, row)) },
        { modifiedAt: rows.map((row) => row.updated_at) },
      )
    },
  })

const create = (versions: Range, body: typeof providerNew) =>
  placementOperation({
    method: 'POST',
    path: '/resource_providers',
    summary: 'Create a resource provider',
    policy: rule('create'),
    versions,
    status: 201,
    body,
    async handler(ctx, request) {
      const row = await providerCreate(ctx, request.body as NewProvider)
      const headers = { location: providerPath(row.id) }
      return ctx.microversion.atLeast('1.20')
        ? answer(ctx, providerView(ctx, row), { status: 200, headers, modifiedAt: [row.updated_at] })
        : madeAt(ctx, 201, providerPath(row.id))
    },
  })

const save = (versions: Range, body: typeof providerChanged) =>
  placementOperation({
    method: 'PUT',
    path: '/resource_providers/:uuid',
    summary: 'Change a resource provider',
    policy: rule('update'),
    versions,
    status: 200,
    body,
    async handler(ctx, request) {
      const row = await providerSave(ctx, id(request), request.body as ProviderChange, ctx.microversion.atLeast('1.37'))
      return answer(ctx, providerView(ctx, row), { modifiedAt: [row.updated_at] })
    },
  })

export const providerOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '^/',
    summary: 'Version document',
    policy: null,
    status: 200,
    handler: async (ctx) =>
      answer(ctx, {
        versions: [{ id: 'v1.0', max_version: '1.39', min_version: '1.0', status: 'CURRENT', links: [{ rel: 'self', href: '' }] }],
      }),
  }),
  ...filters.map(list),
  create([null, '1.13'], providerNew),
  create(['1.14', null], providerNewInTree),
  placementOperation({
    method: 'GET',
    path: '/resource_providers/:uuid',
    summary: 'Show a resource provider',
    policy: rule('show'),
    status: 200,
    async handler(ctx, request) {
      const row = await providerGet(ctx, id(request))
      return answer(ctx, providerView(ctx, row), { modifiedAt: [row.updated_at] })
    },
  }),
  save([null, '1.13'], providerChanged),
  save(['1.14', null], providerChangedInTree),
  placementOperation({
    method: 'DELETE',
    path: '/resource_providers/:uuid',
    summary: 'Delete a resource provider',
    policy: rule('delete'),
    status: 204,
    async handler(ctx, request) {
      await providerRemove(ctx, id(request))
      return empty(204)
    },
  }),
]
