// Lets a server's guest see that a volume of its has grown. The size stands in the volume's row; nothing of the server
// changes, so whatever else is under way with it goes on, and there is nothing to take back.
import { saga } from '../../../platform/work/definition.ts'
import { serverEvent } from '../servers.ts'
import { serverFetch } from '../store/servers.ts'
import { oneAtATime } from '../guest/steps/apply.ts'
import { guestRefresh } from '../guest/steps/refresh.ts'

export const serverExtendVolumeSaga = saga<{ serverId: string; volumeId: string }>({
  name: 'server-extend-volume',
  deadlineMs: 600_000,
  limit: (_ctx, { serverId }) => oneAtATime(serverId),
  steps: [
    {
      name: 'tell the guest',
      run: (work, { serverId }) => guestRefresh(work, serverId),
      async commit({ ctx }, { serverId }) {
        const server = await serverFetch(ctx.db, serverId)
        if (server) await serverEvent(ctx, server, { action: 'extend_volume', result: 'success' })
      },
    },
  ],
  async failed({ ctx }, { serverId }, reason) {
    const server = await serverFetch(ctx.db, serverId)
    if (server) await serverEvent(ctx, server, { action: 'extend_volume', result: 'error', message: reason })
  },
})
