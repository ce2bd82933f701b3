// /resource_providers/:uuid/inventories.
import { ApiError } from '../../platform/errors.ts'
import type { ApiRequest, Operation } from '../../platform/api/operation.ts'
import {
  inventoriesRemove,
  inventoriesSet,
  inventoryAdd,
  inventoryGet,
  inventoryList,
  inventoryRemove,
  inventorySet,
  type InventoryBody,
} from '../inventories.ts'
import { inventoriesView, inventoryView } from '../views/inventories.ts'
import { providerPath } from '../views/providers.ts'
import { answer, empty, placementOperation } from './answer.ts'
import { inventoriesAll, inventoryChanged, inventoryNew } from './schemas.ts'

const path = '/resource_providers/:uuid/inventories'
const rule = (what: string) => `placement:resource_providers:inventories:${what}`
const id = ({ params }: ApiRequest) => params['uuid'] ?? ''
const resourceClass = ({ params }: ApiRequest) => params['resource_class'] ?? ''

export const inventoryOperations: Operation[] = [
  placementOperation({
    method: 'GET',
    path,
    summary: 'List a provider’s inventories',
    policy: rule('list'),
    status: 200,
    async handler(ctx, request) {
      const found = await inventoryList(ctx, id(request))
      return answer(ctx, inventoriesView(found), { modifiedAt: found.rows.map((row) => row.updated_at) })
    },
  }),
  placementOperation({
    method: 'POST',
    path,
    summary: 'Add an inventory',
    policy: rule('create'),
    status: 201,
    body: inventoryNew,
    async handler(ctx, request) {
      const given = request.body as InventoryBody & { resource_class: string }
      const made = await inventoryAdd(ctx, id(request), given.resource_class, given)
      return answer(ctx, inventoryView(made), {
        modifiedAt: [made.row.updated_at],
        headers: { location: `${providerPath(id(request))}/inventories/${given.resource_class}` },
      })
    },
  }),
  placementOperation({
    method: 'PUT',
    path,
    summary: 'Replace a provider’s inventories',
    policy: rule('update'),
    status: 200,
    body: inventoriesAll,
    async handler(ctx, request) {
      const given = request.body as { inventories: Record<string, InventoryBody>; resource_provider_generation: number }
      const saved = await inventoriesSet(ctx, id(request), given.inventories, given.resource_provider_generation)
      return answer(ctx, inventoriesView(saved), { modifiedAt: saved.rows.map((row) => row.updated_at) })
    },
  }),
  placementOperation({
    method: 'DELETE',
    path,
    summary: 'Delete a provider’s inventories',
    policy: rule('delete'),
    versions: ['1.5', null],
    status: 204,
    async handler(ctx, request) {
      await inventoriesRemove(ctx, id(request))
      return empty(204)
    },
  }),
  placementOperation({
    method: 'DELETE',
    path,
    summary: 'Not before 1.5',
    policy: rule('delete'),
    versions: [null, '1.4'],
    status: 204,
    async handler(ctx) {
      ctx.authorize()
      throw new ApiError('method_not_allowed', 'The method specified is not allowed for this resource.', {
        headers: { allow: 'GET, POST, PUT' },
      })
    },
  }),
  placementOperation({
    method: 'GET',
    path: `${path}/:resource_class`,
    summary: 'Show an inventory',
    policy: rule('show'),
    status: 200,
    async handler(ctx, request) {
      const found = await inventoryGet(ctx, id(request), resourceClass(request))
      return answer(ctx, inventoryView(found), { modifiedAt: [found.row.updated_at] })
    },
  }),
  placementOperation({
    method: 'PUT',
    path: `${path}/:resource_class`,
    summary: 'Change an inventory',
    policy: rule('update'),
    status: 200,
    body: inventoryChanged,
    async handler(ctx, request) {
      const saved = await inventorySet(
        ctx,
        id(request),
        resourceClass(request),
        request.body as InventoryBody & { resource_provider_generation: number },
      )
      return answer(ctx, inventoryView(saved), { modifiedAt: [saved.row.updated_at] })
    },
  }),
  placementOperation({
    method: 'DELETE',
    path: `${path}/:resource_class`,
    summary: 'Delete an inventory',
    policy: rule('delete'),
    status: 204,
    async handler(ctx, request) {
      await inventoryRemove(ctx, id(request), resourceClass(request))
      return empty(204)
    },
  }),
]
