// SQL of where servers are, for the scheduler and the hypervisors' views.
import type { Db } from '../../../platform/store/store.ts'
import { computeTables as q } from '../../store/tables.ts'

export async function hostsOfServers(db: Db, ids: string[]): Promise<Map<string, string | null>> {
  if (ids.length === 0) return new Map()
  const rows = await q(db).selectFrom('servers').select(['id', 'host']).where('id', 'in', ids).where('deleted', '=', false).execute()
  return new Map(rows.map((row) => [row.id, row.host]))
}

/** host → servers on it */
export async function serverCounts(db: Db): Promise<Map<string, number>> {
  const rows = await q(db)
    .selectFrom('servers')
    .select((e) => ['host', e.fn.countAll<number>().as('count')])
    .where('host', 'is not', null)
    .where('deleted', '=', false)
    .groupBy('host')
    .execute()
  return new Map(rows.map((row) => [row.host ?? '', Number(row.count)]))
}

export interface HostUse {
  servers: number
  running: number
  /** servers with a task under way */
  workload: number
  vcpus: number
  ramMib: number
}

/** host → what its servers use, counted from their rows */
export async function hostUses(db: Db): Promise<Map<string, HostUse>> {
  const rows = await q(db)
    .selectFrom('servers')
    .select((e) => [
      'host',
      e.fn.countAll<number>().as('servers'),
      e.fn.sum<number>(e.case().when('power_state', '=', 1).then(1).else(0).end()).as('running'),
      e.fn.count<number>('task_state').as('workload'),
      e.fn.sum<number>('vcpus').as('vcpus'),
      e.fn.sum<number>('ram_mib').as('ramMib'),
    ])
    .where('host', 'is not', null)
    .where('deleted', '=', false)
    .groupBy('host')
    .execute()
  return new Map(
    rows.map((row) => [
      row.host ?? '',
      {
        servers: Number(row.servers),
        running: Number(row.running),
        workload: Number(row.workload),
        vcpus: Number(row.vcpus),
        ramMib: Number(row.ramMib),
      },
    ]),
  )
}

export const serversOnHosts = (db: Db, hosts: string[]): Promise<{ id: string; name: string; host: string | null }[]> =>
  hosts.length === 0
    ? Promise.resolve([])
    : q(db)
        .selectFrom('servers')
        .select(['id', 'name', 'host'])
        .where('host', 'in', hosts)
        .where('deleted', '=', false)
        .orderBy('created_at')
        .orderBy('id')
        .execute()

export async function hostHasServers(db: Db, host: string): Promise<boolean> {
  return (
    (await q(db).selectFrom('servers').select('id').where('host', '=', host).where('deleted', '=', false).limit(1).executeTakeFirst()) !==
    undefined
  )
}

/** The zone that a host's servers show: changed with the host's. */
export const serversZoneSet = (db: Db, host: string, zone: string) =>
  q(db).updateTable('servers').set({ availability_zone: zone }).where('host', '=', host).where('deleted', '=', false).execute()
