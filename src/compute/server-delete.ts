// Deleting servers: from any state, also while they are built. Whatever was under way for the server is cancelled in
// the same commit; the fence of the deletion is higher, so that the host refuses what comes too late.
import type { Context } from '../platform/context.ts'
import { serverActions } from './server-states.ts'
import { assertAllowed, serverBegin, serverGet } from './servers.ts'
import { hostsOf, serverDeleteSaga } from './work/server-delete.ts'

/** Accepts the deletion; deleting what is being deleted is fine. */
export async function serverDelete(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    if (server.task_state === 'deleting') return assertAllowed(tx, serverActions.delete, server)
    const begun = await serverBegin(tx, server, 'delete')
    await tx.work.cancel(tx, id)
    await tx.work.enqueue(tx, serverDeleteSaga, { serverId: id, hosts: hostsOf(begun) }, { resourceId: id })
  })
}
