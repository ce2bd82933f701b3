// /registered_limits and /limits.
import Type from 'typebox'
import { operation, type Operation } from '../../platform/api/operation.ts'
import {
  limitChangeProperties,
  limitDelete,
  limitFor,
  limitGet,
  limitProperties,
  limitsCreate,
  limitsList,
  limitUpdate,
  registeredLimitDelete,
  registeredLimitGet,
  registeredLimitProperties,
  registeredLimitsCreate,
  registeredLimitsList,
  registeredLimitUpdate,
} from '../limits.ts'
import { filtered, listOf } from '../links.ts'
import { permit } from '../permission.ts'
import { anyQuery, closed } from '../schemas.ts'
import { limitView, registeredLimitView } from '../views/settings.ts'

const closedObject = { additionalProperties: false }
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
    body: Type.Object({ registered_limits: Type.Array(Type.Object(registeredLimitProperties, closedObject), { minItems: 1 }) }),
    async handler(ctx, { body }) {
      const rows = await registeredLimitsCreate(ctx, body.registered_limits)
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
    body: closed('registered_limit', Type.Partial(Type.Object(registeredLimitProperties)).properties),
    async handler(ctx, { params, body }) {
      const row = await registeredLimitUpdate(ctx, registeredId(params), body.registered_limit)
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
    body: Type.Object({ limits: Type.Array(Type.Object(limitProperties, closedObject), { minItems: 1 }) }),
    handler: async (ctx, { body }) => ({
      limits: (await limitsCreate(ctx, body.limits)).map((row) => limitView(ctx, row)),
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
    body: closed('limit', limitChangeProperties),
    async handler(ctx, { params, body }) {
      return { limit: limitView(ctx, await limitUpdate(ctx, limitId(params), body.limit)) }
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
