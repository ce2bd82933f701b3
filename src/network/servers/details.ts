// What servers' views, config drive and metadata ask of the network: ports with all that hangs on them, in few statements.
import type { Context } from '../../platform/context.ts'
import type { ServerPort, ServerPortDetails } from './types.ts'
import { addressesOfPorts } from '../addresses/allocations.store.ts'
import { networkRows } from '../networks/store.ts'
import { portGroups, portsOfServersFetch, type ServerPortRow } from '../ports/store.ts'
import { portByAddress, portByRouter } from './store.ts'
import { subnetRows } from '../subnets/store.ts'
import { floatingIpRows } from '../floating-ips/store.ts'

/** The ports of servers in few queries, by server id, in the order in which they were attached. */
export async function portsOfServers(ctx: Context, serverIds: string[]): Promise<Map<string, ServerPort[]>> {
  if (serverIds.length === 0) return new Map()
  const rows = await portsOfServersFetch(ctx.db, serverIds)
  return Map.groupBy(await serverPorts(ctx, rows), ({ serverId }) => serverId)
}

async function serverPorts(ctx: Context, rows: ServerPortRow[]): Promise<ServerPort[]> {
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const networks = new Map(
    (
      await networkRows.many(
        ctx.db,
        rows.map(({ network_id }) => network_id),
      )
    ).map((row) => [row.id, row]),
  )
  const addresses = Map.groupBy(await addressesOfPorts(ctx.db, ids), ({ port_id }) => port_id)
  const groups = Map.groupBy(await portGroups(ctx.db, ids), ({ port_id }) => port_id)
  const floating = Map.groupBy(await floatingIpRows.list(ctx.db, { fixed_port_id: ids }), ({ fixed_port_id }) => fixed_port_id ?? '')
  return rows.map((row) => ({
    portId: row.id,
    serverId: row.server_id,
    networkId: row.network_id,
    networkName: networks.get(row.network_id)?.name ?? '',
    mac: row.mac_address,
    status: row.status,
    fixedIps: (addresses.get(row.id) ?? []).map(({ subnet_id, ip_address }) => ({ subnetId: subnet_id, ipAddress: ip_address })),
    floatingIps: (floating.get(row.id) ?? []).flatMap(({ fixed_ip_address, floating_ip_address }) =>
      fixed_ip_address === null ? [] : [{ fixedIp: fixed_ip_address, address: floating_ip_address }],
    ),
    securityGroups: (groups.get(row.id) ?? []).map(({ id, name }) => ({ id, name })),
    adminStateUp: row.admin_state_up,
    portSecurityEnabled: row.port_security_enabled,
    mtuBytes: networks.get(row.network_id)?.mtu ?? 1450,
    host: row.binding_host,
  }))
}

/** The same for one server with its subnets: for network_data.json. */
export async function portDetailsOfServer(ctx: Context, serverId: string): Promise<ServerPortDetails[]> {
  const ports = (await portsOfServers(ctx, [serverId])).get(serverId) ?? []
  const subnets = new Map(
    (
      await subnetRows.many(
        ctx.db,
        ports.flatMap(({ fixedIps }) => fixedIps.map(({ subnetId }) => subnetId)),
      )
    ).map((row) => [row.id, row]),
  )
  return ports.map((port) => ({
    ...port,
    subnets: [...new Set(port.fixedIps.map(({ subnetId }) => subnetId))].flatMap((id) => {
      const row = subnets.get(id)
      if (!row) return []
      return [
        {
          id,
          cidr: row.cidr,
          ipVersion: row.ip_version,
          gatewayIp: row.gateway_ip,
          dnsNameservers: row.dns_nameservers,
          hostRoutes: row.host_routes,
          enableDhcp: row.enable_dhcp,
          ipv6AddressMode: row.ipv6_address_mode,
        },
      ]
    }),
  }))
}

/**
 * Finds the port that a request to 169.254.169.254 came from by its address, which anti-spoofing pins to the port, and the
 * server that compute bound the port to. Users can write the device id, so it does not count (attack-26).
 */
export async function metadataOwner(
  ctx: Context,
  from: { networkId: string | null; routerId: string | null; address: string },
): Promise<{ portId: string; serverId: string; projectId: string } | null> {
  const port =
    from.networkId !== null
      ? await portByAddress(ctx.db, from.networkId, from.address)
      : from.routerId !== null
        ? await portByRouter(ctx.db, from.routerId, from.address)
        : undefined
  return port ? { portId: port.id, serverId: port.server_id, projectId: port.project_id } : null
}
