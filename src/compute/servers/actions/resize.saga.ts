// Gives a guest another flavor, and back: stopped, its rows changed, made as they say. Until it is confirmed the old
// flavor's allocation belongs to the migration.
import { HostError } from '../../../contract/call.ts'
import { allocationsRelease, allocationsTransfer } from '../../../placement/index.ts'
import { isoMillis } from '../../../platform/clock.ts'
import type { Context } from '../../../platform/context.ts'
import type { WorkContext } from '../../../platform/work/definition.ts'
import { power } from '../states.ts'
import { migrationUpdate } from '../../server-migrations/store.ts'
import {
  nextGeneration,
  serverChange,
  type ServerChange,
  flavorBefore,
  type Before,
  type ServerFlavor,
  type ServerRow,
} from '../store/servers.ts'
import { guestApply, toPower } from '../guest/steps/apply.ts'
import { mendLater } from '../guest/mend.saga.ts'
import { serverSaga } from '../guest/steps/server-saga.ts'

interface Reverted {
  serverId: string
  before: Before
}

interface ResizeData extends Reverted {
  flavor: ServerFlavor
}

const minute = 60_000
const powerBefore = ({ before }: Reverted) => (before.vmState === 'stopped' ? 'stopped' : 'running')
const powerNumber = (before: Before) => (before.vmState === 'stopped' ? power.shutdown : power.running)

function setFlavor(ctx: Context, serverId: string, flavor: ServerFlavor, more: Partial<ServerRow> = {}): Promise<boolean> {
  const change = { flavor: flavor, flavor_id: flavor.id, vcpus: flavor.vcpus, ram_mib: flavor.ramMib, ...more }
  return serverChange(ctx.db, serverId, { ...change, ...nextGeneration })
}

/** A disk that is too small for its image is refused before anything is changed: the guest is as stopped as it was. */
async function stopUnlessRefused(work: WorkContext, serverId: string): Promise<void> {
  try {
    await guestApply(work, serverId, 'stopped')
  } catch (error) {
    if (!(error instanceof HostError && error.code === 'bad_image')) throw error
  }
}

export const serverResizeSaga = serverSaga<ResizeData>({
  name: 'server-resize',
  action: 'resize',
  deadlineMs: 20 * minute,
  steps: [
    {
      name: 'stop',
      run: toPower('stopped'),
      undo: toPower(powerBefore),
    },
    {
      name: 'flavor',
      commit: async ({ ctx }, { serverId, flavor }) => void (await setFlavor(ctx, serverId, flavor, { task_state: 'resize_finish' })),
      undoCommit: async ({ ctx }, { serverId, before }) => void (await setFlavor(ctx, serverId, flavorBefore(before))),
    },
    {
      name: 'start',
      run: toPower(powerBefore),
      undo: (work, { serverId }) => stopUnlessRefused(work, serverId),
    },
  ],
  async done({ ctx }, { before }) {
    const now = isoMillis(ctx.clock.nowMs())
    await migrationUpdate(ctx.db, before.migrationId, { status: 'finished', updated_at: now })
    return { vm_state: 'resized', power_state: powerNumber(before), launched_at: now }
  },
  failed: revertRows,
  abandoned: revertAll,
})

/** The guest may have either flavor: the rows say the old one, and it is made so. */
async function revertAll(work: WorkContext, data: Reverted): Promise<ServerChange> {
  await setFlavor(work.ctx, data.serverId, flavorBefore(data.before))
  await mendLater(work.ctx, data.serverId)
  return revertRows(work, data)
}

async function revertRows({ ctx }: WorkContext, { serverId, before }: Reverted): Promise<ServerChange> {
  await allocationRestore(ctx, serverId, before.migrationId)
  await migrationUpdate(ctx.db, before.migrationId, { status: 'error', updated_at: isoMillis(ctx.clock.nowMs()) })
  return { vm_state: before.vmState, before: null }
}

/** The server holds its old allocation again, and only that. */
async function allocationRestore(ctx: Context, serverId: string, migrationId: string): Promise<void> {
  await allocationsRelease(ctx, serverId)
  await allocationsTransfer(ctx, migrationId, serverId)
}

export const serverRevertSaga = serverSaga<Reverted>({
  name: 'server-revert-resize',
  action: 'revertResize',
  deadlineMs: 20 * minute,
  steps: [
    { name: 'stop', run: toPower('stopped') },
    { name: 'flavor', commit: async ({ ctx }, { serverId, before }) => void (await setFlavor(ctx, serverId, flavorBefore(before))) },
    { name: 'start', run: toPower(powerBefore) },
  ],
  async done({ ctx }, { serverId, before }) {
    const now = isoMillis(ctx.clock.nowMs())
    await allocationRestore(ctx, serverId, before.migrationId)
    await migrationUpdate(ctx.db, before.migrationId, { status: 'reverted', updated_at: now })
    return { vm_state: before.vmState, power_state: powerNumber(before), before: null, launched_at: now }
  },
  // the way back is not undone: its move is over, and nothing is held for it any more
  failed: async (work, data) => ({ ...(await revertAll(work, data)), vm_state: 'error' }),
})
