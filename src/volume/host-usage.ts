// What each project has on a machine: GET /os-hosts/:host.
import type { Context } from '../platform/context.ts'
import { usageOnHost } from './store/host-usage.ts'

export interface HostUsage {
  project: string
  volumes: number
  volumeGib: number
  snapshots: number
  snapshotGib: number
}

/** The total first, then each project. */
export async function hostUsage(ctx: Context, host: string): Promise<HostUsage[]> {
  const rows = await usageOnHost(ctx.db, host)
  const total = rows.reduce<HostUsage>(
    (sum, row) => ({
      project: '(total)',
      volumes: sum.volumes + row.volumes,
      volumeGib: sum.volumeGib + row.volumeGib,
      snapshots: sum.snapshots + row.snapshots,
      snapshotGib: sum.snapshotGib + row.snapshotGib,
    }),
    { project: '(total)', volumes: 0, volumeGib: 0, snapshots: 0, snapshotGib: 0 },
  )
  return [total, ...rows]
}
