// SQL of what projects have on a machine.
import { sql } from 'kysely'
import type { Db } from '../../platform/store/store.ts'
import type { VolumeTables } from './tables.ts'

export interface HostUsageRow {
  project: string
  volumes: number
  volumeGib: number
  snapshots: number
  snapshotGib: number
}

export async function usageOnHost(db: Db, host: string): Promise<HostUsageRow[]> {
  const query = db.as<VolumeTables>()
  const volumes = await query
    .selectFrom('volumes')
    .select(['project_id', sql<number>`count(*)`.as('count'), sql<number>`coalesce(sum(size), 0)`.as('gib')])
    .where('host', '=', host)
    .groupBy('project_id')
    .orderBy('project_id')
    .execute()
  const snapshots = await query
    .selectFrom('volume_snapshots')
    .innerJoin('volumes', 'volumes.id', 'volume_snapshots.volume_id')
    .select([
      'volume_snapshots.project_id',
      sql<number>`count(*)`.as('count'),
      sql<number>`coalesce(sum(volume_snapshots.size), 0)`.as('gib'),
    ])
    .where('volumes.host', '=', host)
    .groupBy('volume_snapshots.project_id')
    .execute()
  return volumes.map((row) => {
    const own = snapshots.find((each) => each.project_id === row.project_id)
    return {
      project: row.project_id,
      volumes: Number(row.count),
      volumeGib: Number(row.gib),
      snapshots: Number(own?.count ?? 0),
      snapshotGib: Number(own?.gib ?? 0),
    }
  })
}
