// Gives a guest another flavor, and back: stopped, its rows changed, made as they say. Until it is confirmed the old
// flavor's allocation belongs to the migration.
import { HostError } from '../../../contract/call.ts'
import { allocationsRelease, allocationsTransfer } from '../../../placement/index.ts'
import { isoMillis } from '../../../platform/clock.ts'
import type { Context } from '../../../platform/context.ts'
import { saga, type WorkContext } from '../../../platform/work/definition.ts'
import { power } from '../states.ts'
import type { Before } from './resize.ts'
import { migrationUpdate } from '../../server-migrations/store.ts'
import { nextGeneration, serverChange, type ServerFlavor, type ServerRow } from '../store/servers.ts'
import { guestApply, oneAtATime } from '../guest/steps/apply.ts'
import { mendLater } from '../guest/mend.saga.ts'
import { settle, settleFailed } from '../guest/steps/settle.ts'

interface ResizeData {
  serverId: string
  flavor: ServerFlavor
  before: Before
}

const minute = 60_000
const powerBefore = (before: Before) => (before.vmState === 'stopped' ? 'stopped' : 'running')
const powerNumber = (before: Before) => (before.vmState === 'stopped' ? power.shutdown : power.running)

function setFlavor(ctx: Context, serverId: string, flavor: ServerFlavor, more: Partial<ServerRow> = {}): Promise<boolean> {
  const change = { flavor: JSON.stringify(flavor), flavor_id: flavor.id, vcpus: flavor.vcpus, ram_mib: flavor.ramMib, ...more }
  return serverChange(ctx.db, serverId, { ...change, ...nextGeneration })
}

/** A disk that is too small for its image is refused before anything is changed: the guest is as stopped as it was. */
async function stoppedUnlessRefused(work: WorkContext, serverId: string): Promise<void> {
  try {
    await guestApply(work, serverId, 'stopped')
  } catch (error) {
    if (!(error instanceof HostError && error.code === 'bad_image')) throw error
  }
}

const oldFlavor = (before: Before) => JSON.parse(before.flavor) as ServerFlavor

export const serverResizeSaga = saga<ResizeData>({
  name: 'server-resize',
  deadlineMs: 20 * minute,
  limit: (_ctx, { serverId }) => oneAtATime(serverId),
  steps: [
    {
      name: 'stop',
      run: async (work, { serverId }) => void (await guestApply(work, serverId, 'stopped')),
      undo: async (work, { serverId, before }) => void (await guestApply(work, serverId, powerBefore(before))),
    },
    {
      name: 'flavor',
      commit: async ({ ctx }, { serverId, flavor }) => void (await setFlavor(ctx, serverId, flavor, { task_state: 'resize_finish' })),
      undoCommit: async ({ ctx }, { serverId, before }) => void (await setFlavor(ctx, serverId, oldFlavor(before))),
    },
    {
      name: 'start',
      run: async (work, { serverId, before }) => void (await guestApply(work, serverId, powerBefore(before))),
      undo: (work, { serverId }) => stoppedUnlessRefused(work, serverId),
      async commit(work, { serverId, before }) {
        const now = isoMillis(work.ctx.clock.nowMs())
        await migrationUpdate(work.ctx.db, before.migrationId, { status: 'finished', updated_at: now })
        await settle(work, serverId, {
          action: 'resize',
          change: { vm_state: 'resized', power_state: powerNumber(before), launched_at: now },
        })
      },
    },
  ],
  failed: notResized,
  async givenUp(work, data, reason) {
    await setFlavor(work.ctx, data.serverId, oldFlavor(data.before))
    await notResized(work, data, reason)
    await mendLater(work.ctx, data.serverId)
  },
})

async function notResized(work: WorkContext, { serverId, before }: ResizeData, reason: string): Promise<void> {
  await giveBack(work.ctx, serverId, before.migrationId)
  await migrationUpdate(work.ctx.db, before.migrationId, { status: 'error', updated_at: isoMillis(work.ctx.clock.nowMs()) })
  await settleFailed(work, serverId, { action: 'resize', reason, change: { vm_state: before.vmState, before: null } })
}

/** The server holds its old allocation again, and only that. */
async function giveBack(ctx: Context, serverId: string, migrationId: string): Promise<void> {
  await allocationsRelease(ctx, serverId)
  await allocationsTransfer(ctx, migrationId, serverId)
}

export const serverRevertSaga = saga<{ serverId: string; before: Before }>({
  name: 'server-revert-resize',
  deadlineMs: 20 * minute,
  limit: (_ctx, { serverId }) => oneAtATime(serverId),
  steps: [
    { name: 'stop', run: async (work, { serverId }) => void (await guestApply(work, serverId, 'stopped')) },
    { name: 'flavor', commit: async ({ ctx }, { serverId, before }) => void (await setFlavor(ctx, serverId, oldFlavor(before))) },
    {
      name: 'start',
      run: async (work, { serverId, before }) => void (await guestApply(work, serverId, powerBefore(before))),
      async commit(work, { serverId, before }) {
        const now = isoMillis(work.ctx.clock.nowMs())
        await giveBack(work.ctx, serverId, before.migrationId)
        await migrationUpdate(work.ctx.db, before.migrationId, { status: 'reverted', updated_at: now })
        await settle(work, serverId, {
          action: 'revertResize',
          change: { vm_state: before.vmState, power_state: powerNumber(before), before: null, launched_at: now },
        })
      },
    },
  ],
  failed: (work, { serverId }, reason) => settleFailed(work, serverId, { action: 'revertResize', reason, change: { vm_state: 'error' } }),
})
