// SQL of volumes that are deleted with a server of which they are no device: delete_on_termination outlives a build that failed.
import type { Db } from '../../../platform/store/store.ts'
import { computeTables as q } from '../../store/tables.ts'

export interface VolumeWithServerRow {
  server_id: string
  volume_id: string
}

export async function volumesWithServerInsert(db: Db, serverId: string, volumeIds: string[]): Promise<void> {
  if (volumeIds.length === 0) return
  const rows = [...new Set(volumeIds)].map((id) => ({ server_id: serverId, volume_id: id }))
  await q(db)
    .insertInto('volumes_with_server')
    .values(rows)
    .onConflict((c) => c.doNothing())
    .execute()
}

/** Takes the record of them, in the transaction that deletes them. */
export async function volumesWithServerTake(db: Db, serverId: string): Promise<string[]> {
  const rows = await q(db).deleteFrom('volumes_with_server').where('server_id', '=', serverId).returning('volume_id').execute()
  return rows.map((row) => row.volume_id).sort()
}
