// /group_types and their specs, since 3.11.
import { Type } from '../../platform/api/type.ts'
import type { Context } from '../../platform/context.ts'
import { defined } from '../../platform/defined.ts'
import { badRequest, notFound } from '../../platform/errors.ts'
import { lenientBoolean } from '../../platform/api/words.ts'
import type { ApiRequest, Operation } from '../../platform/api/operation.ts'
import {
  groupSpecsUpdate,
  groupTypeUpdate,
  groupTypeCreate,
  groupTypeDelete,
  groupTypeGet,
  groupTypesList,
  type GroupTypeRow,
} from '../group-types.ts'
import { closed, description, flag, maybeMetadata, name, optional, specs } from './bodies.ts'
import { listOf } from './list-query.ts'
import { groupTypes } from './resources.ts'

const idOf = (request: ApiRequest): string => request.params['id'] ?? ''
const keyOf = (request: ApiRequest): string => request.params['key'] ?? ''
const rule = (what: string) => `group:group_types${what}`

const view = (ctx: Context, row: GroupTypeRow) => ({
  id: row.id,
  name: row.name,
  description: row.description,
  is_public: row.is_public,
  ...(ctx.allows(undefined, 'group:access_group_types_specs') ? { group_specs: row.group_specs } : {}),
})
const missingKey = (request: ApiRequest) => notFound(`Group Type ${idOf(request)} has no specs with key ${keyOf(request)}.`)

export const groupTypeOperations: Operation[] = [
  listOf(
    groupTypes,
    { key: 'group_types', links: 'group_type', sorts: { keys: ['id', 'name', 'created_at'] }, list: groupTypesList },
    view,
  ),
  groupTypes.create({
    body: Type.Object(
      {
        group_type: Type.Object(
          {
            name: Type.String({ minLength: 1, maxLength: 255 }),
            description: optional(description),
            is_public: optional(flag),
            group_specs: optional(maybeMetadata),
          },
          closed,
        ),
      },
      closed,
    ),
    async handler(ctx, { body }) {
      const wanted = body.group_type
      if (wanted.name.trim() === '') throw badRequest('Group type name can not be empty.')
      const row = await groupTypeCreate(ctx, {
        name: wanted.name.trim(),
        description: wanted.description ?? null,
        isPublic: wanted.is_public === undefined || lenientBoolean(wanted.is_public),
        specs: wanted.group_specs ?? {},
      })
      return { group_type: view(ctx, row) }
    },
  }),
  groupTypes.beside('/default', {
    summary: 'Show the default group type',
    async handler(ctx) {
      ctx.authorize()
      return Promise.reject(notFound('Default group type can not be found.'))
    },
  }),
  groupTypes.show({ handler: async (ctx, id) => ({ group_type: view(ctx, await groupTypeGet(ctx, id)) }) }),
  groupTypes.update({
    body: Type.Object(
      { group_type: Type.Object({ name: optional(name), description: optional(description), is_public: optional(flag) }, closed) },
      closed,
    ),
    async handler(ctx, id, request) {
      const { name: text, description: words, is_public } = request.body.group_type
      if (text === undefined && words === undefined && is_public === undefined)
        throw badRequest('Specify group type name, description, is_public or a combination thereof.')
      const change = defined({ name: text, description: words, isPublic: is_public === undefined ? undefined : lenientBoolean(is_public) })
      return { group_type: view(ctx, await groupTypeUpdate(ctx, id, change)) }
    },
  }),
  groupTypes.delete({ handler: (ctx, id) => groupTypeDelete(ctx, id) }),
  groupTypes.below('/group_specs', {
    summary: 'List specs of a group type',
    policy: rule('_specs:get_all'),
    handler: async (ctx, id) => ({ group_specs: (await groupTypeGet(ctx, id)).group_specs }),
  }),
  groupTypes.below('/group_specs', {
    method: 'POST',
    summary: 'Set specs of a group type',
    policy: rule('_specs:create'),
    body: Type.Object({ group_specs: specs }, closed),
    status: 202,
    async handler(ctx, id, request) {
      await groupSpecsUpdate(ctx, id, request.body.group_specs)
      return { group_specs: request.body.group_specs }
    },
  }),
  groupTypes.below('/group_specs/:key', {
    summary: 'Show a spec of a group type',
    policy: rule('_specs:get'),
    async handler(ctx, id, request) {
      const value = (await groupTypeGet(ctx, id)).group_specs[keyOf(request)]
      if (value === undefined) throw missingKey(request)
      return { [keyOf(request)]: value }
    },
  }),
  groupTypes.below('/group_specs/:key', {
    method: 'PUT',
    summary: 'Set a spec of a group type',
    policy: rule('_specs:update'),
    body: specs,
    async handler(ctx, id, request) {
      if (!(keyOf(request) in request.body) || Object.keys(request.body).length !== 1) throw badRequest('Request body and URI mismatch')
      await groupSpecsUpdate(ctx, id, request.body)
      return request.body
    },
  }),
  groupTypes.below('/group_specs/:key', {
    method: 'DELETE',
    summary: 'Remove a spec of a group type',
    policy: rule('_specs:delete'),
    status: 202,
    async handler(ctx, id, request) {
      if (!(keyOf(request) in (await groupTypeGet(ctx, id)).group_specs)) throw missingKey(request)
      await groupSpecsUpdate(ctx, id, { [keyOf(request)]: null })
    },
  }),
]
