// Makes a server's root disk anew: the rows already say which; the guest is stopped, made as they say, and started
// again if it ran. There is no way back to the old disk, so what fails leaves ERROR.
import { isoMillis } from '../../platform/clock.ts'
import { saga } from '../../platform/work/definition.ts'
import { power } from '../server-states.ts'
import { guestApply, oneAtATime } from './guest-apply.ts'
import { settle, settleFailed } from './server-settle.ts'

const minute = 60_000

export const serverRebuildSaga = saga<{ serverId: string; stopped: boolean }>({
  name: 'server-rebuild',
  deadlineMs: 30 * minute,
  limit: (_ctx, { serverId }) => oneAtATime(serverId),
  steps: [
    { name: 'stop and make anew', run: async (work, { serverId }) => void (await guestApply(work, serverId, 'stopped')) },
    {
      name: 'start',
      async run(work, { serverId, stopped }) {
        if (!stopped) await guestApply(work, serverId, 'running')
      },
      commit: (work, { serverId, stopped }) =>
        settle(work, serverId, {
          action: 'rebuild',
          change: { vm_state: stopped ? 'stopped' : 'active', power_state: stopped ? power.shutdown : power.running, launched_at: isoMillis(work.ctx.clock.nowMs()), fault: null },
        }),
    },
  ],
  failed: (work, { serverId }, reason) => settleFailed(work, serverId, { action: 'rebuild', reason, change: { vm_state: 'error' } }),
})
