// Network IP availability: how many addresses of each network's pools are in use.
import type { Context } from '../../platform/context.ts'
import { table } from '../../platform/table.ts'
import { poolsTotal } from '../subnets/rules.ts'
import { allocationCounts } from './allocations.store.ts'
import { networkNotFound } from '../faults.ts'
import { rowsList } from '../store/list.ts'
import { networkRows, networkShape } from '../networks/store.ts'
import type { NetworkRow, SubnetRow } from '../store/tables.ts'
import { subnetRows } from '../subnets/store.ts'

/** A number of any size in JSON: the digits themselves, beyond what a double holds (TypeScript does not know JSON.rawJSON yet). */
const asNumber = (value: bigint): unknown =>
  value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : (JSON as typeof JSON & { rawJSON(text: string): unknown }).rawJSON(String(value))

async function ipAvailability(ctx: Context, networks: NetworkRow[], version: 4 | 6 | null): Promise<Record<string, unknown>[]> {
  const subnets = (await subnetRows.list(ctx.db, { network_id: networks.map(({ id }) => id) })).filter(
    ({ ip_version }) => version === null || ip_version === version,
  )
  const used = await allocationCounts(
    ctx.db,
    subnets.map(({ id }) => id),
  )
  const byNetwork = Map.groupBy(subnets, ({ network_id }) => network_id)
  return networks.map((network) => {
    const mine = (byNetwork.get(network.id) ?? []).map((subnet) => ({
      subnet_id: subnet.id,
      ip_version: subnet.ip_version,
      cidr: subnet.cidr,
      subnet_name: subnet.name,
      used_ips: used.get(subnet.id) ?? 0,
      total: poolsTotal(subnet.allocation_pools),
    }))
    return {
      network_id: network.id,
      network_name: network.name,
      tenant_id: network.project_id,
      project_id: network.project_id,
      subnet_ip_availability: mine.map(({ total, ...rest }) => ({ ...rest, total_ips: asNumber(total) })),
      used_ips: mine.reduce((sum, subnet) => sum + subnet.used_ips, 0),
      total_ips: asNumber(mine.reduce((sum, { total }) => sum + total, 0n)),
    }
  })
}

const listed = (ctx: Context, filters: Map<string, string[]>, everything: boolean): Promise<NetworkRow[]> =>
  rowsList<NetworkRow>(ctx.db, networkShape, {
    filters,
    sorts: [],
    limit: ctx.config.maxPageSize,
    projectId: ctx.actor.projectId,
    visibleTo: everything ? null : (ctx.actor.projectId ?? ''),
  })

const filterNames: Record<string, string> = table({ network_id: 'id', network_name: 'name', project_id: 'project_id' })

/** Of the networks that match: network_id, network_name, project_id, ip_version. */
export async function ipAvailabilities(ctx: Context, filters: Map<string, string[]>): Promise<Record<string, unknown>[]> {
  const renamed = new Map(
    [...filters].flatMap(([name, values]) => (filterNames[name] === undefined ? [] : [[filterNames[name], values] as const])),
  )
  const version = filters.get('ip_version')?.[0]
  return ipAvailability(ctx, await listed(ctx, renamed, true), version === '4' ? 4 : version === '6' ? 6 : null)
}

export async function ipAvailabilityOf(ctx: Context, networkId: string): Promise<Record<string, unknown> | undefined> {
  const network = await networkRows.fetch(ctx.db, networkId)
  if (!network) throw networkNotFound(networkId)
  return (await ipAvailability(ctx, [network], null))[0]
}

/** The external IPv4 subnets that floating IPs come from, as far as the actor sees them. */
export async function externalSubnets(ctx: Context): Promise<SubnetRow[]> {
  const external = await listed(ctx, new Map([['router:external', ['true']]]), ctx.allows({}, 'context_is_admin'))
  return (await subnetRows.list(ctx.db, { network_id: external.map(({ id }) => id) })).filter(({ ip_version }) => ip_version === 4)
}
