// Boots a guest from a rescue image, and back. The rows say from what; the guest is stopped in between.
import { isoMillis } from '../../../platform/clock.ts'
import type { Step } from '../../../platform/work/definition.ts'
import { power } from '../states.ts'
import { nextGeneration, serverChange } from '../store/servers.ts'
import { toPower } from '../guest/steps/apply.ts'
import { mendLater } from '../guest/mend.saga.ts'
import { serverSaga } from '../guest/steps/server-saga.ts'

const minute = 60_000

/** A step by itself: with one fence for both, a message of it that came late would stop what was booted. */
const shutDown: Step<{ serverId: string }> = {
  name: 'shut down',
  run: toPower('stopped'),
}

export const serverRescueSaga = serverSaga<{ serverId: string; vmState: string }>({
  name: 'server-rescue',
  action: 'rescue',
  deadlineMs: 20 * minute,
  steps: [
    {
      name: 'own disk',
      // comes last on the way back: the guest is what it was before
      undo: toPower(({ vmState }) => (vmState === 'active' ? 'running' : 'stopped')),
    },
    {
      name: 'image',
      undoCommit: async ({ ctx }, { serverId }) =>
        void (await serverChange(ctx.db, serverId, { rescue_image_id: null, ...nextGeneration })),
    },
    shutDown,
    {
      name: 'boot',
      run: toPower('running'),
      undo: toPower('stopped'),
    },
  ],
  done: ({ ctx }) => ({ vm_state: 'rescued', power_state: power.running, launched_at: isoMillis(ctx.clock.nowMs()) }),
  failed: (_work, { vmState }) => ({ vm_state: vmState }),
  // its guest is made from its own disk again when the host can
  async abandoned({ ctx }, { serverId, vmState }) {
    await mendLater(ctx, serverId)
    return { vm_state: vmState, rescue_image_id: null, ...nextGeneration }
  },
})

export const serverUnrescueSaga = serverSaga<{ serverId: string; imageId: string | null }>({
  name: 'server-unrescue',
  action: 'unrescue',
  deadlineMs: 20 * minute,
  steps: [shutDown, { name: 'boot', run: toPower('running') }],
  done: () => ({ vm_state: 'active', power_state: power.running }),
  failed: () => ({ vm_state: 'error' }),
})
