// Boots a guest from a rescue image, and back. The rows say from what; the guest is stopped in between.
import { isoMillis } from '../../../platform/clock.ts'
import { saga, type Step } from '../../../platform/work/definition.ts'
import { power } from '../states.ts'
import { nextGeneration, serverChange } from '../store/servers.ts'
import { guestApply, oneAtATime } from '../guest/steps/apply.ts'
import { settleGivenUp } from '../guest/mend.saga.ts'
import { settle, settleFailed } from '../guest/steps/settle.ts'

const minute = 60_000

/** A step by itself: with one fence for both, a message of it that came late would stop what was booted. */
const shutDown: Step<{ serverId: string }> = {
  name: 'shut down',
  run: async (work, { serverId }) => void (await guestApply(work, serverId, 'stopped')),
}

export const serverRescueSaga = saga<{ serverId: string; vmState: string }>({
  name: 'server-rescue',
  deadlineMs: 20 * minute,
  limit: (_ctx, { serverId }) => oneAtATime(serverId),
  steps: [
    {
      name: 'own disk',
      // comes last on the way back: the guest is what it was before
      undo: async (work, { serverId, vmState }) => void (await guestApply(work, serverId, vmState === 'active' ? 'running' : 'stopped')),
    },
    {
      name: 'image',
      undoCommit: async ({ ctx }, { serverId }) =>
        void (await serverChange(ctx.db, serverId, { rescue_image_id: null, ...nextGeneration })),
    },
    shutDown,
    {
      name: 'boot',
      run: async (work, { serverId }) => void (await guestApply(work, serverId, 'running')),
      undo: async (work, { serverId }) => void (await guestApply(work, serverId, 'stopped')),
      commit: (work, { serverId }) =>
        settle(work, serverId, {
          action: 'rescue',
          change: { vm_state: 'rescued', power_state: power.running, launched_at: isoMillis(work.ctx.clock.nowMs()) },
        }),
    },
  ],
  failed: (work, { serverId, vmState }, reason) =>
    settleFailed(work, serverId, { action: 'rescue', reason, change: { vm_state: vmState } }),
  // its guest is made from its own disk again when the host can
  givenUp: (work, { serverId, vmState }, reason) =>
    settleGivenUp(work, serverId, { action: 'rescue', reason, change: { vm_state: vmState, rescue_image_id: null, ...nextGeneration } }),
})

export const serverUnrescueSaga = saga<{ serverId: string; imageId: string | null }>({
  name: 'server-unrescue',
  deadlineMs: 20 * minute,
  limit: (_ctx, { serverId }) => oneAtATime(serverId),
  steps: [
    shutDown,
    {
      name: 'boot',
      run: async (work, { serverId }) => void (await guestApply(work, serverId, 'running')),
      commit: (work, { serverId }) =>
        settle(work, serverId, { action: 'unrescue', change: { vm_state: 'active', power_state: power.running } }),
    },
  ],
  failed: (work, { serverId }, reason) => settleFailed(work, serverId, { action: 'unrescue', reason, change: { vm_state: 'error' } }),
})
