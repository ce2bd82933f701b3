// Moves DHCP and routers between hosts, and says where they are. A network that an operator removed from its agent stays
// without one until its next port is created; a router until it is changed, or given to a host.
import type { Context } from '../../platform/context.ts'
import type { AgentRow } from './agents.ts'
import { portCreate, portDelete } from '../ports/ports.ts'
import { isAutoAddress } from '../addresses/ipam.ts'
import { networkRows } from '../networks/store.ts'
import { networksAwaitingDhcp } from '../host/spec.store.ts'
import { portRows, dhcpNetworks } from '../ports/store.ts'
import { routerRows } from '../routers/store.ts'
import { subnetsOfNetwork } from '../subnets/store.ts'
import type { NetworkRow, PortRow, RouterRow } from '../store/tables.ts'
import { wakeHosts } from '../host/wake.ts'
import { agentRows } from './store.ts'

const most = 1000

const dhcpPortsOf = (ctx: Context, networkId: string): Promise<PortRow[]> =>
  portRows.list(ctx.db, { network_id: networkId, device_owner: 'network:dhcp' })

/** Where the network's DHCP is served. */
export const dhcpHostsOf = async (ctx: Context, networkId: string): Promise<string[]> => [
  ...new Set((await dhcpPortsOf(ctx, networkId)).flatMap(({ binding_host }) => (binding_host === '' ? [] : [binding_host]))),
]

/** Where it is, or will be with its first guest: on the host that comes first. */
export async function dhcpHostsPlanned(ctx: Context, networkId: string): Promise<string[]> {
  const hosts = await dhcpHostsOf(ctx, networkId)
  const isWaiting = hosts.length === 0 && (await networksAwaitingDhcp(ctx.db, most, networkId)).length > 0
  return isWaiting ? ctx.hosts.names().slice(0, 1) : hosts
}

/** The agents of a kind on these hosts. */
export async function agentsOn(ctx: Context, hosts: string[], agentType: string): Promise<AgentRow[]> {
  const rows: AgentRow[] = []
  for (const host of hosts)
    rows.push(...(await agentRows.list(ctx.db, { host: host, agent_type: agentType })).map((row) => ({ ...row, project_id: '' })))
  return rows
}

/** Networks whose DHCP is, or will be, served from the host. */
export async function dhcpNetworksOf(ctx: Context, host: string): Promise<NetworkRow[]> {
  const planned = ctx.hosts.names()[0] === host ? await networksAwaitingDhcp(ctx.db, most) : []
  return networkRows.many(ctx.db, [...(await dhcpNetworks(ctx.db, host, most)), ...planned])
}

/** Serves the network's DHCP from the host, or (null) from none. */
export async function dhcpMove(tx: Context, network: Pick<NetworkRow, 'id'> & Partial<NetworkRow>, host: string | null): Promise<void> {
  for (const port of await dhcpPortsOf(tx, network.id)) await portDelete(tx, port.id)
  await networkRows.update(tx.db, network.id, { given_up: host === null })
  if (host === null) return
  const subnets = (await subnetsOfNetwork(tx.db, network.id)).filter((subnet) => subnet.enable_dhcp && !isAutoAddress(subnet))
  await portCreate(tx, {
    project_id: network.project_id ?? '',
    network_id: network.id,
    device_owner: 'network:dhcp',
    device_id: `dhcp-${host}-${network.id}`,
    'binding:host_id': host,
    security_groups: [],
    port_security_enabled: false,
    fixed_ips: subnets.map(({ id }) => ({ subnet_id: id })),
  })
  await wakeHosts(tx, [host])
}

export const routersOf = (ctx: Context, host: string): Promise<RouterRow[]> => routerRows.list(ctx.db, { host: host }, { limit: most })

/** '' takes the router from all hosts: none takes it by itself. */
export async function routerMove(tx: Context, router: RouterRow, host: string): Promise<void> {
  await routerRows.update(tx.db, router.id, { host, given_up: host === '' })
  await wakeHosts(tx, [router.host, host])
}
