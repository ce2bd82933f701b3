// The attributes of networks.
import { fixed, guarded, settable, shown, type Attributes } from '../api/attribute.ts'
import { boolean, dnsDomain, integer, listOf, notNegative, orNull, text } from '../api/readers.ts'

export const zoneHints = listOf(text(255), 10)

export const networkAttributes = {
  id: shown,
  name: settable(text(255), { default: '' }),
  project_id: fixed(text(255), { default: undefined }),
  tenant_id: fixed(text(255), { default: undefined }),
  admin_state_up: settable(boolean, { default: true }),
  mtu: settable(notNegative, { default: 0 }),
  status: shown,
  subnets: shown,
  shared: settable(boolean, { default: false, ...guarded }),
  'router:external': settable(boolean, { default: false, ...guarded }),
  is_default: settable(boolean, { default: false, ...guarded }),
  'provider:network_type': settable(text(32), { default: undefined, ...guarded }),
  'provider:physical_network': settable(orNull(text(64)), { default: undefined, ...guarded }),
  'provider:segmentation_id': settable(orNull(integer), { default: undefined, ...guarded }),
  port_security_enabled: settable(boolean, { default: true, ...guarded }),
  availability_zone_hints: fixed(zoneHints, { default: [] }),
  availability_zones: shown,
  ipv4_address_scope: shown,
  ipv6_address_scope: shown,
  l2_adjacency: shown,
  dns_domain: settable(dnsDomain, { default: '' }),
  description: settable(text(255), { default: '' }),
  tags: shown,
  created_at: shown,
  updated_at: shown,
  revision_number: shown,
} satisfies Attributes
