// Actions of subnet pools and address groups: PUT …/add_prefixes, …/add_addresses.
import Type from 'typebox'
import { operation, type Operation } from '../../platform/api/operation.ts'
import { isObject, malformed } from '../api/readers.ts'
import { resourceFor } from '../api/resource.ts'
import { addressesChange, addressGroups } from '../address-groups/address-groups.ts'
import { addressList, prefixList } from './attributes.ts'
import { prefixesChange, subnetpools } from './subnetpools.ts'
import { addressGroupView } from './view.ts'

const listBody = (name: string) => Type.Union([Type.Object({ [name]: Type.Array(Type.String()) }), Type.Unknown()])

const prefixes = (rule: 'add_prefixes' | 'remove_prefixes'): Operation =>
  operation({
    method: 'PUT',
    path: `/subnetpools/:id/${rule}`,
    summary: rule.replace('_', ' '),
    policy: rule,
    status: 200,
    bodyOptional: true,
    body: listBody('prefixes'),
    async handler(ctx, { params, body }) {
      if (!isObject(body)) throw malformed('Body contains invalid data')
      const wanted = prefixList(body['prefixes'] ?? null, 'prefixes') as string[]
      return ctx.transaction(async (tx) => {
        const { row } = await resourceFor(tx, subnetpools, params['id'] ?? '', rule)
        return { prefixes: await prefixesChange(tx, row, rule === 'add_prefixes' ? { add: wanted } : { remove: wanted }) }
      })
    },
  })

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
            row: await addressesChange(tx, row, action === 'add_addresses' ? { add: wanted } : { remove: wanted }),
          }),
        }
      })
    },
  })

export const poolAndGroupOperations: Operation[] = [
  prefixes('add_prefixes'),
  prefixes('remove_prefixes'),
  addresses('add_addresses'),
  addresses('remove_addresses'),
]
