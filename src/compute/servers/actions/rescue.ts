// Rescue: the guest boots another image, with its own root disk as the second one, until unrescue.
import type { Context } from '../../../platform/context.ts'
import { badRequest, conflict } from '../../../platform/errors.ts'
import { imageForServer } from '../create/image.ts'
import { serverActions } from '../states.ts'
import { assertAllowed, serverBegin, serverGet } from '../servers.ts'
import { serverRescueSaga, serverUnrescueSaga } from './rescue.saga.ts'

/** Accepts a rescue with the given image, or the one that the server was made from. */
export function serverRescue(ctx: Context, id: string, imageId: string | undefined): Promise<void> {
  return ctx.transaction((tx) => rescue(tx, id, imageId))
}

/** All that the request names is looked up in the transaction that accepts it. */
async function rescue(tx: Context, id: string, imageId: string | undefined): Promise<void> {
  const server = await serverGet(tx, id)
  assertAllowed(tx, serverActions.rescue, server)
  const volumeBacked = server.image_id === ''
  if (volumeBacked && (!tx.microversion.atLeast('2.87') || imageId === undefined))
    throw badRequest(`Instance ${id} cannot be rescued: Cannot rescue a volume-backed instance`)
  const rescueImageId = imageId ?? server.image_id
  if (imageId !== undefined) await imageForServer(tx, imageId, `Image ${imageId} could not be found.`)
  if (server.host === null) throw conflict(`Instance ${id} is not ready`)
  await serverBegin(tx, server, 'rescue', { change: { rescue_image_id: rescueImageId } })
  await tx.work.enqueue(tx, serverRescueSaga, { serverId: id, vmState: server.vm_state }, { resourceId: id })
}

/** Accepts the return to the server's own root disk. */
export async function serverUnrescue(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    const imageId = server.rescue_image_id
    await serverBegin(tx, server, 'unrescue', { change: { rescue_image_id: null } })
    await tx.work.enqueue(tx, serverUnrescueSaga, { serverId: id, imageId }, { resourceId: id })
  })
}
