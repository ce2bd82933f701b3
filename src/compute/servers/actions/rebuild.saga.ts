// Makes a server's root disk anew: the rows already say which; the guest is stopped, made as they say, and started
// again if it ran. A root volume is written over by the volume domain while the guest stands still. There is no way back to
// the old disk, so what fails leaves ERROR.
import { isoMillis } from '../../../platform/clock.ts'
import { volumeReimageCommit, volumeReimageFailed, volumeReimageRun, type AcceptedReimage } from '../../../volume/index.ts'
import { power } from '../states.ts'
import { guestApply, toPower } from '../guest/steps/apply.ts'
import { serverSaga } from '../guest/steps/server-saga.ts'

const minute = 60_000

interface RebuildData {
  serverId: string
  stopped: boolean
  /** the root volume to be written over, when it is one */
  reimage?: AcceptedReimage | null
}

export const serverRebuildSaga = serverSaga<RebuildData>({
  name: 'server-rebuild',
  action: 'rebuild',
  deadlineMs: 30 * minute,
  steps: [
    { name: 'stop and make anew', run: toPower('stopped') },
    {
      name: 'write the root volume',
      applies: ({ reimage }) => reimage !== undefined && reimage !== null,
      run: (work, { reimage }) => volumeReimageRun(work, reimage as AcceptedReimage),
      commit: ({ ctx }, { reimage }) => volumeReimageCommit(ctx, reimage as AcceptedReimage),
    },
    {
      name: 'start',
      async run(work, { serverId, stopped }) {
        if (!stopped) await guestApply(work, serverId, 'running')
      },
    },
  ],
  done: ({ ctx }, { stopped }) => ({
    vm_state: stopped ? 'stopped' : 'active',
    power_state: stopped ? power.shutdown : power.running,
    launched_at: isoMillis(ctx.clock.nowMs()),
    fault: null,
  }),
  async failed({ ctx }, { reimage }, reason) {
    if (reimage) await volumeReimageFailed(ctx, reimage, reason)
    return { vm_state: 'error' }
  },
})
