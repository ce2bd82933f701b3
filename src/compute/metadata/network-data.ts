// network_data.json: links, networks and name servers of a server, as cloud-init reads it.
import { Address4 } from 'ip-address'
import { tapName } from '../../contract/guests.ts'
import type { ServerPortDetails } from '../../network/index.ts'

type Json = Record<string, unknown>

export function networkData(ports: ServerPortDetails[]): Json {
  const networks: Json[] = []
  const dns = new Set<string>()
  for (const port of ports) {
    for (const { subnetId, ipAddress } of port.fixedIps) {
      const subnet = port.subnets.find((each) => each.id === subnetId)
      if (!subnet) continue
      for (const server of subnet.dnsNameservers) dns.add(server)
      networks.push(networkOf(port, subnet, { id: `network${networks.length}`, ipAddress }))
    }
  }
  return {
    links: ports.map((port) => ({
      id: tapName(port.portId),
      vif_id: port.portId,
      type: 'bridge',
      mtu: port.mtuBytes,
      ethernet_mac_address: port.mac,
    })),
    networks,
    services: [...dns].map((address) => ({ type: 'dns', address })),
  }
}

function networkOf(
  port: ServerPortDetails,
  subnet: ServerPortDetails['subnets'][number],
  { id, ipAddress }: { id: string; ipAddress: string },
): Json {
  const link = tapName(port.portId)
  const version = `ipv${subnet.ipVersion}`
  const common = { id, link, network_id: port.networkId }
  if (subnet.ipVersion === 6 && subnet.ipv6AddressMode === 'slaac')
    return { ...common, type: 'ipv6_slaac', ...addressOf(subnet, ipAddress) }
  if (subnet.ipVersion === 6 && subnet.ipv6AddressMode === 'dhcpv6-stateless')
    return { ...common, type: 'ipv6_dhcpv6-stateless', ...addressOf(subnet, ipAddress) }
  if (subnet.ipVersion === 6 && subnet.ipv6AddressMode === 'dhcpv6-stateful')
    return { ...common, type: 'ipv6_dhcpv6-stateful', ...addressOf(subnet, ipAddress) }
  if (subnet.enableDhcp) return { ...common, type: `${version}_dhcp` }
  return { ...common, type: version, ...addressOf(subnet, ipAddress) }
}

function addressOf(subnet: ServerPortDetails['subnets'][number], ipAddress: string): Json {
  const mask = netmask(subnet.cidr, subnet.ipVersion)
  const everything = subnet.ipVersion === 4 ? { network: '0.0.0.0', netmask: '0.0.0.0' } : { network: '::', netmask: '::' }
  const routes: Json[] = subnet.hostRoutes.map(({ destination, nexthop }) => ({
    network: destination.split('/')[0],
    netmask: netmask(destination, subnet.ipVersion),
    gateway: nexthop,
  }))
  if (subnet.gatewayIp !== null) routes.unshift({ ...everything, gateway: subnet.gatewayIp })
  return { ip_address: ipAddress, netmask: mask, routes, services: subnet.dnsNameservers.map((address) => ({ type: 'dns', address })) }
}

function netmask(cidr: string, version: 4 | 6): string {
  if (version === 4) return Address4.fromInteger(Number((0xffffffffn << BigInt(32 - prefixOf(cidr, 32))) & 0xffffffffn)).address
  const bits = prefixOf(cidr, 128)
  const groups = Array.from(
    { length: 8 },
    (_, index) => (0xffff << Math.max(0, 16 - Math.max(0, Math.min(16, bits - index * 16)))) & 0xffff,
  )
  return groups
    .map((group) => group.toString(16))
    .join(':')
    .replace(/(:0)+$/, '::')
    .replace(/^0:.*|^0$/, '::')
}

const prefixOf = (cidr: string, otherwise: number): number => Number(cidr.split('/')[1] ?? otherwise)
