// /policies and their associations, /limits and /registered_limits, OAuth1 consumers, /OS-REVOKE/events.
import { operation, type Method, type Operation } from '../../platform/api/operation.ts'
import { consumerCreate, consumerDelete, consumerGet, consumerProperties, consumersList, consumerUpdate } from '../consumers.ts'
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
  policyProperties,
  policyUpdate,
  type PolicyPlace,
} from '../policies.ts'
import { open } from '../schemas.ts'
import { revocationsList } from '../tokens/revoke.ts'
import { endpointView } from '../views/catalog.ts'
import { consumerView } from '../views/delegation.ts'
import { policyView, revocationView } from '../views/settings.ts'
import { each, listing, operationsOf } from './resource.ts'

type Params = Record<string, string>

const association = (tail: string, kind: string): Operation[] => {
  const path = `/policies/:policy_id/OS-ENDPOINT-POLICY/${tail}`
  const place = (params: Params): PolicyPlace => ({
    endpointId: params['endpoint_id'] ?? null,
    serviceId: params['service_id'] ?? null,
    regionId: params['region_id'] ?? null,
  })
  const act = (method: Method, verb: string, summary: string, run: typeof associationAdd) =>
    operation({
      method,
      path,
      summary: `${summary} a ${kind}`,
      policy: `identity:${verb}_policy_association_for_${kind}`,
      status: 204,
      handler: (ctx, { params }) => run(ctx, params['policy_id'] ?? '', place(params)),
    })
  return [
    act('PUT', 'create', 'Associate a policy with', associationAdd),
    act('GET', 'check', 'Check a policy of', associationCheck),
    act('DELETE', 'delete', 'Dissociate a policy from', associationRemove),
  ]
}

export const policyOperations: Operation[] = [
  ...operationsOf({
    name: 'policy',
    plural: 'policies',
    noun: 'a policy',
    path: '/policies',
    properties: policyProperties,
    shown: each(policyView),
    filters: ['type'],
    list: policiesList,
    create: policyCreate,
    get: policyGet,
    update: policyUpdate,
    delete: policyDelete,
  }),
  ...association('endpoints/:endpoint_id', 'endpoint'),
  ...association('services/:service_id', 'service'),
  ...association('services/:service_id/regions/:region_id', 'region_and_service'),
  listing('/policies/:policy_id/OS-ENDPOINT-POLICY/endpoints', 'endpoints', {
    summary: 'List the endpoints of a policy',
    policy: 'identity:list_endpoints_for_policy',
    rows: (ctx, params) => endpointsOfPolicy(ctx, params['policy_id'] ?? ''),
    shown: each(endpointView),
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
  ...operationsOf({
    name: 'consumer',
    plural: 'consumers',
    noun: 'a consumer',
    path: '/OS-OAUTH1/consumers',
    properties: consumerProperties,
    shown: each(consumerView),
    filters: [],
    list: consumersList,
    get: consumerGet,
    update: consumerUpdate,
    delete: consumerDelete,
  }),
  operation({
    method: 'POST',
    path: '/OS-OAUTH1/consumers',
    summary: 'Create a consumer',
    policy: 'identity:create_consumer',
    status: 201,
    body: open('consumer', consumerProperties),
    async handler(ctx, { body }) {
      const row = await consumerCreate(ctx, body.consumer)
      return { consumer: { ...consumerView(ctx, row), secret: row.secret } }
    },
  }),
]

export const revocationOperations: Operation[] = [
  listing('/OS-REVOKE/events', 'events', {
    summary: 'List revocations',
    policy: 'identity:list_revoke_events',
    rows: (ctx, _params, query) => revocationsList(ctx, query['since']),
    shown: each(revocationView),
  }),
]
