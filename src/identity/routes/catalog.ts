// /regions, /services and /endpoints.
import { operation, type Operation } from '../../platform/api/operation.ts'
import { regionCreate, regionDelete, regionGet, regionProperties, regionsList, regionUpdate } from '../regions.ts'
import { open } from '../schemas.ts'
import {
  endpointCreate,
  endpointDelete,
  endpointGet,
  endpointProperties,
  endpointsList,
  endpointUpdate,
  serviceCreate,
  serviceDelete,
  serviceGet,
  serviceProperties,
  servicesList,
  serviceUpdate,
} from '../services.ts'
import { endpointView, regionView, serviceView } from '../views/catalog.ts'
import { each, operationsOf } from './resource.ts'

export const catalogOperations: Operation[] = [
  ...operationsOf({
    name: 'region',
    plural: 'regions',
    noun: 'a region',
    path: '/regions',
    properties: regionProperties,
    shown: each(regionView),
    filters: ['parent_region_id'],
    list: regionsList,
    create: regionCreate,
    get: regionGet,
    update: regionUpdate,
    delete: regionDelete,
  }),
  operation({
    method: 'PUT',
    path: '/regions/:region_id',
    summary: 'Create a region by id',
    policy: 'identity:create_region',
    status: 201,
    body: open('region', regionProperties),
    handler: async (ctx, { body, params }) => ({ region: regionView(ctx, await regionCreate(ctx, body.region, params['region_id'])) }),
  }),
  ...operationsOf({
    name: 'service',
    plural: 'services',
    noun: 'a service',
    path: '/services',
    properties: serviceProperties,
    shown: each(serviceView),
    filters: ['type', 'name'],
    list: servicesList,
    create: serviceCreate,
    get: serviceGet,
    update: serviceUpdate,
    delete: serviceDelete,
  }),
  ...operationsOf({
    name: 'endpoint',
    plural: 'endpoints',
    noun: 'an endpoint',
    path: '/endpoints',
    properties: endpointProperties,
    shown: each(endpointView),
    filters: ['interface', 'service_id', 'region_id'],
    list: endpointsList,
    create: endpointCreate,
    get: endpointGet,
    update: endpointUpdate,
    delete: endpointDelete,
  }),
]
