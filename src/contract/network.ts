// What control asks of a host's networks, and what the host reports of them.
import type { Call } from './call.ts'
import type { GuestPort } from './guests.ts'

export type SegmentType = 'local' | 'flat' | 'vlan' | 'vxlan' | 'gre'

/** Everything that this host's agents must make so; what is not named goes away. */
export interface HostNetworkSpec {
  generation: number
  networks: NetworkSpec[]
  ports: PortSpec[]
  securityGroups: SecurityGroupSpec[]
  dhcp: DhcpSpec[]
  routers: RouterSpec[]
}

export interface NetworkSpec {
  id: string
  type: SegmentType
  physicalNetwork: string | null
  segmentationId: number | null
  mtuBytes: number
  /** tunnel end points of the other hosts on this network, and which MAC lives behind which */
  tunnelPeers: { address: string; macs: string[] }[]
  /** addresses that the machine itself takes on a flat network (the gateways of `public`), with prefix length: makes it reachable from here */
  hostAddresses: string[]
}

/** A guest's port on this host. Router and DHCP ports stand in RouterSpec and DhcpSpec. */
export interface PortSpec {
  id: string
  networkId: string
  mac: string
  adminStateUp: boolean
  /** false: neither security groups nor anti-spoofing */
  portSecurityEnabled: boolean
  fixedIps: string[]
  allowedAddressPairs: { ip: string; mac: string }[]
  securityGroupIds: string[]
}

export interface SecurityGroupSpec {
  id: string
  rules: SecurityGroupRuleSpec[]
}

export interface SecurityGroupRuleSpec {
  direction: 'ingress' | 'egress'
  ethertype: 'IPv4' | 'IPv6'
  /** 'tcp', 'udp', 'icmp', 'icmpv6', another name that Neutron knows, a number as text, or null for any */
  protocol: string | null
  /** ports; for icmp the type and code */
  portRangeMin: number | null
  portRangeMax: number | null
  /** CIDRs that the remote side must be in, remote groups already resolved to addresses; null: anyone */
  remoteCidrs: string[] | null
}

export interface DhcpSpec {
  networkId: string
  /** the DHCP port: its address is where the server listens; its namespace is `qdhcp-<network id>` */
  portId: string
  mac: string
  domain: string
  subnets: DhcpSubnetSpec[]
  leases: { portId: string; mac: string; ips: string[]; hostname: string; options: { name: string; value: string; ipVersion: 4 | 6 }[] }[]
  /** answer 169.254.169.254 here too (networks without a router) */
  metadata: boolean
}

export interface DhcpSubnetSpec {
  id: string
  cidr: string
  ipVersion: 4 | 6
  /** this server's own address in the subnet */
  serverIp: string
  gatewayIp: string | null
  enableDhcp: boolean
  ipv6Mode: 'slaac' | 'dhcpv6-stateful' | 'dhcpv6-stateless' | null
  dnsNameservers: string[]
  hostRoutes: { destination: string; nexthop: string }[]
  mtuBytes: number
}

/** A router: a namespace `qrouter-<id>`. */
export interface RouterSpec {
  id: string
  adminStateUp: boolean
  interfaces: RouterPortSpec[]
  gateway: (RouterPortSpec & { enableSnat: boolean; gatewayIps: string[] }) | null
  floatingIps: { id: string; floatingIp: string; fixedIp: string }[]
  routes: { destination: string; nexthop: string }[]
}

export interface RouterPortSpec {
  portId: string
  networkId: string
  mac: string
  /** with prefix length: 10.0.0.1/24 */
  addresses: string[]
  /** announce this prefix to guests (SLAAC or stateless), per address */
  ipv6RaMode: 'slaac' | 'dhcpv6-stateful' | 'dhcpv6-stateless' | null
}

export interface HostNetworkReport {
  generation: number
  /** ports whose wiring and filters stand; a port without a tap yet is 'down' with the reason */
  ports: Record<string, { state: 'up' | 'down'; reason: string | null }>
  routers: Record<string, { state: 'up' | 'down'; reason: string | null }>
  dhcp: Record<string, { state: 'up' | 'down'; reason: string | null }>
}

export interface NetworkDifference {
  kind: 'bridge' | 'tap' | 'namespace' | 'process' | 'rules'
  /** the device's or namespace's name, a process's id */
  name: string
  state: 'missing' | 'unexplained'
}

export interface HostNetwork {
  /** Makes the host's networks as the spec says, batched, and takes away what it does not name. Calls are serialised; the newest spec wins. */
  apply(spec: HostNetworkSpec, call: Call): Promise<HostNetworkReport>
  /** Makes what it was told last once more where something of it is lost, and says how it is; null when it knows of nothing (it was started anew). */
  again(): Promise<HostNetworkReport | null>
  /**
   * A guest's tap with its filters in place before its first packet; also called by Guests.apply before the guest starts.
   * `generation`: every later spec names the port, as its caller has it; without it, the newest that this host was told. What
   * comes late, after a later one without the port, is refused with 'stale_fence', and such a spec takes the tap away.
   * `owner`: the only user who may open it; nobody has it open then.
   */
  ensureTap(port: GuestPort, generation?: number, owner?: { uid: number; gid: number }): Promise<string>
  removeTap(portId: string): Promise<void>
  /** Calls back when something that stood is gone (a tap, a daemon), or back: the next apply makes it anew, or says how it is. Returns how to stop. */
  watch(onChange: () => void): () => void
  /** How what really exists differs from what the spec asks for, guests' missing taps aside; changes nothing. */
  compare(spec: HostNetworkSpec): Promise<NetworkDifference[]>
  /** what really exists: for the clean-slate checks */
  list(): Promise<{ bridges: string[]; taps: string[]; namespaces: string[]; processes: number[]; tables: string[] }>
}

/** Answers a guest's request to 169.254.169.254; control knows who it is by where it came from. */
export interface MetadataSource {
  get(
    from: { networkId: string | null; routerId: string | null; address: string },
    path: string,
    headers: Record<string, string>,
  ): Promise<{ status: number; contentType: string; body: string }>
}
