// Assisted volume snapshots: a storage service asks that a snapshot be taken of a volume while a guest runs with it. Here the
// snapshot is made within the volume's own file, by the name that was given; no new file takes its place, so `new_file` is
// not used. The caller keeps the record; it can be taken over by managing it (Cinder's os-snapshot-manage).
import type { Context } from '../../../platform/context.ts'
import { badRequest } from '../../../platform/errors.ts'
import { snapshotOutside, serversOfVolume, volumesByIds } from '../../../volume/index.ts'
import { serverFetch } from '../store/servers.ts'

export interface AssistedSnapshot {
  volumeId: string
  /** what the snapshot is called */
  name: string
  remove: boolean
}

export async function assistedSnapshot(ctx: Context, { volumeId, name, remove }: AssistedSnapshot): Promise<void> {
  ctx.authorize()
  if (!/^[A-Za-z0-9_][\w.:-]{0,254}$/.test(name) || /^\d+$/.test(name)) throw badRequest(`Invalid snapshot name: ${name}`)
  await ctx.transaction(async (tx) => {
    const volume = (await volumesByIds(tx, [volumeId])).get(volumeId)
    const servers = await serversOfVolume(tx, volumeId)
    const [serverId] = servers
    if (!volume || serverId === undefined) throw badRequest(`No volume Block Device Mapping with id ${volumeId}.`)
    if (volume.multiattach)
      throw badRequest(`Block Device Mapping ${volumeId} is a multi-attach volume and is not valid for this operation.`)
    const server = await serverFetch(tx.db, serverId)
    if (!server || server.host === null) throw badRequest(`Instance ${serverId} is not ready`)
    const method = remove ? 'volume_snapshot_delete' : 'volume_snapshot_create'
    if (server.task_state !== null)
      throw badRequest(`Instance ${serverId} in task_state ${server.task_state}. Cannot ${method} while the instance is in this state.`)
    await snapshotOutside(tx, { volumeId, name, remove })
  })
}
