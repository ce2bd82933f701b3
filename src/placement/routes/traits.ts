// /traits and /resource_classes.
import { Type } from '../../platform/api/type.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { resource } from '../../platform/api/resource.ts'
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
import { answer, madeAt, one } from './answer.ts'
import { customName, resourceClass } from '../schemas.ts'

const traits = resource({
  path: '/traits',
  key: 'name',
  versions: ['1.6', null],
  one: 'a custom trait',
  many: 'traits',
  rule: (act) => `placement:traits:${act}`,
  status: { update: 204 },
})
const classes = resource({
  path: '/resource_classes',
  key: 'name',
  versions: ['1.2', null],
  one: 'a resource class',
  many: 'resource classes',
  rule: (act) => `placement:resource_classes:${act}`,
})
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
  traits.list({
    query: Type.Object({ name: Type.Optional(Type.String()), associated: Type.Optional(Type.String()) }, { additionalProperties: false }),
    async handler(ctx, request) {
      ctx.authorize()
      return answer(ctx, { traits: await traitList(ctx, traitFilter(request)) })
    },
  }),
  traits.show({
    summary: 'Show whether a trait exists',
    status: 204,
    async handler(ctx, name) {
      await traitGet(ctx, name)
      return answer(ctx, undefined)
    },
  }),
  traits.update({
    summary: 'Make a custom trait',
    async handler(ctx, name) {
      ctx.authorize()
      if (!custom.test(name) || name.length > 255) {
        throw badRequest(
          'The trait is invalid. A valid trait must be no longer than 255 characters, start with the prefix "CUSTOM_" and use following characters: "A"-"Z", "0"-"9" and "_"',
        )
      }
      const made = await traitEnsure(ctx, name)
      return answer(ctx, undefined, { status: made ? 201 : 204, headers: { location: `/placement/traits/${name}` } })
    },
  }),
  traits.delete({ handler: (ctx, name) => traitDelete(ctx, name) }),
  classes.list({ handler: async (ctx) => answer(ctx, { resource_classes: (await resourceClassList(ctx)).map(classView) }) }),
  classes.create({
    body: resourceClass,
    async handler(ctx, { body }) {
      await resourceClassCreate(ctx, body.name)
      return madeAt(ctx, 201, classPath(body.name))
    },
  }),
  classes.show({ handler: async (ctx, name) => answer(ctx, classView(await resourceClassGet(ctx, name))) }),
  classes.update({
    summary: 'Rename a resource class',
    versions: ['1.2', '1.6'],
    body: resourceClass,
    async handler(ctx, name, { body }) {
      await resourceClassRename(ctx, name, body.name)
      return answer(ctx, classView(body.name))
    },
  }),
  classes.update({
    summary: 'Make a resource class',
    versions: ['1.7', null],
    status: 204,
    async handler(ctx, name) {
      ctx.authorize()
      mustBeCustom(name)
      const made = await resourceClassEnsure(ctx, name)
      return madeAt(ctx, made ? 201 : 204, classPath(name))
    },
  }),
  classes.delete({ handler: (ctx, name) => resourceClassDelete(ctx, name) }),
]
