// A port → what the API shows.
import type { Loaded } from '../api/resource.ts'
import { dnsDomain } from './dns.ts'
import type { PortFacts } from './ports.ts'
import type { PortRow } from '../store/tables.ts'

export function portView({ row, facts }: Loaded<PortRow, PortFacts>): Record<string, unknown> {
  const { addresses } = facts
  const isBound = row.binding_host !== '' && !facts.isBindingFailed
  return {
    id: row.id,
    name: row.name,
    network_id: row.network_id,
    tenant_id: row.project_id,
    mac_address: row.mac_address,
    admin_state_up: row.admin_state_up,
    status: row.status,
    device_id: row.device_id,
    device_owner: row.device_owner,
    fixed_ips: addresses.map(({ subnet_id, ip_address }) => ({ subnet_id, ip_address })),
    allowed_address_pairs: row.allowed_address_pairs.map((pair) => ({
      mac_address: pair.mac_address ?? row.mac_address,
      ip_address: pair.ip_address,
    })),
    extra_dhcp_opts: row.extra_dhcp_opts,
    security_groups: facts.groupIds,
    description: row.description,
    'binding:vnic_type': row.binding_vnic_type,
    'binding:profile': row.binding_profile,
    'binding:host_id': row.binding_host,
    'binding:vif_type': isBound ? 'bridge' : facts.isBindingFailed ? 'binding_failed' : 'unbound',
    'binding:vif_details': isBound ? { port_filter: true, connectivity: 'l2', bound_drivers: { '0': 'stackling' } } : {},
    port_security_enabled: row.port_security_enabled,
    dns_name: row.dns_name,
    dns_assignment: addresses.map(({ ip_address }) => {
      const hostname = row.dns_name === '' ? `host-${ip_address.replaceAll(/[.:]/g, '-')}` : (row.dns_name.split('.')[0] ?? '')
      return { ip_address, hostname, fqdn: `${hostname}.${dnsDomain}` }
    }),
    ip_allocation: row.ip_allocation,
    tags: row.tags,
    created_at: row.created_at,
    updated_at: row.updated_at,
    revision_number: row.revision_number,
    project_id: row.project_id,
  }
}
