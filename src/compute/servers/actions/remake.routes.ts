// Actions that make a server anew or otherwise: rebuild, resize, rescue, shelve.
import Type from 'typebox'
import { Reply } from '../../../platform/api/operation.ts'
import type { Context } from '../../../platform/context.ts'
import { defined } from '../../../platform/defined.ts'
import { badRequest } from '../../../platform/errors.ts'
import { serverParts } from '../details.ts'
import { generatedPassword } from './password.ts'
import { serverRebuild, type Rebuild } from './rebuild.ts'
import { serverRescue, serverUnrescue } from './rescue.ts'
import { serverConfirmResize, serverResize, serverRevertResize } from './resize.ts'
import { serverShelve, serverShelveOffload, serverUnshelve, type Unshelve } from './shelve.ts'
import { serverLinks, serverShowView } from '../views/servers.ts'
import { name, open, openOrNone } from '../../routes/schemas.ts'
import {
  adminPass,
  canonicalIPv6,
  diskConfig,
  flavorRef,
  rebuildSchema,
  rebuildVersions,
  uuid,
  type RebuildBody,
} from '../routes/schemas.ts'
import { sinceOf } from '../routes/servers.ts'
import { action } from './action.routes.ts'

function rebuildOf(body: RebuildBody): Rebuild {
  if (body.trusted_image_certificates) throw badRequest('Image signature certificate validation is not supported by this cloud.')
  return {
    imageId: body.imageRef,
    ...(body.name === undefined ? {} : { name: body.name.trim() }),
    ...defined({ description: body.description, hostname: body.hostname, metadata: body.metadata }),
    ...(body.personality === undefined ? {} : { files: body.personality.map(({ path = '', contents = '' }) => ({ path, contents })) }),
    ...defined({ keyName: body.key_name, userData: body.user_data, accessIPv4: body.accessIPv4 }),
    ...(body.accessIPv6 === undefined ? {} : { accessIPv6: canonicalIPv6(body.accessIPv6) }),
    ...defined({ diskConfig: body['OS-DCF:diskConfig'] }),
  }
}

async function rebuild(ctx: Context, id: string, body: RebuildBody): Promise<Reply> {
  const row = await serverRebuild(ctx, id, rebuildOf(body))
  const since = (version: string) => ctx.microversion.atLeast(version)
  const shown = { full: since('2.75'), keyName: since('2.54'), serverGroups: since('2.71'), userData: false }
  const { server } = serverShowView(ctx, row, { parts: await serverParts(ctx, [row]), shown })
  server['adminPass'] = body.adminPass ?? generatedPassword(ctx.ids)
  if (since('2.57')) server['user_data'] = row.user_data
  return new Reply({ server }, { headers: { location: serverLinks(ctx, id)[0]?.href ?? '' } })
}

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

export const remakeActions = [
  ...rebuildVersions.map((versions) =>
    action('rebuild', {
      summary: 'Rebuild a server',
      policy: 'rebuild',
      versions,
      body: rebuildSchema(sinceOf(versions[0])),
      handler: (ctx, id, value) => rebuild(ctx, id, value),
    }),
  ),
  action('resize', {
    summary: 'Resize a server',
    policy: 'resize',
    body: open({ flavorRef, 'OS-DCF:diskConfig': diskConfig }, ['flavorRef']),
    handler: (ctx, id, wanted) => serverResize(ctx, id, { flavorId: String(wanted.flavorRef), diskConfig: wanted['OS-DCF:diskConfig'] }),
  }),
  action('confirmResize', {
    summary: 'Confirm a resize',
    policy: 'confirm_resize',
    status: 204,
    handler: (ctx, id) => serverConfirmResize(ctx, id),
  }),
  action('revertResize', { summary: 'Revert a resize', policy: 'revert_resize', handler: (ctx, id) => serverRevertResize(ctx, id) }),
  action('rescue', {
    summary: 'Rescue a server',
    policy: 'os_compute_api:os-rescue',
    status: 200,
    body: openOrNone({ adminPass, rescue_image_ref: uuid }),
    async handler(ctx, id, wanted) {
      await serverRescue(ctx, id, wanted?.rescue_image_ref)
      return { adminPass: wanted?.adminPass ?? generatedPassword(ctx.ids) }
    },
  }),
  action('unrescue', { summary: 'Unrescue a server', policy: 'os_compute_api:os-unrescue', handler: (ctx, id) => serverUnrescue(ctx, id) }),
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
