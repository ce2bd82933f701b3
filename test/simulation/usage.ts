// What each tenant is told that it uses, against the rows: what is counted twice, or still when it is gone, is room that
// the tenant has lost.
import { tenants } from './plan.ts'
import type { World } from './world.ts'

/** names as the limits of the two services have them */
const told: { path: string; counts: Record<string, string> }[] = [
  {
    path: '/compute/v2.1/limits',
    counts: {
      totalInstancesUsed: 'select count(*) as n from servers where deleted = 0 and project_id = ?',
      totalCoresUsed: 'select sum(vcpus) as n from servers where deleted = 0 and project_id = ?',
      totalRAMUsed: 'select sum(ram_mib) as n from servers where deleted = 0 and project_id = ?',
    },
  },
  {
    path: '/volume/v3/limits',
    counts: {
      totalVolumesUsed: 'select count(*) as n from volumes where project_id = ?',
      totalSnapshotsUsed: 'select count(*) as n from volume_snapshots where project_id = ?',
      totalGigabytesUsed:
        'select sum(size) as n from (select size, project_id from volumes union all select size, project_id from volume_snapshots) where project_id = ?',
    },
  },
]

export async function verifyUsage(world: World): Promise<void> {
  for (const tenant of tenants) {
    for (const { path, counts } of told) {
      const answer = await world.drive(world.client(`member@${tenant}`).call('GET', path))
      const used = answer.body?.limits?.absolute as Record<string, number> | undefined
      for (const [name, sql] of Object.entries(counts)) {
        const there = world.database.rows<{ n: number | null }>(sql, tenant)[0]?.n ?? 0
        if (used?.[name] !== there) world.violation(`${tenant} is told ${name} ${used?.[name]}, and there is ${there}`)
      }
    }
  }
}
