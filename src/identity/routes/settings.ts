// /policies and their associations, /limits and /registered_limits, OAuth1 consumers, /OS-REVOKE/events.
import Type from 'typebox'
import { operation, type Operation } from '../../platform/api/operation.ts'
import { consumerCreate, consumerDelete, consumerGet, consumersList, consumerUpdate, type ConsumerBody } from '../consumers.ts'
import { filtered, listOf } from '../links.ts'
import {
  associationAdd,
  associationCheck,
  associationRemove,
  endpointsOfPolicy,
  policiesList,
  policyCreate,
  policyDelete,
  policyGet,
  policyOfEndpoint,
  policyUpdate,
  type PolicyBody,
  type PolicyPlace,
} from '../policies.ts'
import { anyQuery, nullable, open, optional, text } from '../schemas.ts'
import { revocationsList } from '../tokens/revoke.ts'
import { endpointView } from '../views/catalog.ts'
import { consumerView } from '../views/delegation.ts'
import { policyView, revocationView } from '../views/settings.ts'

type Params = Record<string, string>
const policyType = Type.String({ maxLength: 255 })
const policyId = (params: Params): string => params['policy_id'] ?? ''
const consumerId = (params: Params): string => params['consumer_id'] ?? ''
const consumer = { description: optional(nullable(text)) }
const changed = { minProperties: 1 }

const association = (tail: string, kind: string): Operation[] => {
  const path = `/policies/:policy_id/OS-ENDPOINT-POLICY/${tail}`
  const place = (params: Params): PolicyPlace => ({
    endpointId: params['endpoint_id'] ?? null,
    serviceId: params['service_id'] ?? null,
    regionId: params['region_id'] ?? null,
  })
  const rule = (verb: string) => `identity:${verb}_policy_association_for_${kind}`
  return [
    operation({
      method: 'PUT',
      path,
      summary: `Associate a policy with a ${kind}`,
      policy: rule('create'),
      status: 204,
      handler: (ctx, { params }) => associationAdd(ctx, policyId(params), place(params)),
    }),
    operation({
      method: 'GET',
      path,
      summary: `Check a policy of a ${kind}`,
      policy: rule('check'),
      status: 204,
      handler: (ctx, { params }) => associationCheck(ctx, policyId(params), place(params)),
    }),
    operation({
      method: 'DELETE',
      path,
      summary: `Dissociate a policy from a ${kind}`,
      policy: rule('delete'),
      status: 204,
      handler: (ctx, { params }) => associationRemove(ctx, policyId(params), place(params)),
    }),
  ]
}

export const policyOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/policies',
    summary: 'List policies',
    policy: 'identity:list_policies',
    status: 200,
    query: anyQuery,
    async handler(ctx, request) {
      const rows = await policiesList(ctx)
      return listOf(
        ctx,
        request,
        'policies',
        filtered(
          rows.map((row) => policyView(ctx, row)),
          request.query,
          ['type'],
        ),
      )
    },
  }),
  operation({
    method: 'POST',
    path: '/policies',
    summary: 'Create a policy',
    policy: 'identity:create_policy',
    status: 201,
    body: open('policy', { blob: text, type: policyType }),
    handler: async (ctx, { body }) => ({ policy: policyView(ctx, await policyCreate(ctx, body['policy'] as PolicyBody)) }),
  }),
  operation({
    method: 'GET',
    path: '/policies/:policy_id',
    summary: 'Show a policy',
    policy: 'identity:get_policy',
    status: 200,
    handler: async (ctx, { params }) => ({ policy: policyView(ctx, await policyGet(ctx, policyId(params))) }),
  }),
  operation({
    method: 'PATCH',
    path: '/policies/:policy_id',
    summary: 'Update a policy',
    policy: 'identity:update_policy',
    status: 200,
    target: (ctx, { params }) => policyGet(ctx, policyId(params)),
    body: open('policy', { blob: optional(text), type: optional(policyType) }, changed),
    handler: async (ctx, { params, body }) => ({
      policy: policyView(ctx, await policyUpdate(ctx, policyId(params), body['policy'] as PolicyBody)),
    }),
  }),
  operation({
    method: 'DELETE',
    path: '/policies/:policy_id',
    summary: 'Delete a policy',
    policy: 'identity:delete_policy',
    status: 204,
    handler: (ctx, { params }) => policyDelete(ctx, policyId(params)),
  }),
  ...association('endpoints/:endpoint_id', 'endpoint'),
  ...association('services/:service_id', 'service'),
  ...association('services/:service_id/regions/:region_id', 'region_and_service'),
  operation({
    method: 'GET',
    path: '/policies/:policy_id/OS-ENDPOINT-POLICY/endpoints',
    summary: 'List the endpoints of a policy',
    policy: 'identity:list_endpoints_for_policy',
    status: 200,
    handler: async (ctx, request) =>
      listOf(
        ctx,
        request,
        'endpoints',
        (await endpointsOfPolicy(ctx, policyId(request.params))).map((row) => endpointView(ctx, row)),
      ),
  }),
  operation({
    method: 'GET',
    path: '/endpoints/:endpoint_id/OS-ENDPOINT-POLICY/policy',
    summary: 'Show the policy of an endpoint',
    policy: 'identity:get_policy_for_endpoint',
    status: 200,
    handler: async (ctx, { params }) => ({ policy: policyView(ctx, await policyOfEndpoint(ctx, params['endpoint_id'] ?? '')) }),
  }),
]

export const consumerOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/OS-OAUTH1/consumers',
    summary: 'List consumers',
    policy: 'identity:list_consumers',
    status: 200,
    query: anyQuery,
    async handler(ctx, request) {
      return listOf(
        ctx,
        request,
        'consumers',
        (await consumersList(ctx)).map((row) => consumerView(ctx, row)),
      )
    },
  }),
  operation({
    method: 'POST',
    path: '/OS-OAUTH1/consumers',
    summary: 'Create a consumer',
    policy: 'identity:create_consumer',
    status: 201,
    body: open('consumer', consumer),
    async handler(ctx, { body }) {
      const row = await consumerCreate(ctx, body['consumer'] as ConsumerBody)
      return { consumer: { ...consumerView(ctx, row), secret: row.secret } }
    },
  }),
  operation({
    method: 'GET',
    path: '/OS-OAUTH1/consumers/:consumer_id',
    summary: 'Show a consumer',
    policy: 'identity:get_consumer',
    status: 200,
    handler: async (ctx, { params }) => ({ consumer: consumerView(ctx, await consumerGet(ctx, consumerId(params))) }),
  }),
  operation({
    method: 'PATCH',
    path: '/OS-OAUTH1/consumers/:consumer_id',
    summary: 'Update a consumer',
    policy: 'identity:update_consumer',
    status: 200,
    target: (ctx, { params }) => consumerGet(ctx, consumerId(params)),
    body: open('consumer', consumer, changed),
    handler: async (ctx, { params, body }) => ({
      consumer: consumerView(ctx, await consumerUpdate(ctx, consumerId(params), body['consumer'] as ConsumerBody)),
    }),
  }),
  operation({
    method: 'DELETE',
    path: '/OS-OAUTH1/consumers/:consumer_id',
    summary: 'Delete a consumer',
    policy: 'identity:delete_consumer',
    status: 204,
    handler: (ctx, { params }) => consumerDelete(ctx, consumerId(params)),
  }),
]

export const revocationOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/OS-REVOKE/events',
    summary: 'List revocations',
    policy: 'identity:list_revoke_events',
    status: 200,
    query: anyQuery,
    async handler(ctx, request) {
      const { since } = request.query as { since?: string }
      return listOf(ctx, request, 'events', (await revocationsList(ctx, since)).map(revocationView))
    },
  }),
]
