// A server's volumes on its host: connected before the guest is made, completed when it has them, disconnected when it
// leaves the host, released when the server needs them no more.
import { attachmentComplete, attachmentConnect, attachmentDisconnect, attachmentDetach } from '../../../../volume/index.ts'
import type { VolumeConnection } from '../../../../contract/volumes.ts'
import type { Context } from '../../../../platform/context.ts'
import { table } from '../../../../platform/table.ts'
import type { Step, WorkContext } from '../../../../platform/work/definition.ts'
import { deviceChange, devicesAttach, devicesOf } from '../../store/parts.ts'

export interface ServerVolumes {
  serverId: string
  hasVolumes: boolean
  /** device's id → what its host says of the volume, until the rows say it */
  connections?: Record<string, VolumeConnection>
}

export const hasVolumes = (data: ServerVolumes): boolean => data.hasVolumes

const attachmentIds = async ({ ctx }: WorkContext, serverId: string): Promise<string[]> =>
  (await devicesOf(ctx.db, serverId)).flatMap(({ attachment_id }) => attachment_id ?? [])

/** All of them leave the host, and stay reserved for the server. */
export async function volumesDisconnect(work: WorkContext, serverId: string): Promise<void> {
  for (const id of await attachmentIds(work, serverId)) await attachmentDisconnect(work, id)
}

/** The server holds none of them any more. Fine for what it does not hold. */
export async function volumesRelease(work: WorkContext, serverId: string): Promise<void> {
  for (const id of await attachmentIds(work, serverId)) await attachmentDetach(work, id)
}

/** What compute's rows say of volumes that are connected to no host. */
export async function devicesDisconnect(tx: Context, serverId: string): Promise<void> {
  for (const device of await devicesOf(tx.db, serverId)) await deviceChange(tx.db, device.id, { connection: null })
}

/** The guest has all of them. */
export async function volumesComplete(tx: Context, serverId: string): Promise<void> {
  for (const { attachment_id: id, device } of await devicesOf(tx.db, serverId))
    if (id !== null) await attachmentComplete(tx, id, device ?? undefined)
  await devicesAttach(tx.db, serverId)
}

/** Undone, they are disconnected. */
export const connectVolumes: Step<ServerVolumes> = {
  name: 'connect volumes',
  applies: hasVolumes,
  async run(work, { serverId }) {
    const connections: Record<string, VolumeConnection> = table()
    for (const { id, attachment_id: attachmentId } of await devicesOf(work.ctx.db, serverId))
      if (attachmentId !== null) connections[id] = await attachmentConnect(work, attachmentId)
    return { connections }
  },
  async commit({ ctx }, { connections = {} }) {
    for (const [deviceId, connection] of Object.entries(connections)) await deviceChange(ctx.db, deviceId, { connection })
    return { connections: {} }
  },
  undo: (work, { serverId }) => volumesDisconnect(work, serverId),
  undoCommit: ({ ctx }, { serverId }) => devicesDisconnect(ctx, serverId),
}
