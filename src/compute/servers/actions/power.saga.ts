// Changes of a guest's power: one host call each, told apart by data. What fails leaves the state as it was; the
// observer then looks at what the guest really does, and what no guest does by itself is mended.
import type { GuestPower } from '../../../contract/guests.ts'
import { saga } from '../../../platform/work/definition.ts'
import { guestSpec } from '../guest/spec.ts'
import { power, serverActions, type VmState } from '../states.ts'
import { guestApply, hostOf, oneAtATime, serverOfWork } from '../guest/steps/apply.ts'
import { mendLater } from '../guest/mend.saga.ts'
import { observer } from '../guest/observer.ts'
import { settle, settleFailed } from '../guest/steps/settle.ts'

export type PowerAction = 'start' | 'stop' | 'pause' | 'unpause' | 'suspend' | 'resume'

const targets: Record<PowerAction, { power: GuestPower; number: number; to: VmState }> = {
  start: { power: 'running', number: power.running, to: 'active' },
  stop: { power: 'stopped', number: power.shutdown, to: 'stopped' },
  pause: { power: 'paused', number: power.paused, to: 'paused' },
  unpause: { power: 'running', number: power.running, to: 'active' },
  suspend: { power: 'suspended', number: power.shutdown, to: 'suspended' },
  resume: { power: 'running', number: power.running, to: 'active' },
}

const minute = 60_000

export const serverPowerSaga = saga<{ serverId: string; action: PowerAction }>({
  name: 'server-power',
  deadlineMs: 10 * minute,
  limit: (_ctx, { serverId }) => oneAtATime(serverId),
  steps: [
    {
      name: 'power',
      run: async (work, { serverId, action }) => void (await guestApply(work, serverId, targets[action].power)),
      async commit(work, { serverId, action }) {
        const target = targets[action]
        await settle(work, serverId, { action: serverActions[action].event, change: { vm_state: target.to, power_state: target.number } })
      },
    },
  ],
  async failed(work, { serverId, action }, reason) {
    await settleFailed(work, serverId, { action: serverActions[action].event, reason })
    await work.ctx.work.signal(work.ctx, observer)
    // a guest that was started or stopped all the same takes its server along; one that paused, slept or went on is put back
    if (action !== 'start' && action !== 'stop') await mendLater(work.ctx, serverId)
  },
})

export const serverRebootSaga = saga<{ serverId: string; kind: 'soft' | 'hard' }>({
  name: 'server-reboot',
  deadlineMs: 10 * minute,
  limit: (_ctx, { serverId }) => oneAtATime(serverId),
  steps: [
    {
      name: 'reboot',
      async run(work, { serverId, kind }) {
        const server = await serverOfWork(work.ctx, serverId)
        await hostOf(work.ctx, server).guests.reboot(await guestSpec(work.ctx, server, 'running'), kind, work.call)
      },
      commit: (work, { serverId }) =>
        settle(work, serverId, { action: 'reboot', change: { vm_state: 'active', power_state: power.running } }),
    },
  ],
  async failed(work, { serverId }, reason) {
    await settleFailed(work, serverId, { action: 'reboot', reason })
    await work.ctx.work.signal(work.ctx, observer)
  },
})

export const serverCrashDumpSaga = saga<{ serverId: string }>({
  name: 'server-crash-dump',
  deadlineMs: 5 * minute,
  limit: (_ctx, { serverId }) => oneAtATime(serverId),
  steps: [
    {
      name: 'nmi',
      async run(work, { serverId }) {
        await hostOf(work.ctx, await serverOfWork(work.ctx, serverId)).guests.injectNmi(serverId, work.call)
      },
      commit: (work, { serverId }) => settle(work, serverId, { action: 'trigger_crash_dump' }),
    },
  ],
  failed: (work, { serverId }, reason) => settleFailed(work, serverId, { action: 'trigger_crash_dump', reason }),
})
