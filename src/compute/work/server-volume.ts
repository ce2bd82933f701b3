// Plugs a volume into a server's guest and takes it out again. The volume's own state stands in the volume domain;
// here is what the guest has.
import { attachmentComplete, attachmentConnect, attachmentDetachRoll, attachmentRemove } from '../../volume/index.ts'
import { saga } from '../../platform/work/definition.ts'
import { deviceChange, deviceDelete } from '../store/server-parts.ts'
import { nextGeneration, serverChange } from '../store/servers.ts'
import { oneAtATime } from './guest-apply.ts'
import { guestRefresh } from './guest-refresh.ts'
import { settle, settleFailed } from './server-settle.ts'
import { connectAgain, isKept, settleDevice } from './server-volume-kept.ts'

interface DeviceData {
  serverId: string
  deviceId: string
  attachmentId: string
}

const minute = 60_000

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
      undo: (work, { attachmentId }) => attachmentRemove(work, attachmentId),
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
  // what could not be taken back stays with the server, and is not 'attaching' for ever
  async failed(work, data, reason) {
    if (await settleDevice(work.ctx, data)) await attachmentComplete(work.ctx, data.attachmentId)
    await settleFailed(work, data.serverId, { action: 'attach_volume', reason })
  },
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
    },
    {
      name: 'disconnect',
      run: (work, { attachmentId }) => attachmentRemove(work, attachmentId),
      async commit(work, { serverId, deviceId }) {
        await deviceDelete(work.ctx.db, deviceId)
        await settle(work, serverId, { action: 'detach_volume' })
      },
    },
  ],
  async failed(work, data, reason) {
    if (await settleDevice(work.ctx, data)) await attachmentDetachRoll(work.ctx, data.attachmentId)
    await settleFailed(work, data.serverId, { action: 'detach_volume', reason })
  },
})
