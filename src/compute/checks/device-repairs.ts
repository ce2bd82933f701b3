// How fsck mends what hangs on servers: by the sagas that take volumes and ports out, or by dropping a device
// whose volume is gone.
import { portsUnbind, type AttachedPort } from '../../network/index.ts'
import type { Repair } from '../../platform/fsck/check.ts'
import { attachmentDetach, refuseHeld } from '../../volume/index.ts'
import { deviceChange, deviceDelete, type ServerDeviceRow } from '../servers/store/parts.ts'
import { nextGeneration, serverChange, serverFetch } from '../servers/store/servers.ts'
import { serverDetachInterfaceSaga } from '../servers/attachments/interface.saga.ts'
import { mendLater } from '../servers/guest/mend.saga.ts'
import { serverDetachVolumeSaga } from '../servers/attachments/volume.saga.ts'

/** The row goes, and the volume out of the guest if there is one. */
export const deviceDropRepair = ({ id, server_id: serverId }: ServerDeviceRow): Repair => ({
  words: 'forget the device, and take it out of the guest',
  async run({ ctx }) {
    await ctx.transaction(async (tx) => {
      await deviceDelete(tx.db, id)
      const server = await serverFetch(tx.db, serverId)
      if (!server || server.host === null) return
      await serverChange(tx.db, serverId, nextGeneration)
      await mendLater(tx, serverId)
    })
  },
})

export const deviceTakeOutRepair = ({ id, server_id: serverId, attachment_id: attachmentId }: ServerDeviceRow): Repair => ({
  words: 'detach the volume',
  async run({ ctx }) {
    await ctx.transaction(async (tx) => {
      const server = await serverFetch(tx.db, serverId)
      if (!server) return
      await deviceChange(tx.db, id, { state: 'detaching' })
      await serverChange(tx.db, serverId, nextGeneration)
      await tx.work.enqueue(
        tx,
        serverDetachVolumeSaga,
        { serverId, deviceId: id, attachmentId: attachmentId ?? '', hasGuest: server.host !== null },
        { resourceId: serverId },
      )
    })
  },
})

/** Only when no guest anywhere has the volume: else it would get a second writer. */
export const attachmentRemoveRepair = (attachmentId: string, volumeId: string): Repair => ({
  words: 'remove the attachment',
  async run(work) {
    await refuseHeld(work.ctx, volumeId)
    await attachmentDetach(work, attachmentId)
  },
})

export const portLooseRepair = (portId: string): Repair => ({
  words: 'let the port loose',
  run: ({ ctx }) => ctx.transaction((tx) => portsUnbind(tx, { ids: [portId] })),
})

export const portTakeOutRepair = ({ portId, serverId }: AttachedPort): Repair => ({
  words: 'take the port out',
  async run({ ctx }) {
    await ctx.transaction(async (tx) => {
      await serverChange(tx.db, serverId, nextGeneration)
      await tx.work.enqueue(tx, serverDetachInterfaceSaga, { serverId, portId }, { resourceId: serverId })
    })
  },
})
