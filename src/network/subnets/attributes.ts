// The attributes of subnets.
import { fixed, guarded, settable, shown, type Attributes } from '../api/attribute.ts'
import {
  boolean,
  cidr,
  hostRoutes,
  ip,
  ipPools,
  ipVersion,
  listOf,
  nameservers,
  notNegative,
  oneOf,
  orNull,
  text,
  uuid,
} from '../api/readers.ts'

const mode = oneOf(['dhcpv6-stateful', 'dhcpv6-stateless', 'slaac'])

export const subnetAttributes = {
  id: shown,
  name: settable(text(255), { default: '' }),
  ip_version: fixed(ipVersion),
  network_id: fixed(uuid, { refers: 'target' }),
  subnetpool_id: fixed(
    orNull((value, name) => (value === 'prefix_delegation' ? value : uuid(value, name))),
    { default: undefined, refers: 'subnetpool' },
  ),
  prefixlen: fixed(notNegative, { default: undefined, hidden: true }),
  use_default_subnetpool: fixed(boolean, { default: false, hidden: true }),
  cidr: fixed(orNull(cidr), { default: undefined }),
  gateway_ip: settable(orNull(ip), { default: undefined }),
  allocation_pools: settable(ipPools, { default: undefined }),
  dns_nameservers: settable(nameservers, { default: [] }),
  host_routes: settable(hostRoutes, { default: [] }),
  project_id: fixed(text(255), { default: undefined }),
  tenant_id: fixed(text(255), { default: undefined }),
  enable_dhcp: settable(boolean, { default: true }),
  ipv6_ra_mode: fixed(orNull(mode), { default: undefined }),
  ipv6_address_mode: fixed(orNull(mode), { default: undefined }),
  service_types: settable(listOf(text(255), 50), { default: undefined }),
  segment_id: settable(orNull(uuid), { default: null, ...guarded, refers: 'own' }),
  'router:external': shown,
  description: settable(text(255), { default: '' }),
  tags: shown,
  created_at: shown,
  updated_at: shown,
  revision_number: shown,
} satisfies Attributes
