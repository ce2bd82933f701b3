// Rows → what a host's agents are to make. Pure; reading the rows is spec.store.ts, sending it network.reconciler.ts.
import type {
  DhcpSpec,
  DhcpSubnetSpec,
  HostNetworkSpec,
  NetworkSpec,
  PortSpec,
  RouterPortSpec,
  RouterSpec,
  SecurityGroupRuleSpec,
  SecurityGroupSpec,
} from '../../contract/network.ts'
import { parseCidr } from '../addresses/addresses.ts'
import type { HostRows, Peer, RouterAddress } from './spec.store.ts'
import type { IpAllocationRow, NetworkRow, SecurityGroupRuleRow, SubnetRow } from '../store/tables.ts'
import { dnsDomain } from '../ports/dns.ts'

interface Indexed extends HostRows {
  allocationsByPort: Map<string, IpAllocationRow[]>
  subnetsByNetwork: Map<string, SubnetRow[]>
  subnetById: Map<string, SubnetRow>
  networkById: Map<string, NetworkRow>
  peersByNetwork: Map<string, Peer[]>
}

/** Linux makes no device that carries less. */
const leastMtuBytes = 68

const prefixLength = (subnet: SubnetRow): number => parseCidr(subnet.cidr)?.length ?? 0

/** The tunnel end points of other hosts by name. */
export type TunnelAddresses = Map<string, string>

export function hostSpec(rows: HostRows, about: { generation: number; tunnels: TunnelAddresses }): HostNetworkSpec {
  const indexed: Indexed = {
    ...rows,
    allocationsByPort: Map.groupBy(rows.allocations, ({ port_id }) => port_id),
    subnetsByNetwork: Map.groupBy(rows.subnets, ({ network_id }) => network_id),
    subnetById: new Map(rows.subnets.map((subnet) => [subnet.id, subnet])),
    networkById: new Map(rows.networks.map((network) => [network.id, network])),
    peersByNetwork: Map.groupBy(rows.peers, ({ network_id }) => network_id),
  }
  return {
    generation: about.generation,
    networks: rows.networks.map((network) => networkSpec(indexed, network, about)),
    ports: portSpecs(indexed),
    securityGroups: groupSpecs(indexed),
    dhcp: dhcpSpecs(indexed),
    routers: rows.routers.map((router) => routerSpec(indexed, router.id)),
  }
}

function networkSpec(rows: Indexed, network: NetworkRow, { tunnels }: { tunnels: TunnelAddresses }): NetworkSpec {
  const others = Map.groupBy(rows.peersByNetwork.get(network.id) ?? [], ({ binding_host }) => binding_host)
  const tunnelPeers = [...others].flatMap(([name, ports]) => {
    const address = tunnels.get(name)
    return address === undefined ? [] : [{ address, macs: ports.map(({ mac_address }) => mac_address) }]
  })
  const isDoor = network.external && network.network_type === 'flat'
  const gateways = isDoor
    ? (rows.subnetsByNetwork.get(network.id) ?? []).flatMap((subnet) =>
        subnet.gateway_ip === null ? [] : [`${subnet.gateway_ip}/${prefixLength(subnet)}`],
      )
    : []
  return {
    id: network.id,
    type: network.network_type,
    physicalNetwork: network.physical_network,
    segmentationId: network.segmentation_id,
    mtuBytes: Math.max(network.mtu, leastMtuBytes),
    tunnelPeers,
    hostAddresses: gateways,
  }
}

function portSpecs(rows: Indexed): PortSpec[] {
  const groups = Map.groupBy(rows.portGroups, ({ port_id }) => port_id)
  return rows.ports.map((port) => ({
    id: port.id,
    networkId: port.network_id,
    mac: port.mac_address,
    adminStateUp: port.admin_state_up && rows.networkById.get(port.network_id)?.admin_state_up !== false,
    portSecurityEnabled: port.port_security_enabled,
    fixedIps: (rows.allocationsByPort.get(port.id) ?? []).map(({ ip_address }) => ip_address),
    allowedAddressPairs: port.allowed_address_pairs.map((pair) => ({
      ip: pair.ip_address,
      mac: pair.mac_address ?? port.mac_address,
    })),
    securityGroupIds: (groups.get(port.id) ?? []).map(({ security_group_id }) => security_group_id),
  }))
}

function groupSpecs(rows: Indexed): SecurityGroupSpec[] {
  const members = Map.groupBy(rows.members, ({ security_group_id }) => security_group_id)
  const pairs = Map.groupBy(rows.memberPairs, ({ security_group_id }) => security_group_id)
  const addressGroups = new Map(rows.addressGroups.map(({ id, addresses }) => [id, addresses]))
  const addressesOf = (groupId: string): string[] => {
    const own = (members.get(groupId) ?? []).map(({ ip_address }) => ip_address)
    const allowed = (pairs.get(groupId) ?? []).flatMap(({ allowed_address_pairs }) =>
      allowed_address_pairs.map(({ ip_address }) => ip_address),
    )
    return [...new Set([...own, ...allowed])]
  }
  const cached = new Map<string, string[]>()
  const remoteOf = (groupId: string): string[] => {
    const known = cached.get(groupId) ?? addressesOf(groupId)
    cached.set(groupId, known)
    return known
  }
  const ruleSpec = (rule: SecurityGroupRuleRow): SecurityGroupRuleSpec => ({
    direction: rule.direction,
    ethertype: rule.ethertype,
    protocol: rule.protocol === 'ip' ? null : rule.protocol,
    portRangeMin: rule.port_range_min,
    portRangeMax: rule.port_range_max,
    remoteCidrs: remoteCidrs(rule, remoteOf, addressGroups),
  })
  const rules = Map.groupBy(rows.rules, ({ security_group_id }) => security_group_id)
  const ids = new Set(rows.portGroups.map(({ security_group_id }) => security_group_id))
  return [...ids].sort().map((id) => ({ id, rules: (rules.get(id) ?? []).map(ruleSpec) }))
}

function remoteCidrs(
  rule: SecurityGroupRuleRow,
  remoteOf: (id: string) => string[],
  addressGroups: Map<string, string[]>,
): string[] | null {
  const isFamily = (address: string) => address.includes(':') === (rule.ethertype === 'IPv6')
  const asCidr = (address: string) => (address.includes('/') ? address : `${address}/${rule.ethertype === 'IPv6' ? 128 : 32}`)
  if (rule.remote_group_id !== null) return remoteOf(rule.remote_group_id).filter(isFamily).map(asCidr)
  if (rule.remote_address_group_id !== null) return (addressGroups.get(rule.remote_address_group_id) ?? []).filter(isFamily).map(asCidr)
  return rule.normalized_cidr === null ? null : [rule.normalized_cidr]
}

/** DHCP is served where guests are: a network without a bound port has none. */
function dhcpSpecs(rows: Indexed): DhcpSpec[] {
  const peopled = new Set(
    rows.leasePorts
      .filter((port) => port.binding_host !== '' && !port.device_owner.startsWith('network:'))
      .map(({ network_id }) => network_id),
  )
  return rows.dhcpPorts.flatMap((port): DhcpSpec[] => {
    const network = rows.networkById.get(port.network_id)
    if (!network || !peopled.has(network.id)) return []
    const own = rows.allocationsByPort.get(port.id) ?? []
    const subnets = (rows.subnetsByNetwork.get(network.id) ?? []).flatMap((subnet): DhcpSubnetSpec[] => {
      const server = own.find(({ subnet_id }) => subnet_id === subnet.id)
      return server && subnet.enable_dhcp ? [dhcpSubnet(subnet, server.ip_address, network.mtu)] : []
    })
    if (subnets.length === 0) return []
    return [
      {
        networkId: network.id,
        portId: port.id,
        mac: port.mac_address,
        domain: (network.dns_domain || dnsDomain).replace(/\.$/, ''),
        subnets,
        leases: leases(rows, network.id),
        metadata: !rows.routedNetworks.has(network.id),
      },
    ]
  })
}

const dhcpSubnet = (subnet: SubnetRow, serverIp: string, mtuBytes: number): DhcpSubnetSpec => ({
  id: subnet.id,
  cidr: subnet.cidr,
  ipVersion: subnet.ip_version,
  serverIp,
  gatewayIp: subnet.gateway_ip,
  enableDhcp: true,
  ipv6Mode: subnet.ipv6_address_mode,
  dnsNameservers: subnet.dns_nameservers,
  hostRoutes: subnet.host_routes,
  mtuBytes,
})

const leases = (rows: Indexed, networkId: string): DhcpSpec['leases'] =>
  rows.leasePorts
    .filter((port) => port.network_id === networkId && port.device_owner !== 'network:dhcp')
    .map((port) => {
      const ips = (rows.allocationsByPort.get(port.id) ?? []).map(({ ip_address }) => ip_address)
      return {
        portId: port.id,
        mac: port.mac_address,
        ips,
        hostname: port.dns_name === '' ? hostName(ips[0] ?? '') : (port.dns_name.split('.')[0] ?? ''),
        options: port.extra_dhcp_opts.flatMap(({ opt_name, opt_value, ip_version }) =>
          opt_value === null ? [] : [{ name: opt_name, value: opt_value, ipVersion: ip_version }],
        ),
      }
    })

const hostName = (ip: string) => `host-${ip.replaceAll(/[.:]+/g, '-')}`.replace(/-$/, '')

function routerSpec(rows: Indexed, routerId: string): RouterSpec {
  const router = rows.routers.find(({ id }) => id === routerId)
  const addresses = rows.routerAddresses.filter(({ router_id }) => router_id === routerId)
  const byPort = Map.groupBy(addresses, ({ port_id }) => port_id)
  const ports = [...byPort.values()]
  const gateway = ports.find(([first]) => first?.kind === 'gateway')
  const gatewaySubnets = (gateway ?? []).flatMap(({ subnet_id }) => (subnet_id === null ? [] : (rows.subnetById.get(subnet_id) ?? [])))
  return {
    id: routerId,
    adminStateUp: router?.admin_state_up ?? false,
    interfaces: ports.filter(([first]) => first?.kind === 'interface').map((port) => routerPort(rows, port)),
    gateway: gateway
      ? {
          ...routerPort(rows, gateway),
          enableSnat: router?.enable_snat ?? false,
          gatewayIps: gatewaySubnets.flatMap(({ gateway_ip }) => gateway_ip ?? []),
        }
      : null,
    floatingIps: rows.floatingIps
      .filter((row) => row.router_id === routerId && row.fixed_ip_address !== null)
      .map((row) => ({ id: row.id, floatingIp: row.floating_ip_address, fixedIp: row.fixed_ip_address ?? '' })),
    routes: router?.routes ?? [],
  }
}

function routerPort(rows: Indexed, port: RouterAddress[]): RouterPortSpec {
  const [first] = port
  const subnets = port.flatMap(({ subnet_id }) => (subnet_id === null ? [] : (rows.subnetById.get(subnet_id) ?? [])))
  return {
    portId: first?.port_id ?? '',
    networkId: first?.network_id ?? '',
    mac: first?.mac_address ?? '',
    addresses: port.flatMap(({ ip_address, subnet_id }) => {
      const subnet = subnet_id === null ? undefined : rows.subnetById.get(subnet_id)
      return ip_address !== null && subnet ? [`${ip_address}/${prefixLength(subnet)}`] : []
    }),
    ipv6RaMode: first?.kind === 'interface' ? (subnets.find(({ ipv6_ra_mode }) => ipv6_ra_mode !== null)?.ipv6_ra_mode ?? null) : null,
  }
}
