// /registered_limits and /limits.
import Type from 'typebox'
import { operation, type Operation } from '../../platform/api/operation.ts'
import {
  limitDelete,
  limitFor,
  limitGet,
  limitsCreate,
  limitsList,
  limitUpdate,
  registeredLimitDelete,
  registeredLimitGet,
  registeredLimitsCreate,
  registeredLimitsList,
  registeredLimitUpdate,
  type LimitBody,
  type RegisteredLimitBody,
} from '../limits.ts'
import { filtered, listOf } from '../links.ts'
import { permit } from '../permission.ts'
import { anyQuery, closed, idSchema, nullable, optional, text } from '../schemas.ts'
import { limitView, registeredLimitView } from '../views/settings.ts'

const closedObject = { additionalProperties: false }
const amount = Type.Integer({ minimum: -1, maximum: 0x7fffffff })
const resourceName = Type.String({ minLength: 1, maxLength: 255 })
const registered = {
  service_id: idSchema,
  region_id: optional(nullable(text)),
  resource_name: resourceName,
  default_limit: amount,
  description: optional(nullable(text)),
}
const limit = {
  project_id: optional(idSchema),
  domain_id: optional(idSchema),
  service_id: idSchema,
  region_id: optional(text),
  resource_name: resourceName,
  resource_limit: amount,
  description: optional(nullable(text)),
}
const registeredId = (params: Record<string, string>): string => params['registered_limit_id'] ?? ''
const limitId = (params: Record<string, string>): string => params['limit_id'] ?? ''

export const limitOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/registered_limits',
    summary: 'List registered limits',
    policy: 'identity:list_registered_limits',
    status: 200,
    query: anyQuery,
    async handler(ctx, request) {
      const shown = (await registeredLimitsList(ctx)).map((row) => registeredLimitView(ctx, row))
      return listOf(ctx, request, 'registered_limits', filtered(shown, request.query, ['service_id', 'region_id', 'resource_name']))
    },
  }),
  operation({
    method: 'POST',
    path: '/registered_limits',
    summary: 'Create registered limits',
    policy: 'identity:create_registered_limits',
    status: 201,
    body: Type.Object({ registered_limits: Type.Array(Type.Object(registered, closedObject), { minItems: 1 }) }),
    async handler(ctx, { body }) {
      const rows = await registeredLimitsCreate(ctx, body.registered_limits as unknown as RegisteredLimitBody[])
      return { registered_limits: rows.map((row) => registeredLimitView(ctx, row)) }
    },
  }),
  operation({
    method: 'GET',
    path: '/registered_limits/:registered_limit_id',
    summary: 'Show a registered limit',
    policy: 'identity:get_registered_limit',
    status: 200,
    handler: async (ctx, { params }) => ({
      registered_limit: registeredLimitView(ctx, await registeredLimitGet(ctx, registeredId(params))),
    }),
  }),
  operation({
    method: 'PATCH',
    path: '/registered_limits/:registered_limit_id',
    summary: 'Update a registered limit',
    policy: 'identity:update_registered_limit',
    status: 200,
    target: (ctx, { params }) => registeredLimitGet(ctx, registeredId(params)),
    body: closed('registered_limit', {
      ...registered,
      service_id: optional(idSchema),
      resource_name: optional(resourceName),
      default_limit: optional(amount),
    }),
    async handler(ctx, { params, body }) {
      const row = await registeredLimitUpdate(ctx, registeredId(params), body['registered_limit'] as Partial<RegisteredLimitBody>)
      return { registered_limit: registeredLimitView(ctx, row) }
    },
  }),
  operation({
    method: 'DELETE',
    path: '/registered_limits/:registered_limit_id',
    summary: 'Delete a registered limit',
    policy: 'identity:delete_registered_limit',
    status: 204,
    handler: (ctx, { params }) => registeredLimitDelete(ctx, registeredId(params)),
  }),
  operation({
    method: 'GET',
    path: '/limits/model',
    summary: 'Show the enforcement model',
    policy: 'identity:get_limit_model',
    status: 200,
    async handler(ctx) {
      permit(ctx)
      return {
        model: { name: 'flat', description: 'Limit enforcement and validation does not take project hierarchy into consideration.' },
      }
    },
  }),
  operation({
    method: 'GET',
    path: '/limits',
    summary: 'List limits',
    policy: 'identity:list_limits',
    status: 200,
    query: anyQuery,
    async handler(ctx, request) {
      const shown = (await limitsList(ctx)).map((row) => limitView(ctx, row))
      return listOf(
        ctx,
        request,
        'limits',
        filtered(shown, request.query, ['service_id', 'region_id', 'resource_name', 'project_id', 'domain_id']),
      )
    },
  }),
  operation({
    method: 'POST',
    path: '/limits',
    summary: 'Create limits',
    policy: 'identity:create_limits',
    status: 201,
    body: Type.Object({ limits: Type.Array(Type.Object(limit, closedObject), { minItems: 1 }) }),
    handler: async (ctx, { body }) => ({
      limits: (await limitsCreate(ctx, body.limits as unknown as LimitBody[])).map((row) => limitView(ctx, row)),
    }),
  }),
  operation({
    method: 'GET',
    path: '/limits/:limit_id',
    summary: 'Show a limit',
    policy: 'identity:get_limit',
    status: 200,
    handler: async (ctx, { params }) => ({ limit: limitView(ctx, await limitGet(ctx, limitId(params))) }),
  }),
  operation({
    method: 'PATCH',
    path: '/limits/:limit_id',
    summary: 'Update a limit',
    policy: 'identity:update_limit',
    status: 200,
    target: (ctx, { params }) => limitFor(ctx, limitId(params)),
    body: closed('limit', { resource_limit: optional(amount), description: optional(nullable(text)) }),
    async handler(ctx, { params, body }) {
      return {
        limit: limitView(
          ctx,
          await limitUpdate(ctx, limitId(params), body['limit'] as { resource_limit?: number; description?: string | null }),
        ),
      }
    },
  }),
  operation({
    method: 'DELETE',
    path: '/limits/:limit_id',
    summary: 'Delete a limit',
    policy: 'identity:delete_limit',
    status: 204,
    handler: (ctx, { params }) => limitDelete(ctx, limitId(params)),
  }),
]
