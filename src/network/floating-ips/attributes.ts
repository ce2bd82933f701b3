// The attributes of floating IPs.
import { fixed, guarded, settable, shown, type Attributes } from '../api/attribute.ts'
import { dnsDomain, dnsName, ip, orNull, text, uuid } from '../api/readers.ts'

export const floatingIpAttributes = {
  id: shown,
  floating_ip_address: fixed(orNull(ip), { default: null, ...guarded }),
  subnet_id: fixed(orNull(uuid), { default: null, hidden: true, refers: 'own' }),
  floating_network_id: fixed(uuid, { refers: 'network' }),
  router_id: shown,
  port_id: settable(orNull(uuid), { default: null, refers: 'port' }),
  fixed_ip_address: settable(orNull(ip), { default: null }),
  project_id: fixed(text(255), { default: undefined }),
  tenant_id: fixed(text(255), { default: undefined }),
  status: shown,
  port_details: shown,
  dns_name: fixed(dnsName, { default: '' }),
  dns_domain: fixed(dnsDomain, { default: '' }),
  description: settable(text(255), { default: '' }),
  tags: shown,
  created_at: shown,
  updated_at: shown,
  revision_number: shown,
} satisfies Attributes
