// Makes a server's guest as its rows say, and nothing else: when a port of it was deleted, or fsck finds that the two differ.
import type { Context } from '../../../platform/context.ts'
import { saga, type WorkContext } from '../../../platform/work/definition.ts'
import { serverEvent } from '../servers.ts'
import { serverFetch } from '../store/servers.ts'
import { oneAtATime } from './steps/apply.ts'
import { guestRefresh } from './steps/refresh.ts'
import { settleFailed, type Failure } from './steps/settle.ts'

/** longer than a build may take */
const deadlineMs = 3_600_000

async function mend(work: WorkContext, serverId: string): Promise<void> {
  if (await serverFetch(work.ctx.db, serverId)) await guestRefresh(work, serverId)
}

export const serverMendSaga = saga<{ serverId: string }>({
  name: 'server-mend',
  deadlineMs,
  untilDeadline: true,
  limit: (_ctx, { serverId }) => oneAtATime(serverId),
  steps: [
    {
      name: 'make the guest so',
      run: (work, { serverId }) => mend(work, serverId),
      async commit({ ctx }, { serverId }) {
        const server = await serverFetch(ctx.db, serverId)
        if (server) await serverEvent(ctx, server, { action: 'mend', result: 'success', message: 'the guest was made as the rows say' })
      },
    },
  ],
  async failed({ ctx }, { serverId }, reason) {
    const server = await serverFetch(ctx.db, serverId)
    if (server) await serverEvent(ctx, server, { action: 'mend', result: 'error', message: reason })
  },
})

/** In the caller's transaction. */
export const mendLater = (tx: Context, serverId: string) => tx.work.enqueue(tx, serverMendSaga, { serverId }, { resourceId: serverId })

/** What was begun can neither be done nor taken back: the server says why, and its guest is made as its rows say when the host can. */
export async function settleGivenUp(work: WorkContext, serverId: string, failure: Failure): Promise<void> {
  await settleFailed(work, serverId, failure)
  await mendLater(work.ctx, serverId)
}
