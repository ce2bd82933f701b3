// Moves DHCP and routers between hosts, and says where they are. "Not given to any" of a network lasts until its next
// guest asks for DHCP; of a router until a host takes it.
import type { Context } from '../platform/context.ts'
import { portRemove } from './ports.ts'
import { portMake } from './ports.ts'
import { isAutoAddress } from './ipam.ts'
import { networksFetch } from './store/networks.ts'
import { q } from './store/query.ts'
import { subnetsOfNetwork } from './store/subnets.ts'
import type { NetworkRow, PortRow, RouterRow } from './store/tables.ts'
import { wakeHosts } from './wake.ts'

export const dhcpPortsOf = (ctx: Context, networkId: string): Promise<PortRow[]> =>
  q(ctx.db).selectFrom('ports').selectAll().where('network_id', '=', networkId).where('device_owner', '=', 'network:dhcp').execute()

export async function dhcpNetworksOf(ctx: Context, host: string): Promise<NetworkRow[]> {
  const ports = await q(ctx.db).selectFrom('ports').select('network_id').distinct().where('binding_host', '=', host).where('device_owner', '=', 'network:dhcp').limit(1000).execute()
  return networksFetch(ctx.db, ports.map(({ network_id }) => network_id))
}

/** Serves the network's DHCP from the host, or (null) from none. */
export async function dhcpMove(tx: Context, network: Pick<NetworkRow, 'id'> & Partial<NetworkRow>, host: string | null): Promise<void> {
  for (const port of await dhcpPortsOf(tx, network.id)) await portRemove(tx, port.id)
  if (host === null) return
  const subnets = (await subnetsOfNetwork(tx.db, network.id)).filter((subnet) => subnet.enable_dhcp === 1 && !isAutoAddress(subnet))
  await portMake(tx, {
    project_id: network.project_id ?? '', network_id: network.id, device_owner: 'network:dhcp', device_id: `dhcp-${host}-${network.id}`, 'binding:host_id': host,
    security_groups: [], port_security_enabled: false, fixed_ips: subnets.map(({ id }) => ({ subnet_id: id })),
  })
  await wakeHosts(tx, [host])
}

export const routersOf = (ctx: Context, host: string): Promise<RouterRow[]> => q(ctx.db).selectFrom('routers').selectAll().where('host', '=', host).orderBy('id').limit(1000).execute()

/** '' gives the router up: the next host that looks takes it. */
export async function routerMove(tx: Context, router: RouterRow, host: string): Promise<void> {
  await q(tx.db).updateTable('routers').set({ host }).where('id', '=', router.id).execute()
  await wakeHosts(tx, [router.host, host])
}
