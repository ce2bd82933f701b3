// Changes of a guest's power: one host call each, told apart by data. What fails leaves the state as it was; the
// observer then looks at what the guest really does, and what no guest does by itself is mended.
import type { GuestPower } from '../../../contract/guests.ts'
import { guestSpec } from '../guest/spec.ts'
import { power, serverActions, type VmState } from '../states.ts'
import { hostOf, serverOfWork, toPower } from '../guest/steps/apply.ts'
import { mendLater } from '../guest/mend.saga.ts'
import { observer } from '../guest/observer.ts'
import { serverSaga } from '../guest/steps/server-saga.ts'

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

export const serverPowerSaga = serverSaga<{ serverId: string; action: PowerAction }>({
  name: 'server-power',
  action: ({ action }) => serverActions[action].event,
  deadlineMs: 10 * minute,
  steps: [{ name: 'power', run: toPower(({ action }) => targets[action].power) }],
  done: (_work, { action }) => ({ vm_state: targets[action].to, power_state: targets[action].number }),
  async failed({ ctx }, { serverId, action }) {
    await ctx.work.signal(ctx, observer)
    // a guest that was started or stopped all the same takes its server along; one that paused, slept or went on is put back
    if (action !== 'start' && action !== 'stop') await mendLater(ctx, serverId)
  },
})

export const serverRebootSaga = serverSaga<{ serverId: string; kind: 'soft' | 'hard' }>({
  name: 'server-reboot',
  action: 'reboot',
  deadlineMs: 10 * minute,
  steps: [
    {
      name: 'reboot',
      async run(work, { serverId, kind }) {
        const server = await serverOfWork(work.ctx, serverId)
        await hostOf(work.ctx, server).guests.reboot(await guestSpec(work.ctx, server, 'running'), kind, work.call)
      },
    },
  ],
  done: () => ({ vm_state: 'active', power_state: power.running }),
  failed: ({ ctx }) => ctx.work.signal(ctx, observer),
})

export const serverCrashDumpSaga = serverSaga<{ serverId: string }>({
  name: 'server-crash-dump',
  action: 'trigger_crash_dump',
  deadlineMs: 5 * minute,
  steps: [
    {
      name: 'nmi',
      async run(work, { serverId }) {
        await hostOf(work.ctx, await serverOfWork(work.ctx, serverId)).guests.injectNmi(serverId, work.call)
      },
    },
  ],
})
