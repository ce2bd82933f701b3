// Network IP availability: how many addresses of each network's pools are in use.
import type { Context } from '../platform/context.ts'
import { poolsTotal, type Pool } from './subnet-rules.ts'
import { allocationCounts } from './store/ip-allocations.ts'
import { subnetsOf } from './store/subnets.ts'
import type { NetworkRow } from './store/tables.ts'

/** A number of any size in JSON: BigInt beyond what a double holds. */
const asNumber = (value: bigint): number => Number(value)

export async function ipAvailability(ctx: Context, networks: NetworkRow[], version: 4 | 6 | null): Promise<Record<string, unknown>[]> {
  const subnets = (await subnetsOf(ctx.db, networks.map(({ id }) => id))).filter(({ ip_version }) => version === null || ip_version === version)
  const used = await allocationCounts(ctx.db, subnets.map(({ id }) => id))
  const byNetwork = Map.groupBy(subnets, ({ network_id }) => network_id)
  return networks.map((network) => {
    const mine = (byNetwork.get(network.id) ?? []).map((subnet) => ({
      subnet_id: subnet.id, ip_version: subnet.ip_version, cidr: subnet.cidr, subnet_name: subnet.name, used_ips: used.get(subnet.id) ?? 0,
      total: poolsTotal(JSON.parse(subnet.allocation_pools) as Pool[]),
    }))
    return {
      network_id: network.id, network_name: network.name, tenant_id: network.project_id, project_id: network.project_id,
      subnet_ip_availability: mine.map(({ total, ...rest }) => ({ ...rest, total_ips: asNumber(total) })),
      used_ips: mine.reduce((sum, subnet) => sum + subnet.used_ips, 0),
      total_ips: asNumber(mine.reduce((sum, { total }) => sum + total, 0n)),
    }
  })
}
