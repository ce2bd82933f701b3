// /types: types, their extra specs, encryption and access; /default-types.
import { Type } from '../../platform/api/type.ts'
import { badRequest, notFound } from '../../platform/errors.ts'
import { lenientBoolean } from '../../platform/api/words.ts'
import type { ApiRequest, Operation } from '../../platform/api/operation.ts'
import {
  typeAccessAdd,
  typeAccessList,
  typeAccessRemove,
  typeUpdate,
  typeCreate,
  typeDelete,
  typeForNew,
  typeGet,
  typeSpecsUpdate,
} from '../volume-types.ts'
import { typesList } from '../type-listing.ts'
import { typeDetailView, typeView, visibleSpecs } from '../views/types.ts'
import { closed, description, flag, optional, specs } from './bodies.ts'
import { listOf } from './list-query.ts'
import { types } from './resources.ts'

const sorts = {
  keys: ['id', 'name', 'description', 'created_at', 'updated_at', 'is_public', 'qos_specs_id'],
  nullAs: { updated_at: '', description: '', qos_specs_id: '' },
}
const keyOf = (request: ApiRequest): string => request.params['key'] ?? ''
const rule = (name: string) => `volume_extension:${name}`
const typeName = Type.Unsafe<string>({ type: 'string', minLength: 1, maxLength: 255 })
const maybeTypeName = Type.Unsafe<string | null>({ type: ['string', 'null'], minLength: 0, maxLength: 255 })
/** as Keystone's ids are made: what is none can be nobody's */
const project = Type.Object({ project: Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9-]+$' }) }, closed)
const missingKey = (id: string, key: string) => notFound(`Volume Type ${id} has no extra specs with key ${key}.`)

export const typeOperations: Operation[] = [
  listOf(types, { key: 'volume_types', links: 'volume_type', sorts, list: typesList }, typeDetailView),
  types.create({
    body: Type.Object(
      {
        volume_type: Type.Object(
          {
            name: typeName,
            description: optional(description),
            extra_specs: optional(Type.Union([specs, Type.Null()])),
            'os-volume-type-access:is_public': optional(flag),
          },
          { additionalProperties: true },
        ),
      },
      closed,
    ),
    async handler(ctx, { body }) {
      const wanted = body.volume_type
      if (wanted.name.trim() === '') throw badRequest('Volume type name can not be empty.')
      const extraSpecs = Object.fromEntries(Object.entries(wanted.extra_specs ?? {}).map(([key, value]) => [key, value ?? '']))
      const isPublic = lenientBoolean(wanted['os-volume-type-access:is_public'] ?? true)
      const row = await typeCreate(ctx, { name: wanted.name.trim(), description: wanted.description ?? null, isPublic, extraSpecs })
      const { qos_specs_id: _unset, ...view } = typeDetailView(ctx, row)
      return { volume_type: view }
    },
  }),
  types.beside('/default', {
    summary: 'Show the default volume type',
    policy: rule('type_get'),
    async handler(ctx) {
      ctx.authorize()
      return { volume_type: typeView(ctx, await typeForNew(ctx, null)) }
    },
  }),
  types.show({ handler: async (ctx, id) => ({ volume_type: typeDetailView(ctx, await typeGet(ctx, id)) }) }),
  types.update({
    body: Type.Object(
      {
        volume_type: Type.Object({ name: optional(maybeTypeName), description: optional(description), is_public: optional(flag) }, closed),
      },
      closed,
    ),
    async handler(ctx, id, request) {
      const { name, description: text, is_public } = request.body.volume_type
      if (name === undefined && text === undefined && is_public === undefined)
        throw badRequest('Specify volume type name, description, is_public or a combination thereof.')
      if (typeof name === 'string' && name.trim() === '') throw badRequest('Volume type name can not be empty.')
      const row = await typeUpdate(ctx, id, {
        name,
        description: text,
        isPublic: is_public === undefined ? undefined : lenientBoolean(is_public),
      })
      const { qos_specs_id: _hidden, ...view } = typeView(ctx, row)
      return { volume_type: view }
    },
  }),
  types.delete({ handler: (ctx, id) => typeDelete(ctx, id) }),
  types.below('/extra_specs', {
    summary: 'Show extra specs',
    policy: rule('types_extra_specs:index'),
    handler: async (ctx, id) => ({ extra_specs: visibleSpecs(ctx, await typeGet(ctx, id)) }),
  }),
  types.below('/extra_specs', {
    method: 'POST',
    summary: 'Set extra specs',
    policy: rule('types_extra_specs:create'),
    body: Type.Object({ extra_specs: specs }, closed),
    async handler(ctx, id, request) {
      await typeSpecsUpdate(ctx, id, request.body.extra_specs)
      return { extra_specs: request.body.extra_specs }
    },
  }),
  types.below('/extra_specs/:key', {
    summary: 'Show an extra spec',
    policy: rule('types_extra_specs:show'),
    async handler(ctx, id, request) {
      const value = visibleSpecs(ctx, await typeGet(ctx, id))[keyOf(request)]
      if (value === undefined) throw missingKey(id, keyOf(request))
      return { [keyOf(request)]: value }
    },
  }),
  types.below('/extra_specs/:key', {
    method: 'PUT',
    summary: 'Set an extra spec',
    policy: rule('types_extra_specs:update'),
    body: specs,
    async handler(ctx, id, request) {
      const { body } = request
      if (!(keyOf(request) in body)) throw badRequest('Request body and URI mismatch')
      if (Object.keys(body).length > 1) throw badRequest('Request body contains too many items')
      await typeSpecsUpdate(ctx, id, body)
      return body
    },
  }),
  types.below('/extra_specs/:key', {
    method: 'DELETE',
    summary: 'Remove an extra spec',
    policy: rule('types_extra_specs:delete'),
    status: 202,
    async handler(ctx, id, request) {
      if (!(keyOf(request) in (await typeGet(ctx, id)).extra_specs)) throw missingKey(id, keyOf(request))
      await typeSpecsUpdate(ctx, id, { [keyOf(request)]: null })
    },
  }),
  types.below('/os-volume-type-access', {
    summary: 'List projects that may use a private type',
    policy: rule('volume_type_access:get_all_for_type'),
    handler: async (ctx, id) => ({
      volume_type_access: (await typeAccessList(ctx, id)).map(({ volume_type_id, project_id }) => ({
        volume_type_id,
        project_id,
      })),
    }),
  }),
  types.action('addProjectAccess', {
    summary: 'Let a project use a private type',
    policy: rule('volume_type_access:addProjectAccess'),
    body: project,
    handler: (ctx, id, request) => typeAccessAdd(ctx, id, request.body.project),
  }),
  types.action('removeProjectAccess', {
    summary: 'Take back the use of a private type',
    policy: rule('volume_type_access:removeProjectAccess'),
    body: project,
    handler: (ctx, id, request) => typeAccessRemove(ctx, id, request.body.project),
  }),
]
