// Volumes that a server keeps: a detachment failed half way and its guest is to have the volume again, or what began with a
// volume can neither be done nor undone.
import { attachmentComplete, attachmentConnect, attachmentsOfServers } from '../../../../volume/index.ts'
import type { Context } from '../../../../platform/context.ts'
import type { WorkContext } from '../../../../platform/work/definition.ts'
import { deviceChange, deviceDelete, devicesDelete, devicesOf, type ServerDeviceRow } from '../../store/parts.ts'
import { volumesWithServerInsert } from '../../store/volumes-with-server.ts'
import { nextGeneration, serverChange, serverFetch } from '../../store/servers.ts'

interface Kept {
  serverId: string
  deviceId: string
  attachmentId: string
}

/** The attachment was not taken away after all. */
export const isKept = async (ctx: Context, { serverId, attachmentId }: Kept): Promise<boolean> =>
  ((await attachmentsOfServers(ctx, [serverId])).get(serverId) ?? []).some((each) => each.attachmentId === attachmentId)

/** The device is the server's again, and connected where its guest is: the host may have disconnected the volume and then failed. */
export async function volumeReconnect(work: WorkContext, { serverId, deviceId, attachmentId }: Kept): Promise<void> {
  const hasGuest = ((await serverFetch(work.ctx.db, serverId))?.host ?? null) !== null
  const connection = hasGuest ? await attachmentConnect(work, attachmentId) : null
  await work.ctx.transaction(async (tx) => {
    await deviceChange(tx.db, deviceId, { state: 'attached', ...(connection === null ? {} : { connection }) })
    await serverChange(tx.db, serverId, nextGeneration)
  })
}

/** The server loses its devices, and those that were to be deleted with it still are. */
export async function devicesDrop(tx: Context, serverId: string): Promise<void> {
  await volumesWithServerInsert(tx.db, serverId, (await devicesOf(tx.db, serverId)).flatMap(deletedWithServer))
  await devicesDelete(tx.db, serverId)
}

/** The id of a volume that goes with its server. */
export const deletedWithServer = ({ volume_id, delete_on_termination }: ServerDeviceRow): string[] =>
  volume_id !== null && delete_on_termination ? [volume_id] : []

/** After an abandoned release of volumes: those that are still attached are in use, and can be detached; the others are no devices of the server. */
export async function volumesKeep(tx: Context, serverId: string, { ofBuild = false } = {}): Promise<void> {
  const attached = new Set(((await attachmentsOfServers(tx, [serverId])).get(serverId) ?? []).map(({ attachmentId }) => attachmentId))
  for (const device of await devicesOf(tx.db, serverId)) {
    const { id, attachment_id: attachmentId } = device
    if (attachmentId === null) continue
    if (!attached.has(attachmentId)) {
      if (ofBuild) await volumesWithServerInsert(tx.db, serverId, deletedWithServer(device))
      await deviceDelete(tx.db, id)
      continue
    }
    await attachmentComplete(tx, attachmentId)
    await deviceChange(tx.db, id, { state: 'attached' })
  }
  await serverChange(tx.db, serverId, nextGeneration)
}
