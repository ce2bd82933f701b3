// Volumes of servers: attach, detach, and what is kept of an attachment. The volume is reserved with the request;
// volume.saga.ts plugs it.
import { attachmentComplete, attachmentBeginDetaching, attachmentReserve, volumeGet } from '../../../volume/index.ts'
import type { Context } from '../../../platform/context.ts'
import { ApiError, badRequest, conflict, notFound } from '../../../platform/errors.ts'
import { invalidVolume, nextDevice } from '../create/devices.ts'
import { serverActions } from '../states.ts'
import { assertAllowed, serverBegin, serverEvent, serverGet } from '../servers.ts'
import { deviceChange, devicesInsert, devicesOf, type ServerDeviceRow } from '../store/parts.ts'
import type { ServerRow } from '../store/servers.ts'
import { serverAttachVolumeSaga, serverDetachVolumeSaga } from './volume.saga.ts'

export interface Attach {
  volumeId: string
  device: string | null
  tag: string | null
  deleteOnTermination: boolean
  /** multi-attach volumes are known since 2.60 */
  multiattach: boolean
}

const isShelved = (server: ServerRow) => server.vm_state === 'shelved' || server.vm_state === 'shelved_offloaded'

/** Since 2.20 volumes come and go while the server is shelved. */
function assertShelvedAllowed(ctx: Context, server: ServerRow, word: string): void {
  if (isShelved(server) && !ctx.microversion.atLeast('2.20'))
    throw conflict(`Cannot '${word}' instance ${server.id} while it is in vm_state ${server.vm_state}`)
}

/** Accepts an attachment; the device's name is known at once. */
export function serverVolumeAttach(ctx: Context, id: string, wanted: Attach): Promise<ServerDeviceRow> {
  return ctx.transaction((tx) => volumeAttach(tx, id, wanted))
}

/** All that the request names is looked up in the transaction that accepts it. */
async function volumeAttach(tx: Context, id: string, wanted: Attach): Promise<ServerDeviceRow> {
  const server = await serverGet(tx, id)
  assertShelvedAllowed(tx, server, 'attach_volume')
  assertAllowed(tx, serverActions.attachVolume, server)
  const volume = await volumeGet(tx, wanted.volumeId).catch((error: unknown) => {
    throw error instanceof ApiError && error.code === 'not_found' ? notFound(`Volume ${wanted.volumeId} could not be found.`) : error
  })
  if (volume.multiattach && !wanted.multiattach)
    throw badRequest('Multiattach volumes are only supported starting with compute API version 2.60.')
  const devices = await devicesOf(tx.db, id)
  if (devices.some((device) => device.volume_id === volume.id))
    throw badRequest(`Invalid volume: volume ${volume.id} is already attached to instance ${id}`)
  const row = newRow(tx, { serverId: id, devices, wanted, sizeGib: volume.sizeGib })
  await reserve(tx, row)
  await serverBegin(tx, server, 'attachVolume')
  if (server.host === null) return attachedWithoutGuest(tx, server, row)
  await devicesInsert(tx.db, [row])
  await tx.work.enqueue(
    tx,
    serverAttachVolumeSaga,
    { serverId: id, deviceId: row.id, attachmentId: row.attachment_id ?? '' },
    { resourceId: id },
  )
  return row
}

/** An offloaded server has no guest: the volume is the server's, and is plugged when it comes back. */
async function attachedWithoutGuest(tx: Context, server: ServerRow, row: ServerDeviceRow): Promise<ServerDeviceRow> {
  const attached: ServerDeviceRow = { ...row, state: 'attached' }
  await devicesInsert(tx.db, [attached])
  await attachmentComplete(tx, row.attachment_id ?? '', row.device ?? undefined)
  await serverEvent(tx, server, { action: 'attach_volume', result: 'success' })
  return attached
}

interface NewDevice {
  serverId: string
  devices: ServerDeviceRow[]
  wanted: Attach
  sizeGib: number
}

function newRow(tx: Context, { serverId, devices, wanted, sizeGib }: NewDevice): ServerDeviceRow {
  const taken = new Set(['/dev/vda', ...devices.flatMap(({ device }) => (device === null ? [] : [device]))])
  const asked = wanted.device === null || wanted.device === '' ? null : wanted.device
  if (asked !== null && taken.has(asked)) throw conflict(`The supplied device path (${asked}) is in use.`)
  return {
    id: tx.ids.uuid(),
    server_id: serverId,
    position: Math.max(0, ...devices.map(({ position }) => position)) + 1,
    source_type: 'volume',
    destination_type: 'volume',
    source_id: null,
    volume_id: wanted.volumeId,
    volume_size: sizeGib,
    volume_type: null,
    attachment_id: tx.ids.uuid(),
    connection: null,
    boot_index: null,
    device: asked ?? nextDevice(taken),
    guest_format: null,
    tag: wanted.tag,
    delete_on_termination: wanted.deleteOnTermination,
    state: 'attaching',
  }
}

async function reserve(tx: Context, row: ServerDeviceRow): Promise<void> {
  await attachmentReserve(tx, {
    volumeId: row.volume_id ?? '',
    serverId: row.server_id,
    attachmentId: row.attachment_id ?? '',
    mountpoint: row.device,
  }).catch((error: unknown) => {
    throw refused(error)
  })
}

const refused = (error: unknown): unknown =>
  error instanceof ApiError && error.isRefusal && error.code !== 'forbidden' ? invalidVolume(error) : error

/** The attachment of a volume to a server. */
export async function serverVolumeGet(ctx: Context, id: string, volumeId: string): Promise<ServerDeviceRow> {
  await serverGet(ctx, id)
  return deviceOf(ctx, id, volumeId)
}

async function deviceOf(ctx: Context, id: string, volumeId: string): Promise<ServerDeviceRow> {
  const found = (await devicesOf(ctx.db, id)).find((device) => device.volume_id === volumeId)
  if (!found) throw notFound(`Instance ${id} is not attached to volume ${volumeId}`)
  return found
}

export async function serverVolumes(ctx: Context, id: string): Promise<ServerDeviceRow[]> {
  await serverGet(ctx, id)
  return (await devicesOf(ctx.db, id)).filter((device) => device.volume_id !== null)
}

/** Accepts a detachment. */
export async function serverVolumeDetach(ctx: Context, id: string, volumeId: string): Promise<void> {
  const seen = await serverGet(ctx, id)
  assertShelvedAllowed(ctx, seen, 'detach_volume')
  await ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    const row = await deviceOf(tx, id, volumeId)
    if (row.boot_index === 0) throw badRequest('Cannot detach a root device volume')
    assertAllowed(tx, serverActions.detachVolume, server)
    if (row.state !== 'attached' && server.host !== null)
      throw badRequest(`Invalid volume: the attachment of volume ${volumeId} is ${row.state}`)
    if (server.host !== null) {
      await attachmentBeginDetaching(tx, row.attachment_id ?? '').catch((error: unknown) => {
        throw refused(error)
      })
    }
    await deviceChange(tx.db, row.id, { state: 'detaching' })
    await serverBegin(tx, server, 'detachVolume')
    await tx.work.enqueue(
      tx,
      serverDetachVolumeSaga,
      { serverId: id, deviceId: row.id, attachmentId: row.attachment_id ?? '', hasGuest: server.host !== null },
      { resourceId: id },
    )
  })
}

/** Whether the volume goes with its server. */
export async function serverVolumeUpdate(
  ctx: Context,
  id: string,
  { volumeId, deleteOnTermination }: { volumeId: string; deleteOnTermination: boolean },
): Promise<void> {
  await ctx.transaction(async (tx) => {
    await serverGet(tx, id)
    const row = await deviceOf(tx, id, volumeId)
    await deviceChange(tx.db, row.id, { delete_on_termination: deleteOnTermination })
  })
}
