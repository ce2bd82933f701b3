// /registered_limits and /limits.
import { Type } from '../../platform/api/type.ts'
import { operation, type Operation } from '../../platform/api/operation.ts'
import {
  limitChangeProperties,
  limitDelete,
  limitToChange,
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
import { permit } from '../permission.ts'
import { limitView, registeredLimitView } from '../views/settings.ts'
import { each, operationsOf } from './resource.ts'

const closedObject = { additionalProperties: false }

export const limitOperations: Operation[] = [
  ...operationsOf({
    name: 'registered_limit',
    plural: 'registered_limits',
    noun: 'a registered limit',
    path: '/registered_limits',
    properties: registeredLimitProperties,
    isClosed: true,
    shown: each(registeredLimitView),
    filters: ['service_id', 'region_id', 'resource_name'],
    list: registeredLimitsList,
    get: registeredLimitGet,
    update: registeredLimitUpdate,
    delete: registeredLimitDelete,
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
  ...operationsOf({
    name: 'limit',
    plural: 'limits',
    noun: 'a limit',
    path: '/limits',
    properties: limitChangeProperties,
    isClosed: true,
    shown: each(limitView),
    filters: ['service_id', 'region_id', 'resource_name', 'project_id', 'domain_id'],
    list: limitsList,
    get: limitGet,
    find: limitToChange,
    update: limitUpdate,
    delete: limitDelete,
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
]
