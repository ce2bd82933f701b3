// /traits and /resource_classes.
import Type from 'typebox'
import { operation, type ApiRequest, type Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest } from '../../platform/errors.ts'
import {
  resourceClassCreate,
  resourceClassDelete,
  resourceClassEnsure,
  resourceClassGet,
  resourceClassList,
  resourceClassRename,
} from '../resource-classes.ts'
import { traitDelete, traitEnsure, traitGet, traitList, type TraitFilter } from '../traits.ts'
import { answer, empty, madeAt, one } from './answer.ts'
import { customName, resourceClass } from '../schemas.ts'

const traitRule = (what: string) => `placement:traits:${what}`
const classRule = (what: string) => `placement:resource_classes:${what}`
const since16: [string, null] = ['1.6', null]
const name = ({ params }: ApiRequest) => params['name'] ?? ''
const custom = new RegExp(customName)

function traitFilter(request: { query: object }): TraitFilter {
  const [text, associated] = [one(request, 'name'), one(request, 'associated')?.toLowerCase()]
  if (associated !== undefined && associated !== 'true' && associated !== 'false')
    throw badRequest('The query parameter "associated" only accepts "true" or "false"')
  const filter: TraitFilter = associated === undefined ? {} : { associated: associated === 'true' }
  if (text === undefined) return filter
  const colon = text.indexOf(':')
  if (colon < 0)
    throw badRequest(
      `Badly formatted name parameter. Expected name query string parameter in form: ?name=[in|startswith]:[name1,name2|prefix]. Got: "${text}"`,
    )
  const [how, value] = [text.slice(0, colon), text.slice(colon + 1)]
  return { ...filter, ...(how === 'in' ? { names: value.split(',') } : how === 'startswith' ? { prefix: value } : {}) }
}

const classPath = (className: string) => `/placement/resource_classes/${className}`
const classView = (className: string) => ({ name: className, links: [{ rel: 'self', href: classPath(className) }] })

function mustBeCustom(className: string): void {
  if (className.length > 255)
    throw badRequest(`JSON does not validate: '${className}' is too long\n\nFailed validating 'maxLength' in schema['properties']['name']`)
  if (!custom.test(className))
    throw badRequest(
      `JSON does not validate: '${className}' does not match '${customName}'\n\nFailed validating 'pattern' in schema['properties']['name']`,
    )
}

export const traitOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/traits',
    summary: 'List traits',
    policy: traitRule('list'),
    versions: since16,
    status: 200,
    query: Type.Object({ name: Type.Optional(Type.String()), associated: Type.Optional(Type.String()) }, { additionalProperties: false }),
    async handler(ctx, request) {
      ctx.authorize()
      return answer(ctx, { traits: await traitList(ctx, traitFilter(request)) })
    },
  }),
  operation({
    method: 'GET',
    path: '/traits/:name',
    summary: 'Show whether a trait exists',
    policy: traitRule('show'),
    versions: since16,
    status: 204,
    async handler(ctx, request) {
      await traitGet(ctx, name(request))
      return answer(ctx, undefined)
    },
  }),
  operation({
    method: 'PUT',
    path: '/traits/:name',
    summary: 'Make a custom trait',
    policy: traitRule('update'),
    versions: since16,
    status: 204,
    async handler(ctx, request) {
      ctx.authorize()
      if (!custom.test(name(request)) || name(request).length > 255) {
        throw badRequest(
          'The trait is invalid. A valid trait must be no longer than 255 characters, start with the prefix "CUSTOM_" and use following characters: "A"-"Z", "0"-"9" and "_"',
        )
      }
      const made = await traitEnsure(ctx, name(request))
      return answer(ctx, undefined, { status: made ? 201 : 204, headers: { location: `/placement/traits/${name(request)}` } })
    },
  }),
  operation({
    method: 'DELETE',
    path: '/traits/:name',
    summary: 'Delete a custom trait',
    policy: traitRule('delete'),
    versions: since16,
    status: 204,
    async handler(ctx, request) {
      await traitDelete(ctx, name(request))
      return empty(204)
    },
  }),
  operation({
    method: 'GET',
    path: '/resource_classes',
    summary: 'List resource classes',
    policy: classRule('list'),
    versions: ['1.2', null],
    status: 200,
    handler: async (ctx) => answer(ctx, { resource_classes: (await resourceClassList(ctx)).map(classView) }),
  }),
  operation({
    method: 'POST',
    path: '/resource_classes',
    summary: 'Create a resource class',
    policy: classRule('create'),
    versions: ['1.2', null],
    status: 201,
    body: resourceClass,
    async handler(ctx, request) {
      const given = request.body.name
      await resourceClassCreate(ctx, given)
      return madeAt(ctx, 201, classPath(given))
    },
  }),
  operation({
    method: 'GET',
    path: '/resource_classes/:name',
    summary: 'Show a resource class',
    policy: classRule('show'),
    versions: ['1.2', null],
    status: 200,
    handler: async (ctx, request) => answer(ctx, classView(await resourceClassGet(ctx, name(request)))),
  }),
  operation({
    method: 'PUT',
    path: '/resource_classes/:name',
    summary: 'Rename a resource class',
    policy: classRule('update'),
    versions: ['1.2', '1.6'],
    status: 200,
    body: resourceClass,
    async handler(ctx, request) {
      const given = request.body.name
      await resourceClassRename(ctx, name(request), given)
      return answer(ctx, classView(given))
    },
  }),
  operation({
    method: 'PUT',
    path: '/resource_classes/:name',
    summary: 'Make a resource class',
    policy: classRule('update'),
    versions: ['1.7', null],
    status: 204,
    handler: (ctx: Context, request) => ensureClass(ctx, name(request)),
  }),
  operation({
    method: 'DELETE',
    path: '/resource_classes/:name',
    summary: 'Delete a resource class',
    policy: classRule('delete'),
    versions: ['1.2', null],
    status: 204,
    async handler(ctx, request) {
      await resourceClassDelete(ctx, name(request))
      return empty(204)
    },
  }),
]

async function ensureClass(ctx: Context, className: string) {
  ctx.authorize()
  mustBeCustom(className)
  const made = await resourceClassEnsure(ctx, className)
  return madeAt(ctx, made ? 201 : 204, classPath(className))
}
