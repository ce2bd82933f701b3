// Builds a server on the host that was chosen with its row: ports → volumes → wiring → guest. The model of a saga:
// ids are made before step one, `run` talks to the outside, `commit` changes rows, every step can be undone.
import { attachedPortsRelease, portAttach, type ServerNetwork } from '../../../network/index.ts'
import { allocationsRelease } from '../../../placement/index.ts'
import { isoMillis } from '../../../platform/clock.ts'
import type { Step } from '../../../platform/work/definition.ts'
import type { AcceptedVolume } from '../../../volume/index.ts'
import { power } from '../states.ts'
import { serverChange, serverFetch } from '../store/servers.ts'
import { defaultZone } from '../../hosts/facts.ts'
import { buildVolumes, releaseVolumes, strayVolumesDelete } from './steps/build-volumes.ts'
import { serverOfWork, toPower } from '../guest/steps/apply.ts'
import { wirePorts } from '../guest/steps/ports.ts'
import { guestRemove } from '../guest/steps/remove.ts'
import { serverSaga } from '../guest/steps/server-saga.ts'
import { volumesComplete } from '../guest/steps/volumes.ts'
import { isOfHost, nextHost } from './steps/build-host.ts'
import { devicesDrop, volumesKeep } from '../attachments/steps/volume-kept.ts'

export interface CreateData {
  serverId: string
  host: string
  availabilityZone: string | null
  networks: ServerNetwork[]
  securityGroupIds: string[]
  hasVolumes: boolean
  /** those that are to be made: device's id → what was accepted with the server */
  volumes: Record<string, AcceptedVolume>
  buildLimit: number
  /** no host was asked for by name: when one fails, another may do */
  anyHost: boolean
  /** hosts that failed before this one */
  tried?: string[]
  /** what failed was the host, and nothing of the server is left on it */
  hostFailed?: boolean
}

const minute = 60_000

const hasPorts = ({ networks }: CreateData) => networks.length > 0

const ports: Step<CreateData> = {
  name: 'ports',
  applies: hasPorts,
  async commit({ ctx }, data) {
    const server = await serverOfWork(ctx, data.serverId)
    for (const [order, network] of data.networks.entries())
      await portAttach(ctx, network, {
        serverId: server.id,
        projectId: server.project_id,
        hostname: server.hostname,
        host: data.host,
        availabilityZone: data.availabilityZone ?? defaultZone,
        securityGroupIds: data.securityGroupIds,
        state: 'attached',
        order,
      })
    await serverChange(ctx.db, server.id, { task_state: data.hasVolumes ? 'block_device_mapping' : 'spawning' })
  },
  async undoCommit({ ctx }, data) {
    await attachedPortsRelease(ctx, data.serverId)
  },
}

const guest: Step<CreateData> = {
  name: 'guest',
  run: toPower('running'),
  commit: ({ ctx }, { serverId, hasVolumes }) => (hasVolumes ? volumesComplete(ctx, serverId) : Promise.resolve()),
  async undo(work, { serverId }) {
    const server = await serverFetch(work.ctx.db, serverId)
    // where the host is lost it may run there until that is back, and there must never be two
    if (server?.host && !(await guestRemove(work, serverId, server.host))) return { hostFailed: false }
  },
}

export const serverCreateSaga = serverSaga<CreateData>({
  name: 'server-create',
  action: 'create',
  deadlineMs: 30 * minute,
  limit: (_ctx, { host, buildLimit }) => ({ key: `build/${host}`, max: buildLimit }),
  steps: [releaseVolumes, ports, ...buildVolumes, { ...wirePorts, applies: hasPorts }, guest],
  remember: (error) => ({ hostFailed: isOfHost(error) }),
  async again(work, data) {
    const next = await nextHost(work.ctx, data)
    if (next) await work.ctx.work.enqueue(work.ctx, serverCreateSaga, next, { resourceId: data.serverId })
    return next !== null
  },
  done: ({ ctx }) => ({ vm_state: 'active', power_state: power.running, launched_at: isoMillis(ctx.clock.nowMs()) }),
  reasonOf: ({ host, tried = [] }, cause) =>
    tried.length === 0 ? cause : `Exceeded maximum number of retries: it could not be built on ${[...tried, host].join(', ')}. ${cause}`,
  async failed(work, { serverId }) {
    await allocationsRelease(work.ctx, serverId)
    await devicesDrop(work.ctx, serverId)
    return { vm_state: 'error', host: null, node: null }
  },
  // what it still holds is found by its deletion
  async abandoned(work, data) {
    await volumesKeep(work.ctx, data.serverId, { ofBuild: true })
    await strayVolumesDelete(work.ctx, data)
    return { vm_state: 'error' }
  },
})
