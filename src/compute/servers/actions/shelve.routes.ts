// Actions shelve, shelveOffload and unshelve, which since 2.77 may name a zone and since 2.91 a host.
import Type from 'typebox'
import type { Context } from '../../../platform/context.ts'
import { defined } from '../../../platform/defined.ts'
import { name, openOrNone } from '../../routes/schemas.ts'
import { action } from '../routes/action.ts'
import { serverShelve, serverShelveOffload, serverUnshelve, type Unshelve } from './shelve.ts'

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
  const wanted: Unshelve = defined({ zone, host })
  return serverUnshelve(ctx, id, wanted)
}

const shelveRule = (word: string) => `os_compute_api:os-shelve:${word}`

export const shelveActions = [
  action('shelve', { summary: 'Shelve a server', policy: shelveRule('shelve'), handler: (ctx, id) => serverShelve(ctx, id) }),
  action('shelveOffload', {
    summary: 'Take a shelved server off its host',
    policy: shelveRule('shelve_offload'),
    handler: (ctx, id) => serverShelveOffload(ctx, id),
  }),
  action('unshelve', {
    summary: 'Unshelve a server',
    policy: shelveRule('unshelve'),
    versions: ['2.1', '2.76'],
    handler: (ctx, id) => unshelve(ctx, id, null),
  }),
  action('unshelve', {
    summary: 'Unshelve a server',
    policy: shelveRule('unshelve'),
    versions: ['2.77', '2.90'],
    body: unshelveZone,
    handler: unshelve,
  }),
  action('unshelve', {
    summary: 'Unshelve a server',
    policy: shelveRule('unshelve'),
    versions: ['2.91', null],
    body: unshelveHost,
    handler: unshelve,
  }),
]
