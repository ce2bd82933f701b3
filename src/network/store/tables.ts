// The tables of the network domain as code reads them: the columns that hold yes or no, or a value, come and go decoded.
import type { ColumnsOf } from '../../platform/store/columns.ts'

export interface Pool {
  start: string
  end: string
}

export interface Route {
  destination: string
  nexthop: string
}

export interface AddressPair {
  ip_address: string
  mac_address?: string
}

export interface DhcpOption {
  opt_name: string
  /** null takes the option away */
  opt_value: string | null
  ip_version: 4 | 6
}

export interface StandardRow {
  id: string
  project_id: string
  name: string
  description: string
  tags: string[]
  revision_number: number
  created_at: string
  updated_at: string
}

export interface NetworkRow extends StandardRow {
  admin_state_up: boolean
  status: string
  mtu: number
  port_security_enabled: boolean
  external: boolean
  is_default: boolean
  dns_domain: string
  network_type: 'local' | 'flat' | 'vlan' | 'vxlan' | 'gre'
  physical_network: string | null
  segmentation_id: number | null
  segment_id: string
  availability_zone_hints: string[]
  /** an operator removed its DHCP from its agent: no host serves it until the next guest comes, or the operator names a host */
  given_up: boolean
}

export interface SubnetRow extends StandardRow {
  network_id: string
  ip_version: 4 | 6
  cidr: string
  gateway_ip: string | null
  enable_dhcp: boolean
  ipv6_ra_mode: Ipv6Mode | null
  ipv6_address_mode: Ipv6Mode | null
  subnetpool_id: string | null
  segment_id: string | null
  allocation_pools: Pool[]
  dns_nameservers: string[]
  host_routes: Route[]
  service_types: string[]
}
export type Ipv6Mode = 'slaac' | 'dhcpv6-stateful' | 'dhcpv6-stateless'

/**
 * How a server has a port: 'attached' is in the guest's spec; 'attaching' until its filters stand, or while that is undone;
 * 'detaching': its user wants it out, whatever is under way.
 */
export type AttachState = 'attaching' | 'attached' | 'detaching'

export interface PortRow extends StandardRow {
  network_id: string
  mac_address: string
  admin_state_up: boolean
  status: 'ACTIVE' | 'DOWN' | 'BUILD' | 'N/A'
  device_id: string
  device_owner: string
  /** the server that compute plugged it into; '' for none */
  server_id: string
  /** the tag of the guest's device */
  server_tag: string | null
  server_state: AttachState
  /** it was made for the server; a port that its user made outlives it */
  goes_with_server: boolean
  port_security_enabled: boolean
  binding_host: string
  binding_vnic_type: string
  binding_profile: Record<string, unknown>
  dns_name: string
  ip_allocation: string
  allowed_address_pairs: AddressPair[]
  extra_dhcp_opts: DhcpOption[]
  /** in which order ports came to their device: milliseconds, then as they were made */
  position: number
}

export interface IpAllocationRow {
  subnet_id: string
  ip_address: string
  position: number | null
  port_id: string
  network_id: string
  /** the place in the port's list */
  ordinal: number
}

export interface SecurityGroupRow extends StandardRow {
  stateful: boolean
  is_default: boolean
}

export interface SecurityGroupRuleRow extends StandardRow {
  security_group_id: string
  direction: 'ingress' | 'egress'
  ethertype: 'IPv4' | 'IPv6'
  protocol: string | null
  port_range_min: number | null
  port_range_max: number | null
  remote_ip_prefix: string | null
  normalized_cidr: string | null
  remote_group_id: string | null
  remote_address_group_id: string | null
  canonical: string
}

export interface SubnetpoolRow extends StandardRow {
  prefixes: string[]
  ip_version: 4 | 6
  default_prefixlen: number
  min_prefixlen: number
  max_prefixlen: number
  default_quota: number | null
  address_scope_id: string | null
  is_default: boolean
}

export interface AddressScopeRow extends StandardRow {
  ip_version: 4 | 6
}

export interface AddressGroupRow extends StandardRow {
  addresses: string[]
}

export interface RbacPolicyRow {
  id: string
  project_id: string
  object_type: string
  object_id: string
  action: 'access_as_shared' | 'access_as_external'
  target_project: string
}

export interface RouterRow extends StandardRow {
  admin_state_up: boolean
  status: string
  distributed: boolean
  ha: boolean
  gateway_port_id: string | null
  gateway_network_id: string | null
  enable_snat: boolean
  routes: Route[]
  availability_zone_hints: string[]
  /** where it is made; '' as long as no host is known */
  host: string
  /** an operator removed it from its agent: no host takes it until it is changed, or the operator names a host */
  given_up: boolean
}

export interface RouterPortRow {
  port_id: string
  router_id: string
  kind: 'interface' | 'gateway'
}

export interface FloatingIpRow extends StandardRow {
  floating_network_id: string
  floating_ip_address: string
  floating_port_id: string
  fixed_port_id: string | null
  fixed_ip_address: string | null
  router_id: string | null
  status: 'ACTIVE' | 'DOWN' | 'ERROR'
  dns_name: string
  dns_domain: string
}

export interface NetworkAgentRow {
  id: string
  host: string
  agent_type: string
  admin_state_up: boolean
  description: string | null
  configurations: Record<string, unknown>
  created_at: string
  started_at: string
  heartbeat_at: string
}

/** the newest network spec that was made for a host */
export interface HostNetworkRow {
  host: string
  /** of the newest spec that was made for it */
  generation: number
  /** of the report that the rows have taken in; '' of none */
  report_digest: string
  /** when the rows were read for that spec; ms */
  read_at: number
}

export interface NetworkTables {
  networks: NetworkRow
  segment_allocations: { network_type: string; physical_network: string; segmentation_id: number; network_id: string }
  subnets: SubnetRow
  subnetpools: SubnetpoolRow
  address_scopes: AddressScopeRow
  address_groups: AddressGroupRow
  ports: PortRow
  ip_allocations: IpAllocationRow
  security_groups: SecurityGroupRow
  security_group_rules: SecurityGroupRuleRow
  port_security_groups: { port_id: string; security_group_id: string; ordinal: number }
  rbac_policies: RbacPolicyRow
  routers: RouterRow
  router_ports: RouterPortRow
  floating_ips: FloatingIpRow
  network_agents: NetworkAgentRow
  host_networks: HostNetworkRow
  auto_allocated_topologies: { project_id: string; network_id: string; router_id: string | null }
}

const standard = { tags: 'json' } as const

/** What of these rows is yes or no, or a value; all else is text, numbers and null. */
export const columns: ColumnsOf<NetworkTables> = {
  networks: {
    ...standard,
    admin_state_up: 'flag',
    port_security_enabled: 'flag',
    external: 'flag',
    is_default: 'flag',
    given_up: 'flag',
    availability_zone_hints: 'json',
  },
  subnets: {
    ...standard,
    enable_dhcp: 'flag',
    allocation_pools: 'json',
    dns_nameservers: 'json',
    host_routes: 'json',
    service_types: 'json',
  },
  subnetpools: { ...standard, is_default: 'flag', prefixes: 'json' },
  address_scopes: standard,
  address_groups: { ...standard, addresses: 'json' },
  ports: {
    ...standard,
    admin_state_up: 'flag',
    goes_with_server: 'flag',
    port_security_enabled: 'flag',
    binding_profile: 'json',
    allowed_address_pairs: 'json',
    extra_dhcp_opts: 'json',
  },
  security_groups: { ...standard, stateful: 'flag', is_default: 'flag' },
  security_group_rules: standard,
  routers: {
    ...standard,
    admin_state_up: 'flag',
    distributed: 'flag',
    ha: 'flag',
    enable_snat: 'flag',
    given_up: 'flag',
    routes: 'json',
    availability_zone_hints: 'json',
  },
  floating_ips: standard,
  network_agents: { admin_state_up: 'flag', configurations: 'json' },
}
