// /resource_providers, and the version document at /placement.
import { Type } from '../../platform/api/type.ts'
import { operation, type Operation } from '../../platform/api/operation.ts'
import { resource } from '../../platform/api/resource.ts'
import { providerCreate, providerGet, providerDelete, providerUpdate } from '../providers.ts'
import { providerList } from '../provider-search.ts'
import { parseMemberOf, parseResources, parseTraits } from '../query.ts'
import { providerPath, providerView } from '../views/providers.ts'
import { all, answer, madeAt, one } from './answer.ts'
import { providerChanged, providerChangedInTree, providerNew, providerNewInTree } from '../schemas.ts'

const rule = (what: string) => `placement:resource_providers:${what}`
type Range = [string | null, string | null]
export const providers = resource({
  path: '/resource_providers',
  key: 'uuid',
  one: 'a resource provider',
  many: 'resource providers',
  rule,
})

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
  providers.list({
    versions,
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

const create = (versions: Range, body: typeof providerNewInTree) =>
  providers.create({
    versions,
    body,
    async handler(ctx, request) {
      const row = await providerCreate(ctx, request.body)
      const headers = { location: providerPath(row.id) }
      return ctx.microversion.atLeast('1.20')
        ? answer(ctx, providerView(ctx, row), { status: 200, headers, modifiedAt: [row.updated_at] })
        : madeAt(ctx, 201, providerPath(row.id))
    },
  })

const save = (versions: Range, body: typeof providerChangedInTree) =>
  providers.update({
    summary: 'Change a resource provider',
    versions,
    body,
    async handler(ctx, id, request) {
      const row = await providerUpdate(ctx, id, request.body, ctx.microversion.atLeast('1.37'))
      return answer(ctx, providerView(ctx, row), { modifiedAt: [row.updated_at] })
    },
  })

export const versionDocument = operation({
  method: 'GET',
  path: '^/',
  summary: 'Version document',
  policy: null,
  status: 200,
  handler: async (ctx) =>
    answer(ctx, {
      versions: [{ id: 'v1.0', max_version: '1.39', min_version: '1.0', status: 'CURRENT', links: [{ rel: 'self', href: '' }] }],
    }),
})

export const providerOperations: Operation[] = [
  ...filters.map(list),
  create([null, '1.13'], providerNew),
  create(['1.14', null], providerNewInTree),
  providers.show({
    async handler(ctx, id) {
      const row = await providerGet(ctx, id)
      return answer(ctx, providerView(ctx, row), { modifiedAt: [row.updated_at] })
    },
  }),
  save([null, '1.13'], providerChanged),
  save(['1.14', null], providerChangedInTree),
  providers.delete({ handler: (ctx, id) => providerDelete(ctx, id) }),
]
