// A volume that a server has grew: its guest is told, as Nova's event `volume-extended` does. The volume domain calls
// here when its extension is through; an admin may send the event by hand.
import { volumesByIds, volumeWatch } from '../../../volume/index.ts'
import type { Context } from '../../../platform/context.ts'
import { powerOfState } from '../states.ts'
import { serverEvent } from '../servers.ts'
import { deviceChange, devicesOf } from '../store/parts.ts'
import { nextGeneration, serverChange, serverFetch } from '../store/servers.ts'
import { serverExtendVolumeSaga } from './extend-volume.saga.ts'

/** At start. */
export const volumesWatch = (ctx: Context): void => volumeWatch(ctx, { extended: serverVolumeExtend })

/** In the transaction of the new size. A server without a guest gets the volume as it is then; an unknown volume is no news. */
export async function serverVolumeExtend(tx: Context, { serverId, volumeId }: { serverId: string; volumeId: string }): Promise<void> {
  const server = await serverFetch(tx.db, serverId)
  const device = (await devicesOf(tx.db, serverId)).find((each) => each.volume_id === volumeId)
  const sizeGib = (await volumesByIds(tx, [volumeId])).get(volumeId)?.sizeGib
  if (!server || !device || sizeGib === undefined) return
  await deviceChange(tx.db, device.id, { volume_size: sizeGib })
  if (server.host === null || powerOfState(server.vm_state) === null) return
  await serverChange(tx.db, serverId, nextGeneration)
  await serverEvent(tx, server, { action: 'extend_volume', result: 'start' })
  await tx.work.enqueue(tx, serverExtendVolumeSaga, { serverId, volumeId }, { resourceId: serverId })
}
