// PUT /address-groups/:id/add_addresses and remove_addresses.
import { Type } from '../../platform/api/type.ts'
import { operation, type Operation } from '../../platform/api/operation.ts'
import { isObject, malformed } from '../api/readers.ts'
import { resourceFor } from '../api/resource.ts'
import { addressesUpdate, addressGroups } from './address-groups.ts'
import { addressList } from './attributes.ts'
import { addressGroupView } from './view.ts'

const addresses = (action: 'add_addresses' | 'remove_addresses'): Operation =>
  operation({
    method: 'PUT',
    path: `/address-groups/:id/${action}`,
    summary: action.replace('_', ' '),
    policy: action,
    status: 200,
    bodyOptional: true,
    body: Type.Union([Type.Object({ address_group: Type.Object({ addresses: Type.Array(Type.String()) }) }), Type.Unknown()]),
    async handler(ctx, { params, body }) {
      const inner = isObject(body) ? (body['address_group'] ?? body) : null
      if (!isObject(inner)) throw malformed('Body contains invalid data')
      const wanted = addressList(inner['addresses'] ?? null, 'addresses') as string[]
      return ctx.transaction(async (tx) => {
        const { row } = await resourceFor(tx, addressGroups, params['id'] ?? '', action)
        return {
          address_group: addressGroupView({
            row: await addressesUpdate(tx, row, action === 'add_addresses' ? { add: wanted } : { remove: wanted }),
          }),
        }
      })
    },
  })

export const addressGroupOperations: Operation[] = [addresses('add_addresses'), addresses('remove_addresses')]
