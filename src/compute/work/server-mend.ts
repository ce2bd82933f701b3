// Makes a server's guest as its rows say, and nothing else: when a port of it was deleted, or fsck finds that the two differ.
import { saga, type WorkContext } from '../../platform/work/definition.ts'
import { serverEvent } from '../servers.ts'
import { serverFetch } from '../store/servers.ts'
import { oneAtATime } from './guest-apply.ts'
import { guestRefresh } from './guest-refresh.ts'

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
