// Takes a server off its host and keeps its root disk as an image: two sagas. The first can be undone until the image is
// there; the second has no way back, since the image is the server then.
import type { GuestPower, GuestReport } from '../../../contract/guests.ts'
import { imageRemove } from '../../../image/index.ts'
import { attachedPortsList, portsUnbind } from '../../../network/index.ts'
import { allocationsRelease } from '../../../placement/index.ts'
import type { WorkContext } from '../../../platform/work/definition.ts'
import { power } from '../states.ts'
import { serverChange } from '../store/servers.ts'
import { guestApply, hasEnded, hostOf, serverOfWork, toPower } from '../guest/steps/apply.ts'
import { observer } from '../guest/observer.ts'
import { serverSaga } from '../guest/steps/server-saga.ts'
import { devicesDisconnect, volumesDisconnect } from '../guest/steps/volumes.ts'
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

/** Without a way back: the server is its image now. */
export const serverOffloadSaga = serverSaga<OffloadData>({
  name: 'server-shelve-offload',
  action: ({ action }) => action,
  deadlineMs: hour,
  untilDeadline: true,
  steps: [{ name: 'off the host', run: offHost }],
  // its place is released, and its ports are bound nowhere
  async done({ ctx }, { serverId }) {
    await devicesDisconnect(ctx, serverId)
    const ports = await attachedPortsList(ctx, [serverId])
    await portsUnbind(ctx, { ids: ports.map(({ portId }) => portId), keepDevice: true })
    await allocationsRelease(ctx, serverId)
    return { vm_state: 'shelved_offloaded', power_state: power.shutdown, host: null, node: null }
  },
})

/** The power before; a memory that was dropped does not come back. */
function powerAgain(vmState: string, found: GuestReport['power']): GuestPower {
  if (vmState === 'suspended') return hasEnded(found) ? 'stopped' : 'suspended'
  return vmState === 'stopped' || vmState === 'paused' ? vmState : 'running'
}

export const serverShelveSaga = serverSaga<ShelveData>({
  name: 'server-shelve',
  action: 'shelve',
  deadlineMs: 2 * hour,
  steps: [
    {
      name: 'stop',
      run: toPower('stopped'),
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
    { name: 'kept' },
  ],
  async done({ ctx }, { serverId, imageId, host }) {
    await serverChange(ctx.db, serverId, {
      vm_state: 'shelved',
      task_state: 'shelving_offloading',
      power_state: power.shutdown,
      pending_image_id: null,
      shelved_image_id: imageId,
    })
    await ctx.work.enqueue(ctx, serverOffloadSaga, { serverId, host, action: 'shelve' }, { resourceId: serverId })
    return null
  },
  async failed({ ctx }, { vmState }) {
    await ctx.work.signal(ctx, observer)
    return { vm_state: vmState, pending_image_id: null }
  },
})
