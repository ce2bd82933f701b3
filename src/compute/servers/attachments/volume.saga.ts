// Plugs a volume into a server's guest and takes it out again. The volume's own state stands in the volume domain;
// here is what the guest has.
import { attachmentComplete, attachmentConnect, attachmentRollDetaching, attachmentDetach } from '../../../volume/index.ts'
import { saga, type WorkContext } from '../../../platform/work/definition.ts'
import { deviceChange, deviceDelete } from '../store/parts.ts'
import { nextGeneration, serverChange } from '../store/servers.ts'
import { oneAtATime } from '../guest/steps/apply.ts'
import { guestRefresh } from '../guest/steps/refresh.ts'
import { settleGivenUp } from '../guest/mend.saga.ts'
import { settle, settleFailed, type Failure } from '../guest/steps/settle.ts'
import { connectAgain, isKept, volumesKept } from './steps/volume-kept.ts'

interface DeviceData {
  serverId: string
  deviceId: string
  attachmentId: string
}

const minute = 60_000

/** Not 'attaching' or 'detaching' for ever: the server has it. */
async function givenUp(work: WorkContext, { serverId }: DeviceData, failure: Failure): Promise<void> {
  await volumesKept(work.ctx, serverId)
  await settleGivenUp(work, serverId, failure)
}

export const serverAttachVolumeSaga = saga<DeviceData & { connection?: string }>({
  name: 'server-attach-volume',
  deadlineMs: 10 * minute,
  limit: (_ctx, { serverId }) => oneAtATime(serverId),
  steps: [
    {
      name: 'connect',
      run: async (work, { attachmentId }) => ({ connection: JSON.stringify(await attachmentConnect(work, attachmentId)) }),
      async commit({ ctx }, { serverId, deviceId, connection }) {
        await deviceChange(ctx.db, deviceId, { connection: connection ?? null })
        await serverChange(ctx.db, serverId, nextGeneration)
      },
      undo: (work, { attachmentId }) => attachmentDetach(work, attachmentId),
      undoCommit: async ({ ctx }, { deviceId }) => void (await deviceDelete(ctx.db, deviceId)),
    },
    {
      name: 'plug',
      run: (work, { serverId }) => guestRefresh(work, serverId),
      async commit(work, { serverId, deviceId, attachmentId }) {
        await attachmentComplete(work.ctx, attachmentId)
        await deviceChange(work.ctx.db, deviceId, { state: 'attached' })
        await settle(work, serverId, { action: 'attach_volume' })
      },
      // the guest must let go before the host takes the volume back
      async undo(work, { serverId, deviceId }) {
        await work.ctx.transaction(async (tx) => {
          await deviceChange(tx.db, deviceId, { state: 'detaching' })
          await serverChange(tx.db, serverId, nextGeneration)
        })
        await guestRefresh(work, serverId)
      },
    },
  ],
  failed: (work, { serverId }, reason) => settleFailed(work, serverId, { action: 'attach_volume', reason }),
  givenUp: (work, data, reason) => givenUp(work, data, { action: 'attach_volume', reason }),
})

export const serverDetachVolumeSaga = saga<DeviceData & { hasGuest: boolean }>({
  name: 'server-detach-volume',
  deadlineMs: 10 * minute,
  limit: (_ctx, { serverId }) => oneAtATime(serverId),
  steps: [
    {
      name: 'unplug',
      run: async (work, { serverId, hasGuest }) => void (hasGuest && (await guestRefresh(work, serverId))),
      // the guest would not let go, or the volume could not be taken back: the server keeps it
      async undo(work, data) {
        if (!(await isKept(work.ctx, data))) return
        await connectAgain(work, data)
        await guestRefresh(work, data.serverId)
      },
      async undoCommit({ ctx }, data) {
        if (await isKept(ctx, data)) await attachmentRollDetaching(ctx, data.attachmentId)
        else await deviceDelete(ctx.db, data.deviceId)
      },
    },
    {
      name: 'disconnect',
      run: (work, { attachmentId }) => attachmentDetach(work, attachmentId),
      async commit(work, { serverId, deviceId }) {
        await deviceDelete(work.ctx.db, deviceId)
        await settle(work, serverId, { action: 'detach_volume' })
      },
    },
  ],
  failed: (work, { serverId }, reason) => settleFailed(work, serverId, { action: 'detach_volume', reason }),
  givenUp: (work, data, reason) => givenUp(work, data, { action: 'detach_volume', reason }),
})
