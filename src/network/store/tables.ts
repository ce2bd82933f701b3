// The tables of the network domain, as Kysely sees them.

export interface StandardRow {
  id: string
  project_id: string
  name: string
  description: string
  /** JSON: string[] */
  tags: string
  revision_number: number
  created_at: string
  updated_at: string
}

export interface NetworkRow extends StandardRow {
  admin_state_up: number
  status: string
  mtu: number
  port_security_enabled: number
  external: number
  is_default: number
  dns_domain: string
  network_type: 'local' | 'flat' | 'vlan' | 'vxlan' | 'gre'
  physical_network: string | null
  segmentation_id: number | null
  segment_id: string
  /** JSON: string[] */
  availability_zone_hints: string
  /** its DHCP was taken from its agent: no host serves it until the next guest comes, or one is told to */
  given_up: number
}

export interface SubnetRow extends StandardRow {
  network_id: string
  ip_version: 4 | 6
  cidr: string
  gateway_ip: string | null
  enable_dhcp: number
  ipv6_ra_mode: Ipv6Mode | null
  ipv6_address_mode: Ipv6Mode | null
  subnetpool_id: string | null
  segment_id: string | null
  /** JSON: { start, end }[] */
  allocation_pools: string
  /** JSON: string[] */
  dns_nameservers: string
  /** JSON: { destination, nexthop }[] */
  host_routes: string
  /** JSON: string[] */
  service_types: string
}
export type Ipv6Mode = 'slaac' | 'dhcpv6-stateful' | 'dhcpv6-stateless'

export interface PortRow extends StandardRow {
  network_id: string
  mac_address: string
  admin_state_up: number
  status: 'ACTIVE' | 'DOWN' | 'BUILD' | 'N/A'
  device_id: string
  device_owner: string
  /** the server that compute plugged it into; '' for none */
  server_id: string
  port_security_enabled: number
  binding_host: string
  binding_vnic_type: string
  /** JSON: object */
  binding_profile: string
  dns_name: string
  ip_allocation: string
  /** JSON: { ip_address, mac_address }[] */
  allowed_address_pairs: string
  /** JSON: { opt_name, opt_value, ip_version }[] */
  extra_dhcp_opts: string
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
  stateful: number
  is_default: number
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
  /** JSON: string[] */
  prefixes: string
  ip_version: 4 | 6
  default_prefixlen: number
  min_prefixlen: number
  max_prefixlen: number
  default_quota: number | null
  address_scope_id: string | null
  is_default: number
}

export interface AddressScopeRow extends StandardRow {
  ip_version: 4 | 6
}

export interface AddressGroupRow extends StandardRow {
  /** JSON: string[] */
  addresses: string
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
  admin_state_up: number
  status: string
  distributed: number
  ha: number
  gateway_port_id: string | null
  gateway_network_id: string | null
  enable_snat: number
  /** JSON: { destination, nexthop }[] */
  routes: string
  /** JSON: string[] */
  availability_zone_hints: string
  /** where it is made; '' as long as no host is known */
  host: string
  /** it was taken from its agent: no host takes it until one is told to, or it is changed */
  given_up: number
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
  admin_state_up: number
  description: string | null
  /** JSON */
  configurations: string
  created_at: string
  started_at: string
  heartbeat_at: string
}

/** what a host was told of its networks last */
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
