// Makes a server's guest as its rows say, and nothing else: when a port of it was deleted, or fsck finds that the two differ.
import { NotYet, saga, type WorkContext } from '../../platform/work/definition.ts'
import { powerOfState } from '../server-states.ts'
import { serverEvent } from '../servers.ts'
import { serverFetch } from '../store/servers.ts'
import { guestApply, hostOf, oneAtATime } from './guest-apply.ts'
import { guestRefresh } from './server-volume.ts'

/** longer than a build may take */
const deadlineMs = 3_600_000
const waitMs = 5_000

async function mend(work: WorkContext, serverId: string): Promise<void> {
  const server = await serverFetch(work.ctx.db, serverId)
  if (!server || server.host === null) return
  // the build's own call must not find itself overtaken
  if (server.vm_state === 'building' || server.vm_state === 'shelved_offloaded') throw new NotYet('the server is being built', waitMs)
  if (powerOfState(server.vm_state) !== null) return guestRefresh(work, serverId)
  // nobody says what the guest of a broken server should do: it goes on with it
  const { power } = await hostOf(work.ctx, server).guests.observe(serverId)
  if (power !== 'absent') await guestApply(work, serverId, power === 'crashed' ? 'stopped' : power)
}

export const serverMendSaga = saga<{ serverId: string }>({
  name: 'server-mend',
  deadlineMs,
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
