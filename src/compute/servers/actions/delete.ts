// Deleting servers: from any state, also while they are built. Whatever was under way for the server is cancelled in
// the same commit; the fence of the deletion is higher, so that the host refuses what comes too late. A server that rests and has
// nothing outside of the rows is gone at once, as in Nova: a client waiting for the deletion would read ERROR as a failed delete.
import type { Context } from '../../../platform/context.ts'
import { serverActions } from '../states.ts'
import { assertAllowed, serverBegin, serverGet } from '../servers.ts'
import { devicesOf } from '../store/parts.ts'
import type { ServerRow } from '../store/servers.ts'
import { hostsOf, rowsDelete, serverDeleteSaga } from './delete.saga.ts'

/** Accepts the deletion; deleting what is being deleted is fine. */
export async function serverDelete(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    if (server.task_state === 'deleting') return assertAllowed(tx, serverActions.delete, server)
    const begun = await serverBegin(tx, server, 'delete')
    await tx.work.cancel(tx, id)
    if (await isRowsOnly(tx, server)) return rowsDelete(tx, begun)
    await tx.work.enqueue(tx, serverDeleteSaga, { serverId: id, hosts: hostsOf(begun) }, { resourceId: id })
  })
}

/** It rests, and neither a host, nor a volume, nor an image is to be asked. */
async function isRowsOnly(tx: Context, server: ServerRow): Promise<boolean> {
  if (server.task_state !== null || hostsOf(server).length > 0 || server.pending_image_id !== null || server.shelved_image_id !== null)
    return false
  return (await devicesOf(tx.db, server.id)).every(({ attachment_id }) => attachment_id === null)
}
