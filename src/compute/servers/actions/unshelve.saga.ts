// Builds a shelved server again on the host that was chosen: its ports are bound, its volumes connected, its root disk
// made from the image that it was kept in. That image goes with the commit which says that the guest runs.
import { imageRemove } from '../../../image/index.ts'
import { attachedPortsList, portsBind, portsUnbind } from '../../../network/index.ts'
import { allocationsRelease } from '../../../placement/index.ts'
import { isoMillis } from '../../../platform/clock.ts'
import type { Step } from '../../../platform/work/definition.ts'
import { defaultZone } from '../../hosts/facts.ts'
import { power } from '../states.ts'
import { serverFetch } from '../store/servers.ts'
import { hostOf, serverOfWork, toPower } from '../guest/steps/apply.ts'
import { wirePorts } from '../guest/steps/ports.ts'
import { serverSaga } from '../guest/steps/server-saga.ts'
import { connectVolumes, volumesComplete } from '../guest/steps/volumes.ts'
import { volumesKeep } from '../attachments/steps/volume-kept.ts'

interface UnshelveData {
  serverId: string
  host: string
  availabilityZone: string | null
  portIds: string[]
  hasVolumes: boolean
  buildLimit: number
  before: { rootImageId: string; vmState: string }
}

const minute = 60_000

const hasPorts = ({ portIds }: UnshelveData) => portIds.length > 0

const bindPorts: Step<UnshelveData> = {
  name: 'ports',
  applies: hasPorts,
  async commit({ ctx }, { serverId, host, portIds, availabilityZone }) {
    // one of them may have been deleted since
    const left = new Set((await attachedPortsList(ctx, [serverId])).map(({ portId }) => portId))
    await portsBind(ctx, {
      ids: portIds.filter((id) => left.has(id)),
      host,
      serverId,
      availabilityZone: availabilityZone ?? defaultZone,
    })
  },
  undoCommit: ({ ctx }, { portIds }) => portsUnbind(ctx, { ids: portIds, keepDevice: true }),
}

const guest: Step<UnshelveData> = {
  name: 'guest',
  run: toPower('running'),
  async undo(work, { serverId }) {
    const server = await serverFetch(work.ctx.db, serverId)
    if (server?.host) await hostOf(work.ctx, server).guests.remove(serverId, work.call)
  },
}

export const serverUnshelveSaga = serverSaga<UnshelveData>({
  name: 'server-unshelve',
  action: 'unshelve',
  deadlineMs: 30 * minute,
  limit: (_ctx, { host, buildLimit }) => ({ key: `build/${host}`, max: buildLimit }),
  steps: [bindPorts, connectVolumes, { ...wirePorts, applies: hasPorts }, guest],
  async done({ ctx }, { serverId }) {
    const { shelved_image_id: imageId } = await serverOfWork(ctx, serverId)
    await volumesComplete(ctx, serverId)
    if (imageId !== null) await imageRemove(ctx, imageId)
    return { vm_state: 'active', power_state: power.running, shelved_image_id: null, launched_at: isoMillis(ctx.clock.nowMs()) }
  },
  async failed({ ctx }, { serverId, before }) {
    await allocationsRelease(ctx, serverId)
    return { vm_state: 'shelved_offloaded', host: null, node: null, root_image_id: before.rootImageId }
  },
  // its guest may be on the host, and must not be on another too: it is shelved and not offloaded, and can return there
  async abandoned({ ctx }, { serverId, before }) {
    await volumesKeep(ctx, serverId)
    return { vm_state: 'shelved', root_image_id: before.rootImageId }
  },
})
