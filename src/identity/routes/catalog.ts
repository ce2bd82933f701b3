// /regions, /services and /endpoints.
import Type from 'typebox'
import { operation, type Operation } from '../../platform/api/operation.ts'
import { filtered, listOf } from '../links.ts'
import { regionCreate, regionDelete, regionGet, regionsList, regionUpdate, type RegionBody } from '../regions.ts'
import { anyQuery, flag, nameSchema, nullable, open, optional, text } from '../schemas.ts'
import {
  endpointCreate,
  endpointDelete,
  endpointGet,
  endpointsList,
  endpointUpdate,
  serviceCreate,
  serviceDelete,
  serviceGet,
  servicesList,
  serviceUpdate,
  type EndpointBody,
  type ServiceBody,
} from '../services.ts'
import { endpointView, regionView, serviceView } from '../views/catalog.ts'

const region = { description: optional(nullable(text)), id: optional(text), parent_region_id: optional(nullable(text)) }
const typeSchema = Type.String({ minLength: 1, maxLength: 255 })
const service = { enabled: optional(flag), name: optional(nameSchema), type: typeSchema }
const url = Type.String({ maxLength: 225, pattern: '^[a-zA-Z0-9+.-]+:.+' })
const endpoint = {
  enabled: optional(flag),
  interface: Type.Enum(['admin', 'internal', 'public']),
  region_id: optional(text),
  region: optional(text),
  service_id: text,
  url,
}
const changed = { minProperties: 1 }

export const catalogOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/regions',
    summary: 'List regions',
    policy: 'identity:list_regions',
    status: 200,
    query: anyQuery,
    async handler(ctx, request) {
      const rows = await regionsList(ctx)
      return listOf(
        ctx,
        request,
        'regions',
        filtered(
          rows.map((row) => regionView(ctx, row)),
          request.query,
          ['parent_region_id'],
        ),
      )
    },
  }),
  operation({
    method: 'POST',
    path: '/regions',
    summary: 'Create a region',
    policy: 'identity:create_region',
    status: 201,
    body: open('region', region),
    handler: async (ctx, { body }) => ({ region: regionView(ctx, await regionCreate(ctx, body['region'] as RegionBody)) }),
  }),
  operation({
    method: 'PUT',
    path: '/regions/:region_id',
    summary: 'Create a region by id',
    policy: 'identity:create_region',
    status: 201,
    body: open('region', region),
    handler: async (ctx, { body, params }) => ({
      region: regionView(ctx, await regionCreate(ctx, body['region'] as RegionBody, params['region_id'])),
    }),
  }),
  operation({
    method: 'GET',
    path: '/regions/:region_id',
    summary: 'Show a region',
    policy: 'identity:get_region',
    status: 200,
    handler: async (ctx, { params }) => ({ region: regionView(ctx, await regionGet(ctx, params['region_id'] ?? '')) }),
  }),
  operation({
    method: 'PATCH',
    path: '/regions/:region_id',
    summary: 'Update a region',
    policy: 'identity:update_region',
    status: 200,
    target: (ctx, { params }) => regionGet(ctx, params['region_id'] ?? ''),
    body: open('region', region, changed),
    handler: async (ctx, { body, params }) => ({
      region: regionView(ctx, await regionUpdate(ctx, params['region_id'] ?? '', body['region'] as RegionBody)),
    }),
  }),
  operation({
    method: 'DELETE',
    path: '/regions/:region_id',
    summary: 'Delete a region',
    policy: 'identity:delete_region',
    status: 204,
    handler: (ctx, { params }) => regionDelete(ctx, params['region_id'] ?? ''),
  }),
  operation({
    method: 'GET',
    path: '/services',
    summary: 'List services',
    policy: 'identity:list_services',
    status: 200,
    query: anyQuery,
    async handler(ctx, request) {
      const rows = await servicesList(ctx)
      return listOf(
        ctx,
        request,
        'services',
        filtered(
          rows.map((row) => serviceView(ctx, row)),
          request.query,
          ['type', 'name'],
        ),
      )
    },
  }),
  operation({
    method: 'POST',
    path: '/services',
    summary: 'Create a service',
    policy: 'identity:create_service',
    status: 201,
    body: open('service', service),
    handler: async (ctx, { body }) => ({ service: serviceView(ctx, await serviceCreate(ctx, body['service'] as ServiceBody)) }),
  }),
  operation({
    method: 'GET',
    path: '/services/:service_id',
    summary: 'Show a service',
    policy: 'identity:get_service',
    status: 200,
    handler: async (ctx, { params }) => ({ service: serviceView(ctx, await serviceGet(ctx, params['service_id'] ?? '')) }),
  }),
  operation({
    method: 'PATCH',
    path: '/services/:service_id',
    summary: 'Update a service',
    policy: 'identity:update_service',
    status: 200,
    target: (ctx, { params }) => serviceGet(ctx, params['service_id'] ?? ''),
    body: open('service', { ...service, type: optional(typeSchema) }, changed),
    handler: async (ctx, { body, params }) => ({
      service: serviceView(ctx, await serviceUpdate(ctx, params['service_id'] ?? '', body['service'] as ServiceBody)),
    }),
  }),
  operation({
    method: 'DELETE',
    path: '/services/:service_id',
    summary: 'Delete a service',
    policy: 'identity:delete_service',
    status: 204,
    handler: (ctx, { params }) => serviceDelete(ctx, params['service_id'] ?? ''),
  }),
  operation({
    method: 'GET',
    path: '/endpoints',
    summary: 'List endpoints',
    policy: 'identity:list_endpoints',
    status: 200,
    query: anyQuery,
    async handler(ctx, request) {
      const rows = await endpointsList(ctx)
      const shown = filtered(
        rows.map((row) => endpointView(ctx, row)),
        request.query,
        ['interface', 'service_id', 'region_id'],
      )
      return listOf(ctx, request, 'endpoints', shown)
    },
  }),
  operation({
    method: 'POST',
    path: '/endpoints',
    summary: 'Create an endpoint',
    policy: 'identity:create_endpoint',
    status: 201,
    body: open('endpoint', endpoint),
    handler: async (ctx, { body }) => ({ endpoint: endpointView(ctx, await endpointCreate(ctx, body['endpoint'] as EndpointBody)) }),
  }),
  operation({
    method: 'GET',
    path: '/endpoints/:endpoint_id',
    summary: 'Show an endpoint',
    policy: 'identity:get_endpoint',
    status: 200,
    handler: async (ctx, { params }) => ({ endpoint: endpointView(ctx, await endpointGet(ctx, params['endpoint_id'] ?? '')) }),
  }),
  operation({
    method: 'PATCH',
    path: '/endpoints/:endpoint_id',
    summary: 'Update an endpoint',
    policy: 'identity:update_endpoint',
    status: 200,
    target: (ctx, { params }) => endpointGet(ctx, params['endpoint_id'] ?? ''),
    body: open(
      'endpoint',
      { ...endpoint, interface: optional(endpoint.interface), service_id: optional(text), url: optional(url) },
      changed,
    ),
    handler: async (ctx, { body, params }) => ({
      endpoint: endpointView(ctx, await endpointUpdate(ctx, params['endpoint_id'] ?? '', body['endpoint'] as EndpointBody)),
    }),
  }),
  operation({
    method: 'DELETE',
    path: '/endpoints/:endpoint_id',
    summary: 'Delete an endpoint',
    policy: 'identity:delete_endpoint',
    status: 204,
    handler: (ctx, { params }) => endpointDelete(ctx, params['endpoint_id'] ?? ''),
  }),
]
