// An attachment or a detachment that failed half way: the server keeps a volume that was not taken away, and its guest is
// to have it.
import { attachmentConnect, attachmentsOfServers } from '../../volume/index.ts'
import type { Context } from '../../platform/context.ts'
import type { WorkContext } from '../../platform/work/definition.ts'
import { deviceChange, deviceDelete } from '../store/server-parts.ts'
import { nextGeneration, serverChange, serverFetch } from '../store/servers.ts'

interface Kept {
  serverId: string
  deviceId: string
  attachmentId: string
}

/** The attachment was not taken away after all. */
export const isKept = async (ctx: Context, { serverId, attachmentId }: Kept): Promise<boolean> =>
  ((await attachmentsOfServers(ctx, [serverId])).get(serverId) ?? []).some((each) => each.attachmentId === attachmentId)

/** The device is the server's again, and connected where its guest is: the host may have let go of the volume and then failed. */
export async function connectAgain(work: WorkContext, { serverId, deviceId, attachmentId }: Kept): Promise<void> {
  const hasGuest = ((await serverFetch(work.ctx.db, serverId))?.host ?? null) !== null
  const connection = hasGuest ? JSON.stringify(await attachmentConnect(work, attachmentId)) : null
  await work.ctx.transaction(async (tx) => {
    await deviceChange(tx.db, deviceId, { state: 'attached', ...(connection === null ? {} : { connection }) })
    await serverChange(tx.db, serverId, nextGeneration)
  })
}

/** However far taking it back came: the device of a volume that is still the server's can be detached (true), any other goes. In the caller's transaction. */
export async function settleDevice(tx: Context, kept: Kept): Promise<boolean> {
  if (!(await isKept(tx, kept))) {
    await deviceDelete(tx.db, kept.deviceId)
    return false
  }
  await deviceChange(tx.db, kept.deviceId, { state: 'attached' })
  await serverChange(tx.db, kept.serverId, nextGeneration)
  return true
}
