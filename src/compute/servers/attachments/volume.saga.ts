// Plugs a volume into a server's guest and takes it out again. The volume's own state stands in the volume domain;
// here is what the guest has.
import { attachmentComplete, attachmentConnect, attachmentRollDetaching, attachmentDetach } from '../../../volume/index.ts'
import type { VolumeConnection } from '../../../contract/volumes.ts'
import type { WorkContext } from '../../../platform/work/definition.ts'
import { deviceChange, deviceDelete } from '../store/parts.ts'
import { nextGeneration, serverChange } from '../store/servers.ts'
import { guestRefresh } from '../guest/steps/refresh.ts'
import { mendLater } from '../guest/mend.saga.ts'
import { serverSaga } from '../guest/steps/server-saga.ts'
import { volumeReconnect, isKept, volumesKeep } from './steps/volume-kept.ts'

interface DeviceData {
  serverId: string
  deviceId: string
  attachmentId: string
}

const minute = 60_000

/** Not 'attaching' or 'detaching' for ever: the server has it. */
async function abandoned({ ctx }: WorkContext, { serverId }: DeviceData): Promise<void> {
  await volumesKeep(ctx, serverId)
  await mendLater(ctx, serverId)
}

export const serverAttachVolumeSaga = serverSaga<DeviceData & { connection?: VolumeConnection }>({
  name: 'server-attach-volume',
  action: 'attach_volume',
  deadlineMs: 10 * minute,
  steps: [
    {
      name: 'connect',
      run: async (work, { attachmentId }) => ({ connection: await attachmentConnect(work, attachmentId) }),
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
      async commit({ ctx }, { deviceId, attachmentId }) {
        await attachmentComplete(ctx, attachmentId)
        await deviceChange(ctx.db, deviceId, { state: 'attached' })
      },
      // the guest must release the volume before the host disconnects it
      async undo(work, { serverId, deviceId }) {
        await work.ctx.transaction(async (tx) => {
          await deviceChange(tx.db, deviceId, { state: 'detaching' })
          await serverChange(tx.db, serverId, nextGeneration)
        })
        await guestRefresh(work, serverId)
      },
    },
  ],
  abandoned,
})

export const serverDetachVolumeSaga = serverSaga<DeviceData & { hasGuest: boolean }>({
  name: 'server-detach-volume',
  action: 'detach_volume',
  deadlineMs: 10 * minute,
  steps: [
    {
      name: 'unplug',
      run: async (work, { serverId, hasGuest }) => void (hasGuest && (await guestRefresh(work, serverId))),
      // the guest did not release it, or the host could not disconnect it: the server keeps it
      async undo(work, data) {
        if (!(await isKept(work.ctx, data))) return
        await volumeReconnect(work, data)
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
      commit: async ({ ctx }, { deviceId }) => void (await deviceDelete(ctx.db, deviceId)),
    },
  ],
  abandoned,
})
