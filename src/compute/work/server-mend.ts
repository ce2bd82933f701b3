// Makes a server's guest as its rows say, and nothing else: what fsck asks for when the two differ.
import { saga } from '../../platform/work/definition.ts'
import { serverEvent } from '../servers.ts'
import { serverFetch } from '../store/servers.ts'
import { oneAtATime } from './guest-apply.ts'
import { guestRefresh } from './server-volume.ts'

export const serverMendSaga = saga<{ serverId: string }>({
  name: 'server-mend',
  deadlineMs: 600_000,
  limit: (_ctx, { serverId }) => oneAtATime(serverId),
  steps: [
    {
      name: 'make the guest so',
      run: (work, { serverId }) => guestRefresh(work, serverId),
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
