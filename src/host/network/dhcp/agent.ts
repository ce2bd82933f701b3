// The DHCP server of one network: addresses in its namespace, its dnsmasq, and the memory of which MAC an address
// was served to, because dnsmasq refuses an address to a new port while it remembers the old one's lease.
import type { DhcpSpec } from '../../../contract/network.ts'
import { addressOf, parsePrefix } from '../addresses.ts'
import type { NamespaceWanted } from '../l3/addresses.ts'
import { dhcpDevice, dhcpNamespace } from '../names.ts'
import { dnsmasqFiles, hostsCarryTags } from './config.ts'
import type { Daemons } from './dnsmasq.ts'

export const dhcpDaemon = (networkId: string): string => `dhcp-${networkId}`

/** The addresses and routes of a DHCP namespace. */
export function dhcpNamespaceWanted(spec: DhcpSpec): NamespaceWanted {
  const device = dhcpDevice(spec.portId)
  const addresses = spec.subnets.map((subnet) => `${addressOf(subnet.serverIp)}/${parsePrefix(subnet.cidr)?.length ?? 32}`)
  const gateway = spec.subnets.find((subnet) => subnet.ipVersion === 4 && subnet.gatewayIp !== null)
  return {
    devices: new Map([
      [device, addresses],
      ['lo', spec.metadata ? ['169.254.169.254/32'] : []],
    ]),
    routes: gateway?.gatewayIp ? [{ destination: 'default', nexthop: gateway.gatewayIp, device, onLink: false }] : [],
  }
}

/** Makes the network's dnsmasq run as the spec says. */
export async function ensureDhcp(spec: DhcpSpec, daemons: Daemons, directory: string): Promise<void> {
  const name = dhcpDaemon(spec.networkId)
  const files = dnsmasqFiles(spec, `${directory}/${name}`)
  const served = new Map(JSON.parse(daemons.read(name, 'served') ?? '[]') as [string, string][])
  const leases = spec.leases.flatMap((lease) => lease.ips.map((ip): [string, string] => [addressOf(ip), lease.mac.toLowerCase()]))
  const moved = leases.some(([ip, mac]) => served.has(ip) && served.get(ip) !== mac)
  const next = JSON.stringify([...new Map([...(moved ? [] : served), ...leases])])
  const reloaded = { hosts: files.hosts, options: files.options, names: files.names }
  const changed = Object.entries(reloaded).some(([file, text]) => daemons.read(name, file) !== text)
  const restart = moved || (changed && hostsCarryTags(daemons.read(name, 'hosts') ?? ''))
  await daemons.ensure(name, { config: files.config, reloaded }, { namespace: dhcpNamespace(spec.networkId), restart })
  if (next !== daemons.read(name, 'served')) daemons.write(name, 'served', next)
}
