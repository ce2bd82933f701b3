// Builds a shelved server again on the host that was chosen: its ports are bound, its volumes connected, its root disk
// made from the image that it was kept in. That image goes with the commit which says that the guest runs.
import { imageRemove } from '../../../image/index.ts'
import { portsBind, portsUnbind, portsWired } from '../../../network/index.ts'
import { allocationsRelease } from '../../../placement/index.ts'
import { isoMillis } from '../../../platform/clock.ts'
import { saga } from '../../../platform/work/definition.ts'
import { table } from '../../../platform/table.ts'
import { attachmentComplete, attachmentConnect } from '../../../volume/index.ts'
import { defaultZone } from '../../hosts/facts.ts'
import { power } from '../states.ts'
import { deviceChange, devicesOf, portsOf } from '../store/parts.ts'
import { serverFetch } from '../store/servers.ts'
import { guestApply, hostOf, serverOfWork } from '../guest/steps/apply.ts'
import { settle, settleFailed } from '../guest/steps/settle.ts'
import { devicesDisconnected, volumesDisconnect } from './shelve.saga.ts'
import { volumesKept } from '../attachments/steps/volume-kept.ts'

interface UnshelveData {
  serverId: string
  host: string
  availabilityZone: string | null
  portIds: string[]
  hasVolumes: boolean
  buildLimit: number
  before: { rootImageId: string; vmState: string }
  connections?: Record<string, string>
}

const minute = 60_000

export const serverUnshelveSaga = saga<UnshelveData>({
  name: 'server-unshelve',
  deadlineMs: 30 * minute,
  limit: (_ctx, { host, buildLimit }) => ({ key: `build/${host}`, max: buildLimit }),
  steps: [
    {
      name: 'ports',
      applies: ({ portIds }) => portIds.length > 0,
      async commit({ ctx }, { serverId, host, portIds, availabilityZone }) {
        // one of them may have been deleted since
        const left = new Set((await portsOf(ctx.db, serverId)).map((row) => row.port_id))
        await portsBind(ctx, {
          ids: portIds.filter((id) => left.has(id)),
          host,
          serverId,
          availabilityZone: availabilityZone ?? defaultZone,
        })
      },
      undoCommit: ({ ctx }, { portIds }) => portsUnbind(ctx, { ids: portIds, keepDevice: true }),
    },
    {
      name: 'volumes',
      applies: ({ hasVolumes }) => hasVolumes,
      async run(work, { serverId }) {
        const connections: Record<string, string> = table()
        for (const row of await devicesOf(work.ctx.db, serverId)) {
          if (row.attachment_id !== null) connections[row.id] = JSON.stringify(await attachmentConnect(work, row.attachment_id))
        }
        return { connections }
      },
      async commit({ ctx }, { connections = {} }) {
        for (const [id, connection] of Object.entries(connections)) await deviceChange(ctx.db, id, { connection, state: 'attached' })
      },
      undo: (work, { serverId }) => volumesDisconnect(work, serverId),
      undoCommit: ({ ctx }, { serverId }) => devicesDisconnected(ctx, serverId),
    },
    {
      name: 'wire',
      applies: ({ portIds }) => portIds.length > 0,
      run: (work, { host, portIds }) => portsWired(work, host, portIds),
    },
    {
      name: 'guest',
      run: async (work, { serverId }) => void (await guestApply(work, serverId, 'running')),
      async commit(work, { serverId }) {
        const { ctx } = work
        const server = await serverOfWork(ctx, serverId)
        for (const row of await devicesOf(ctx.db, serverId))
          if (row.attachment_id !== null) await attachmentComplete(ctx, row.attachment_id, row.device ?? undefined)
        if (server.shelved_image_id !== null) await imageRemove(ctx, server.shelved_image_id)
        await settle(work, serverId, {
          action: 'unshelve',
          change: { vm_state: 'active', power_state: power.running, shelved_image_id: null, launched_at: isoMillis(ctx.clock.nowMs()) },
        })
      },
      async undo(work, { serverId }) {
        const server = await serverFetch(work.ctx.db, serverId)
        if (server?.host) await hostOf(work.ctx, server).guests.remove(serverId, work.call)
      },
    },
  ],
  async failed(work, { serverId, before }, reason) {
    await allocationsRelease(work.ctx, serverId)
    await settleFailed(work, serverId, {
      action: 'unshelve',
      reason,
      change: { vm_state: 'shelved_offloaded', host: null, node: null, root_image_id: before.rootImageId },
    })
  },
  // its guest may be on the host, and must not be on another too: it is shelved and not offloaded, and can return there
  async givenUp(work, { serverId, before }, reason) {
    await volumesKept(work.ctx, serverId)
    await settleFailed(work, serverId, { action: 'unshelve', reason, change: { vm_state: 'shelved', root_image_id: before.rootImageId } })
  },
})
