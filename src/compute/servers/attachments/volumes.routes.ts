// /servers/:id/os-volume_attachments.
import type { Static } from 'typebox'
import { Type } from '../../../platform/api/type.ts'
import { Reply, type ApiRequest, type Operation } from '../../../platform/api/operation.ts'
import { lenientBoolean } from '../../../platform/api/words.ts'
import type { Context } from '../../../platform/context.ts'
import { badRequest, conflict, notFound } from '../../../platform/errors.ts'
import { volumesByIds } from '../../../volume/index.ts'
import { serverGet } from '../servers.ts'
import { serverVolumeAttach, serverVolumeDetach, serverVolumeGet, serverVolumes, serverVolumeUpdate } from './volumes.ts'
import type { ServerDeviceRow } from '../store/parts.ts'
import { novaResource } from '../../routes/resource.ts'
import { boolean, open, queryOf } from '../../routes/schemas.ts'
import { tag, uuid } from '../routes/schemas.ts'
import { id } from '../routes/servers.ts'

const attachments = novaResource({
  extension: 'os-volumes-attachments',
  path: '/servers/:id/os-volume_attachments',
  key: 'volume',
  one: 'a volume attachment',
  many: 'volume attachments',
  status: { update: 202, delete: 202 },
})
const swapRule = 'os_compute_api:os-volumes-attachments:swap'
const device = Type.Unsafe<string | null>({ type: ['string', 'null'], pattern: '(^/dev/x{0,1}[a-z]{0,1}d{0,1})([a-z]+)[0-9]*$' })

function view(ctx: Context, row: ServerDeviceRow): object {
  const since = (version: string) => ctx.microversion.atLeast(version)
  return {
    ...(since('2.89') ? {} : { id: row.volume_id }),
    volumeId: row.volume_id,
    serverId: row.server_id,
    ...(row.device === null ? {} : { device: row.device }),
    ...(since('2.70') ? { tag: row.tag } : {}),
    ...(since('2.79') ? { delete_on_termination: row.delete_on_termination } : {}),
    ...(since('2.89') ? { attachment_id: row.attachment_id, bdm_uuid: row.id } : {}),
  }
}

const attachment = { volumeId: uuid, device }
const fullAttachment = { ...attachment, tag, delete_on_termination: boolean }
const body = <P extends typeof attachment>(properties: P) =>
  open({ volumeAttachment: open<P, 'volumeId'>(properties, ['volumeId']) }, ['volumeAttachment'])
type Attachment = Static<ReturnType<typeof body<typeof fullAttachment>>>['volumeAttachment']
const changed = body({ ...fullAttachment, serverId: uuid, id: uuid })
type Change = Static<typeof changed>['volumeAttachment']

async function attach(ctx: Context, serverId: string, wanted: Attachment): Promise<object> {
  const deleteOnTermination = lenientBoolean(wanted.delete_on_termination)
  const row = await serverVolumeAttach(ctx, serverId, {
    volumeId: wanted.volumeId,
    device: wanted.device ?? null,
    tag: wanted.tag ?? null,
    deleteOnTermination,
    multiattach: ctx.microversion.atLeast('2.60'),
  })
  // since 2.101 the device's name is not waited for
  if (ctx.microversion.atLeast('2.101')) return new Reply(undefined, { status: 202 })
  return {
    volumeAttachment: {
      id: row.volume_id,
      serverId,
      volumeId: row.volume_id,
      device: row.device,
      ...(ctx.microversion.atLeast('2.70') ? { tag: row.tag } : {}),
      ...(ctx.microversion.atLeast('2.79') ? { delete_on_termination: deleteOnTermination } : {}),
    },
  }
}

/** Properties of the attachment since 2.85; naming another volume asks for a swap, which hosts here cannot do. */
async function update(ctx: Context, volumeId: string, request: ApiRequest<unknown, { volumeAttachment: Change }>): Promise<void> {
  const wanted = request.body.volumeAttachment
  const swaps = !ctx.microversion.atLeast('2.85') || wanted.volumeId !== volumeId
  if (swaps) return swap(ctx, { serverId: id(request), volumeId, newVolumeId: wanted.volumeId })
  const row = await serverVolumeGet(ctx, id(request), volumeId)
  const fixed: [string, unknown, unknown][] = [
    ['id', wanted.id, volumeId],
    ['serverId', wanted.serverId, row.server_id],
    ['device', wanted.device, row.device],
    ['tag', wanted.tag, row.tag],
  ]
  for (const [name, asked, is] of fixed) if (asked !== undefined && asked !== is) throw badRequest(`The ${name} property is not mutable`)
  if (wanted.delete_on_termination !== undefined)
    await serverVolumeUpdate(ctx, id(request), { volumeId, deleteOnTermination: lenientBoolean(wanted.delete_on_termination) })
}

async function swap(
  ctx: Context,
  { serverId, volumeId, newVolumeId }: { serverId: string; volumeId: string; newVolumeId: string },
): Promise<void> {
  ctx.authorize({}, swapRule)
  await serverGet(ctx, serverId, swapRule)
  const volumes = await volumesByIds(ctx, [volumeId, newVolumeId])
  if (!volumes.has(volumeId)) throw notFound(`Volume ${volumeId} could not be found.`)
  if (!volumes.has(newVolumeId)) throw badRequest(`Volume ${newVolumeId} could not be found.`)
  await serverVolumeGet(ctx, serverId, volumeId)
  throw conflict(`The volume ${volumeId} is not migrating: only the block storage service swaps a server's volume, while it moves it.`)
}

const since = <P extends typeof attachment>(versions: [string, string | null], properties: P) =>
  attachments.create({
    summary: 'Attach a volume',
    versions,
    body: body(properties),
    handler: (ctx, request) => attach(ctx, id(request), request.body.volumeAttachment),
  })

const page = {
  limit: Type.Optional(Type.Unsafe<number>({ type: 'integer', minimum: 0 })),
  offset: Type.Optional(Type.Unsafe<number>({ type: 'integer', minimum: 0 })),
}

async function list(ctx: Context, request: ApiRequest<Static<ReturnType<typeof queryOf<typeof page>>>>): Promise<object> {
  const { limit, offset = 0 } = request.query
  const rows = await serverVolumes(ctx, id(request))
  const size = Math.min(limit === undefined || limit === 0 ? ctx.config.maxPageSize : limit, ctx.config.maxPageSize)
  return { volumeAttachments: rows.slice(offset, offset + size).map((row) => view(ctx, row)) }
}

export const serverVolumeOperations: Operation[] = [
  attachments.list({ versions: ['2.1', '2.74'], query: queryOf(page, 'ignored'), handler: list }),
  attachments.list({ versions: ['2.75', null], query: queryOf(page, 'refused'), handler: list }),
  attachments.show({
    handler: async (ctx, volumeId, request) => ({ volumeAttachment: view(ctx, await serverVolumeGet(ctx, id(request), volumeId)) }),
  }),
  since(['2.1', '2.48'], attachment),
  since(['2.49', '2.78'], { ...attachment, tag }),
  since(['2.79', null], fullAttachment),
  attachments.update({
    summary: 'Swap a volume',
    policy: swapRule,
    versions: ['2.1', '2.84'],
    body: open({ volumeAttachment: open({ volumeId: uuid }, ['volumeId']) }, ['volumeAttachment']),
    handler: update,
  }),
  attachments.update({ versions: ['2.85', null], body: changed, handler: update }),
  attachments.delete({ summary: 'Detach a volume', handler: (ctx, volumeId, request) => serverVolumeDetach(ctx, id(request), volumeId) }),
]
