// Builds a server on the host that was chosen with its row: ports → volumes → wiring → guest. The model of a saga:
// ids are made before step one, `run` talks to the outside, `commit` changes rows, every step can be taken back.
import { portCreate, portDelete, portsBind, portsUnbind, portsWired, type ServerNetwork } from '../../../network/index.ts'
import { allocationsRelease } from '../../../placement/index.ts'
import { isoMillis } from '../../../platform/clock.ts'
import { saga, type Step, type WorkContext } from '../../../platform/work/definition.ts'
import { attachmentComplete, type AcceptedVolume } from '../../../volume/index.ts'
import { power } from '../states.ts'
import { devicesAttached, devicesOf, portsDelete, portsInsert, portsOf, type ServerPortRow } from '../store/parts.ts'
import { serverChange, serverFetch } from '../store/servers.ts'
import { defaultZone } from '../../hosts/facts.ts'
import { madeVolumesGiveUp, reservedStep, volumeSteps } from './steps/build-volumes.ts'
import { guestApply, hostOf, serverOfWork } from '../guest/steps/apply.ts'
import { isLost, triesOfLostHost } from '../guest/steps/lost-host.ts'
import { isOfHost, nextHost } from './steps/build-host.ts'
import { settle, settleFailed } from '../guest/steps/settle.ts'
import { devicesForget, volumesKept } from '../attachments/steps/volume-kept.ts'

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

const ports: Step<CreateData> = {
  name: 'ports',
  applies: ({ networks }) => networks.length > 0,
  async commit({ ctx }, data) {
    const server = await serverOfWork(ctx, data.serverId)
    const zone = data.availabilityZone ?? defaultZone
    const rows: ServerPortRow[] = []
    for (const [order, { networkId, portId, fixedIp, tag }] of data.networks.entries()) {
      if (portId !== null) await portsBind(ctx, { ids: [portId], host: data.host, serverId: server.id, availabilityZone: zone, order })
      const id =
        portId ??
        (
          await portCreate(ctx, {
            networkId,
            projectId: server.project_id,
            deviceId: server.id,
            deviceOwner: `compute:${zone}`,
            host: data.host,
            dnsName: server.hostname,
            order,
            ...(fixedIp === null ? {} : { fixedIps: [{ ipAddress: fixedIp }] }),
            ...(data.securityGroupIds.length === 0 ? {} : { securityGroupIds: data.securityGroupIds }),
          })
        ).id
      rows.push({ port_id: id, server_id: server.id, network_id: networkId, tag, preserve: portId === null ? 0 : 1, detaching: 0 })
    }
    await portsInsert(ctx.db, rows)
    await serverChange(ctx.db, server.id, { task_state: data.hasVolumes ? 'block_device_mapping' : 'spawning' })
  },
  async undoCommit({ ctx }, data) {
    await portsGiveUp(ctx, data.serverId)
  },
}

/** Ports that were made for the server go, the user's own are let loose. */
export async function portsGiveUp(ctx: WorkContext['ctx'], serverId: string): Promise<void> {
  const rows = await portsOf(ctx.db, serverId)
  const own = rows.filter((row) => row.preserve === 1).map((row) => row.port_id)
  if (own.length > 0) await portsUnbind(ctx, { ids: own })
  for (const row of rows) if (row.preserve === 0) await portDelete(ctx, row.port_id)
  await portsDelete(ctx.db, serverId)
}

/** The host's network is told of the ports and reports them filtered and wired, before the guest's first packet. */
const wire: Step<CreateData> = {
  name: 'wire',
  applies: ({ networks }) => networks.length > 0,
  async run(work, data) {
    const rows = await portsOf(work.ctx.db, data.serverId)
    await portsWired(
      work,
      data.host,
      rows.map((row) => row.port_id),
    )
  },
}

const guest: Step<CreateData> = {
  name: 'guest',
  async run(work, data) {
    await guestApply(work, data.serverId, 'running')
  },
  async commit(work, data) {
    const { ctx } = work
    for (const row of data.hasVolumes ? await devicesOf(ctx.db, data.serverId) : []) {
      if (row.attachment_id !== null) await attachmentComplete(ctx, row.attachment_id, row.device ?? undefined)
    }
    if (data.hasVolumes) await devicesAttached(ctx.db, data.serverId)
    const now = isoMillis(ctx.clock.nowMs())
    await settle(work, data.serverId, { action: 'create', change: { vm_state: 'active', power_state: power.running, launched_at: now } })
  },
  async undo(work, data) {
    const server = await serverFetch(work.ctx.db, data.serverId)
    try {
      if (server?.host) await hostOf(work.ctx, server).guests.remove(data.serverId, work.call)
    } catch (error) {
      if (!isLost(error) || work.attempt < triesOfLostHost) throw error
      work.ctx.log.warn(
        { server: data.serverId, host: data.host },
        'the host does not answer: what it has made of the guest is removed when it is back',
      )
      // it may run there until then, and there must never be two
      return { hostFailed: false }
    }
  },
}

export const serverCreateSaga = saga<CreateData>({
  name: 'server-create',
  deadlineMs: 30 * minute,
  limit: (_ctx, { host, buildLimit }) => ({ key: `build/${host}`, max: buildLimit }),
  steps: [reservedStep<CreateData>(), ports, ...volumeSteps<CreateData>(), wire, guest],
  remember: (error) => ({ hostFailed: isOfHost(error) }),
  async again(work, data) {
    const next = await nextHost(work.ctx, data)
    if (next) await work.ctx.work.enqueue(work.ctx, serverCreateSaga, next, { resourceId: data.serverId })
    return next !== null
  },
  async failed(work, { serverId, host, tried = [] }, why) {
    await allocationsRelease(work.ctx, serverId)
    await devicesForget(work.ctx, serverId)
    const reason =
      tried.length === 0 ? why : `Exceeded maximum number of retries: it could not be built on ${[...tried, host].join(', ')}. ${why}`
    await settleFailed(work, serverId, { action: 'create', reason, change: { vm_state: 'error', host: null, node: null } })
  },
  // what it still holds is found by its deletion
  async givenUp(work, data, reason) {
    const { serverId } = data
    await volumesKept(work.ctx, serverId, { ofBuild: true })
    await madeVolumesGiveUp(work.ctx, data)
    await settleFailed(work, serverId, { action: 'create', reason, change: { vm_state: 'error' } })
  },
})
