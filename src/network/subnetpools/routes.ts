// PUT /subnetpools/:id/add_prefixes and remove_prefixes.
import { Type } from '../../platform/api/type.ts'
import { operation, type Operation } from '../../platform/api/operation.ts'
import { isObject, malformed } from '../api/readers.ts'
import { resourceFor } from '../api/resource.ts'
import { prefixList } from './attributes.ts'
import { prefixesUpdate, subnetpools } from './subnetpools.ts'

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
        return { prefixes: await prefixesUpdate(tx, row, rule === 'add_prefixes' ? { add: wanted } : { remove: wanted }) }
      })
    },
  })

export const subnetpoolOperations: Operation[] = [prefixes('add_prefixes'), prefixes('remove_prefixes')]
