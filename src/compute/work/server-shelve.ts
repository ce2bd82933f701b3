// Takes a server off its host and keeps its root disk as an image. What follows "kept" has no way back: the image is
// the server then.
import { imageRemove } from '../../image/index.ts'
import { portsUnbind } from '../../network/index.ts'
import { allocationsRelease } from '../../placement/index.ts'
import type { Context } from '../../platform/context.ts'
import { saga, type Step, type WorkContext } from '../../platform/work/definition.ts'
import { attachmentRemove, attachmentReserve } from '../../volume/index.ts'
import { power } from '../server-states.ts'
import { deviceChange, devicesOf, portsOf, type ServerDeviceRow } from '../store/server-parts.ts'
import { serverChange } from '../store/servers.ts'
import { guestApply, oneAtATime } from './guest-apply.ts'
import { settle, settleFailed } from './server-settle.ts'
import { uploadRootDisk } from './server-image.ts'

interface ShelveData {
  serverId: string
  imageId: string | null
  vmState: string
  host: string
}

const hour = 3_600_000

/** The guest and its disks leave the host; volumes stay the server's own, not connected. */
async function offHost(work: WorkContext, { serverId, host }: { serverId: string; host: string }): Promise<void> {
  await work.ctx.hosts.get(host).guests.remove(serverId, work.call)
  for (const device of await devicesOf(work.ctx.db, serverId)) {
    if (device.attachment_id !== null) await attachmentRemove(work, device.attachment_id)
  }
}

/** The volume stays reserved for its server, connected to no host. */
export async function holdVolume(tx: Context, device: ServerDeviceRow): Promise<void> {
  if (device.attachment_id !== null && device.volume_id !== null) {
    await attachmentReserve(tx, { volumeId: device.volume_id, serverId: device.server_id, attachmentId: device.attachment_id, mountpoint: device.device })
  }
  await deviceChange(tx.db, device.id, { connection: null })
}

/** The rows of a server without a host: its place is given back, its ports are bound nowhere. */
async function offloaded(work: WorkContext, serverId: string, action: string): Promise<void> {
  const { ctx } = work
  for (const device of await devicesOf(ctx.db, serverId)) await holdVolume(ctx, device)
  const ports = (await portsOf(ctx.db, serverId)).map((row) => row.port_id)
  if (ports.length > 0) await portsUnbind(ctx, { ids: ports, keepDevice: true })
  await allocationsRelease(ctx, serverId)
  await settle(work, serverId, { action, change: { vm_state: 'shelved_offloaded', power_state: power.shutdown, host: null, node: null } })
}

const keep: Step<ShelveData>[] = [
  {
    name: 'stop',
    run: async (work, { serverId }) => void (await guestApply(work, serverId, 'stopped')),
    async undo(work, { serverId, vmState, imageId }) {
      // the image's record was made with the request
      if (imageId !== null) await imageRemove(work.ctx, imageId)
      await guestApply(work, serverId, vmState === 'stopped' || vmState === 'paused' || vmState === 'suspended' ? vmState : 'running')
    },
  },
  {
    name: 'image',
    applies: ({ imageId }) => imageId !== null,
    run: (work, { serverId, imageId }) => uploadRootDisk(work, { serverId, imageId: imageId ?? '', empty: false }),
  },
]

export const serverShelveSaga = saga<ShelveData>({
  name: 'server-shelve',
  deadlineMs: 2 * hour,
  limit: (_ctx, { serverId }) => oneAtATime(serverId),
  steps: [
    ...keep,
    {
      name: 'kept',
      commit: async ({ ctx }, { serverId, imageId }) =>
        void (await serverChange(ctx.db, serverId, { vm_state: 'shelved', task_state: 'shelving_offloading', power_state: power.shutdown, pending_image_id: null, shelved_image_id: imageId })),
      undoCommit: async ({ ctx }, { serverId }) => void (await serverChange(ctx.db, serverId, { shelved_image_id: null })),
    },
    { name: 'off the host', run: offHost, commit: (work, { serverId }) => offloaded(work, serverId, 'shelve') },
  ],
  failed: (work, { serverId, vmState }, reason) => settleFailed(work, serverId, { action: 'shelve', reason, change: { vm_state: vmState, pending_image_id: null } }),
})

export const serverOffloadSaga = saga<{ serverId: string; host: string }>({
  name: 'server-shelve-offload',
  deadlineMs: hour,
  limit: (_ctx, { serverId }) => oneAtATime(serverId),
  steps: [{ name: 'off the host', run: offHost, commit: (work, { serverId }) => offloaded(work, serverId, 'shelveOffload') }],
  failed: (work, { serverId }, reason) => settleFailed(work, serverId, { action: 'shelveOffload', reason }),
})
