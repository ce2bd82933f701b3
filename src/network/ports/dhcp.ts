// DHCP ports: the domain makes them itself, on the host where the first guest of a network is, with an address in every
// subnet that wants DHCP.
import type { Context } from '../../platform/context.ts'
import { eventAppend } from '../../platform/events.ts'
import { isAutoAddress } from '../addresses/ipam.ts'
import { portUpdate } from './change.ts'
import { portCreate } from './ports.ts'
import { networkRows } from '../networks/store.ts'
import { portRows } from './store.ts'
import { subnetsOfNetwork } from '../subnets/store.ts'
import { dhcpPortsIncomplete, networksWithoutDhcp } from '../host/spec.store.ts'

/** Makes what is missing on this host; cheap when nothing is. */
export async function dhcpPortsEnsure(tx: Context, host: string): Promise<void> {
  for (const networkId of await networksWithoutDhcp(tx.db, host)) await make(tx, networkId, host)
  for (const portId of await dhcpPortsIncomplete(tx.db, host)) await complete(tx, portId)
}

const wantedIps = async (tx: Context, networkId: string) =>
  (await subnetsOfNetwork(tx.db, networkId)).filter((subnet) => subnet.enable_dhcp)

async function make(tx: Context, networkId: string, host: string): Promise<void> {
  const network = await networkRows.fetch(tx.db, networkId)
  if (!network) return
  const subnets = await wantedIps(tx, networkId)
  const { row } = await portCreate(tx, {
    project_id: network.project_id,
    network_id: networkId,
    network,
    device_owner: 'network:dhcp',
    device_id: `dhcp-${host}-${networkId}`,
    'binding:host_id': host,
    security_groups: [],
    port_security_enabled: false,
    fixed_ips: subnets.filter((subnet) => !isAutoAddress(subnet)).map(({ id }) => ({ subnet_id: id })),
  })
  await eventAppend(tx, {
    resourceType: 'port',
    resourceId: row.id,
    projectId: network.project_id,
    action: 'create',
    result: 'success',
    message: 'the DHCP port of the network',
    host,
  })
}

async function complete(tx: Context, portId: string): Promise<void> {
  const port = await portRows.fetch(tx.db, portId)
  if (!port) return
  const subnets = await wantedIps(tx, port.network_id)
  await portUpdate(tx, port, { fixed_ips: subnets.map(({ id }) => ({ subnet_id: id })) })
}
