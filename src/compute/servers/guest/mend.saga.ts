// Makes a server's guest as its rows say, and nothing else: when a port of it was deleted, when an undo was abandoned, or
// when fsck finds that the two differ.
import type { Context } from '../../../platform/context.ts'
import { serverFetch } from '../store/servers.ts'
import { guestRefresh } from './steps/refresh.ts'
import { serverSaga } from './steps/server-saga.ts'

/** longer than a build may take */
const deadlineMs = 3_600_000

export const serverMendSaga = serverSaga<{ serverId: string }>({
  name: 'server-mend',
  action: 'mend',
  message: 'the guest was made as the rows say',
  leavesState: true,
  deadlineMs,
  untilDeadline: true,
  steps: [
    {
      name: 'make the guest so',
      async run(work, { serverId }) {
        if (await serverFetch(work.ctx.db, serverId)) await guestRefresh(work, serverId)
      },
    },
  ],
})

/** In the caller's transaction. */
export async function mendLater(tx: Context, serverId: string): Promise<void> {
  await tx.work.enqueue(tx, serverMendSaga, { serverId }, { resourceId: serverId })
}
