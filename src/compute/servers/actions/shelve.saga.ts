// Takes a server off its host and keeps its root disk as an image: two sagas. The first can be taken back until the image is
// there; the second has no way back, since the image is the server then.
import type { GuestPower, GuestReport } from '../../../contract/guests.ts'
import { imageRemove } from '../../../image/index.ts'
import { portsUnbind } from '../../../network/index.ts'
import { allocationsRelease } from '../../../placement/index.ts'
import type { Context } from '../../../platform/context.ts'
import { saga, type WorkContext } from '../../../platform/work/definition.ts'
import { attachmentDisconnect } from '../../../volume/index.ts'
import { power } from '../states.ts'
import { deviceChange, devicesOf, portsOf } from '../store/parts.ts'
import { serverChange } from '../store/servers.ts'
import { guestApply, hasEnded, hostOf, oneAtATime, serverOfWork } from '../guest/steps/apply.ts'
import { observer } from '../guest/observer.ts'
import { settle, settleFailed } from '../guest/steps/settle.ts'
import { uploadRootDisk } from './image.saga.ts'

interface OffloadData {
  serverId: string
  host: string
  /** that it is the end of, in the timeline */
  action: 'shelve' | 'shelveOffload'
}

interface ShelveData {
  serverId: string
  imageId: string | null
  vmState: string
  host: string
}

const hour = 3_600_000

/** The guest and its disks leave the host; volumes stay the server's own, connected to no host. */
async function offHost(work: WorkContext, { serverId, host }: OffloadData): Promise<void> {
  await work.ctx.hosts.get(host).guests.remove(serverId, work.call)
  await volumesDisconnect(work, serverId)
}

/** All volumes of the server are taken back from its host, and stay reserved for it. */
export async function volumesDisconnect(work: WorkContext, serverId: string): Promise<void> {
  for (const device of await devicesOf(work.ctx.db, serverId)) {
    if (device.attachment_id !== null) await attachmentDisconnect(work, device.attachment_id)
  }
}

/** What compute's rows say of volumes that are connected to no host. */
export async function devicesDisconnected(tx: Context, serverId: string): Promise<void> {
  for (const device of await devicesOf(tx.db, serverId)) await deviceChange(tx.db, device.id, { connection: null })
}

/** The rows of a server without a host: its place is given back, its ports are bound nowhere. */
async function offloaded(work: WorkContext, serverId: string, action: string): Promise<void> {
  const { ctx } = work
  await devicesDisconnected(ctx, serverId)
  const ports = (await portsOf(ctx.db, serverId)).map((row) => row.port_id)
  if (ports.length > 0) await portsUnbind(ctx, { ids: ports, keepDevice: true })
  await allocationsRelease(ctx, serverId)
  await settle(work, serverId, { action, change: { vm_state: 'shelved_offloaded', power_state: power.shutdown, host: null, node: null } })
}

/** Without a way back: the server is its image now. */
export const serverOffloadSaga = saga<OffloadData>({
  name: 'server-shelve-offload',
  deadlineMs: hour,
  untilDeadline: true,
  limit: (_ctx, { serverId }) => oneAtATime(serverId),
  steps: [{ name: 'off the host', run: offHost, commit: (work, { serverId, action }) => offloaded(work, serverId, action) }],
  failed: (work, { serverId, action }, reason) => settleFailed(work, serverId, { action, reason }),
})

/** The power before; a memory that was dropped does not come back. */
function powerAgain(vmState: string, found: GuestReport['power']): GuestPower {
  if (vmState === 'suspended') return hasEnded(found) ? 'stopped' : 'suspended'
  return vmState === 'stopped' || vmState === 'paused' ? vmState : 'running'
}

export const serverShelveSaga = saga<ShelveData>({
  name: 'server-shelve',
  deadlineMs: 2 * hour,
  limit: (_ctx, { serverId }) => oneAtATime(serverId),
  steps: [
    {
      name: 'stop',
      run: async (work, { serverId }) => void (await guestApply(work, serverId, 'stopped')),
      async undo(work, { serverId, vmState, imageId }) {
        // the image's record was made with the request
        if (imageId !== null) await imageRemove(work.ctx, imageId)
        const { power: found } = await hostOf(work.ctx, await serverOfWork(work.ctx, serverId)).guests.observe(serverId)
        await guestApply(work, serverId, powerAgain(vmState, found))
      },
    },
    {
      name: 'image',
      applies: ({ imageId }) => imageId !== null,
      run: (work, { serverId, imageId }) => uploadRootDisk(work, { serverId, imageId: imageId ?? '', empty: false }),
    },
    {
      name: 'kept',
      async commit({ ctx }, { serverId, imageId, host }) {
        await serverChange(ctx.db, serverId, {
          vm_state: 'shelved',
          task_state: 'shelving_offloading',
          power_state: power.shutdown,
          pending_image_id: null,
          shelved_image_id: imageId,
        })
        await ctx.work.enqueue(ctx, serverOffloadSaga, { serverId, host, action: 'shelve' }, { resourceId: serverId })
      },
    },
  ],
  async failed(work, { serverId, vmState }, reason) {
    await settleFailed(work, serverId, { action: 'shelve', reason, change: { vm_state: vmState, pending_image_id: null } })
    await work.ctx.work.signal(work.ctx, observer)
  },
})
