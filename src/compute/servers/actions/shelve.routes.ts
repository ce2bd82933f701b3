// Actions shelve, shelveOffload and unshelve, which since 2.77 may name a zone and since 2.91 a host.
import { Type } from '../../../platform/api/type.ts'
import type { Context } from '../../../platform/context.ts'
import { defined } from '../../../platform/defined.ts'
import { name, openOrNone } from '../../routes/schemas.ts'
import { action } from '../routes/action.ts'
import { serverShelve, serverShelveOffload, serverUnshelve } from './shelve.ts'

interface UnshelveBody {
  availability_zone?: string | null
  host?: string
}

const unshelveZone = openOrNone({ availability_zone: name }, ['availability_zone'])
const unshelveHost = Type.Unsafe<UnshelveBody | null>({
  oneOf: [
    {
      type: 'object',
      properties: { availability_zone: { type: ['string', 'null'] }, host: { type: 'string' } },
      additionalProperties: false,
    },
    { type: 'null' },
  ],
})

function unshelve(ctx: Context, id: string, value: UnshelveBody | null): Promise<void> {
  const { availability_zone: zone, host } = value ?? {}
  return serverUnshelve(ctx, id, defined({ zone, host }))
}

export const shelveActions = [
  action('shelve', 'Shelve a server', 'os-shelve:shelve', { handler: (ctx, id) => serverShelve(ctx, id) }),
  action('shelveOffload', 'Take a shelved server off its host', 'os-shelve:shelve_offload', {
    handler: (ctx, id) => serverShelveOffload(ctx, id),
  }),
  action('unshelve', 'Unshelve a server', 'os-shelve:unshelve', {
    versions: ['2.1', '2.76'],
    handler: (ctx, id) => serverUnshelve(ctx, id, {}),
  }),
  action('unshelve', 'Unshelve a server', 'os-shelve:unshelve', { versions: ['2.77', '2.90'], body: unshelveZone, handler: unshelve }),
  action('unshelve', 'Unshelve a server', 'os-shelve:unshelve', { versions: ['2.91', null], body: unshelveHost, handler: unshelve }),
]
