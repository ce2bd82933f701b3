// /resource_providers/:uuid/inventories.
import { ApiError } from '../../platform/errors.ts'
import type { Operation } from '../../platform/api/operation.ts'
import {
  inventoriesDelete,
  inventoriesUpdate,
  inventoryCreate,
  inventoryGet,
  inventoryList,
  inventoryDelete,
  inventoryUpdate,
} from '../inventories.ts'
import { inventoriesView, inventoryView } from '../views/inventories.ts'
import { providerPath } from '../views/providers.ts'
import { providers } from './providers.ts'
import { answer } from './answer.ts'
import { inventoriesAll, inventoryChanged, inventoryNew } from '../schemas.ts'

const rule = (what: string) => `placement:resource_providers:inventories:${what}`
const resourceClass = ({ params }: { params: Record<string, string> }) => params['resource_class'] ?? ''

export const inventoryOperations: Operation[] = [
  providers.below('/inventories', {
    summary: 'List a provider’s inventories',
    policy: rule('list'),
    async handler(ctx, id) {
      const found = await inventoryList(ctx, id)
      return answer(ctx, inventoriesView(found), { modifiedAt: found.rows.map((row) => row.updated_at) })
    },
  }),
  providers.below('/inventories', {
    method: 'POST',
    summary: 'Add an inventory',
    policy: rule('create'),
    status: 201,
    body: inventoryNew,
    async handler(ctx, id, request) {
      const given = request.body
      const made = await inventoryCreate(ctx, id, given.resource_class, given)
      return answer(ctx, inventoryView(made), {
        modifiedAt: [made.row.updated_at],
        headers: { location: `${providerPath(id)}/inventories/${given.resource_class}` },
      })
    },
  }),
  providers.below('/inventories', {
    method: 'PUT',
    summary: 'Replace a provider’s inventories',
    policy: rule('update'),
    body: inventoriesAll,
    async handler(ctx, id, request) {
      const given = request.body
      const saved = await inventoriesUpdate(ctx, id, given.inventories, given.resource_provider_generation)
      return answer(ctx, inventoriesView(saved), { modifiedAt: saved.rows.map((row) => row.updated_at) })
    },
  }),
  providers.below('/inventories', {
    method: 'DELETE',
    summary: 'Delete a provider’s inventories',
    policy: rule('delete'),
    versions: ['1.5', null],
    status: 204,
    handler: (ctx, id) => inventoriesDelete(ctx, id),
  }),
  providers.below('/inventories', {
    method: 'DELETE',
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
  providers.below('/inventories/:resource_class', {
    summary: 'Show an inventory',
    policy: rule('show'),
    async handler(ctx, id, request) {
      const found = await inventoryGet(ctx, id, resourceClass(request))
      return answer(ctx, inventoryView(found), { modifiedAt: [found.row.updated_at] })
    },
  }),
  providers.below('/inventories/:resource_class', {
    method: 'PUT',
    summary: 'Change an inventory',
    policy: rule('update'),
    body: inventoryChanged,
    async handler(ctx, id, request) {
      const saved = await inventoryUpdate(ctx, id, resourceClass(request), request.body)
      return answer(ctx, inventoryView(saved), { modifiedAt: [saved.row.updated_at] })
    },
  }),
  providers.below('/inventories/:resource_class', {
    method: 'DELETE',
    summary: 'Delete an inventory',
    policy: rule('delete'),
    status: 204,
    handler: (ctx, id, request) => inventoryDelete(ctx, id, resourceClass(request)),
  }),
]
