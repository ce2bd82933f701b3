// A floating IP → what the API shows.
import type { Loaded } from '../api/resource.ts'
import type { FloatingIpFacts } from './floating-ips.ts'
import type { FloatingIpRow } from '../store/tables.ts'

export const floatingIpView = ({ row, facts: { port } }: Loaded<FloatingIpRow, FloatingIpFacts>): Record<string, unknown> => ({
  id: row.id,
  tenant_id: row.project_id,
  floating_ip_address: row.floating_ip_address,
  floating_network_id: row.floating_network_id,
  router_id: row.router_id,
  port_id: row.fixed_port_id,
  fixed_ip_address: row.fixed_ip_address,
  status: row.status,
  description: row.description,
  port_details: port
    ? {
        name: port.name,
        network_id: port.network_id,
        mac_address: port.mac_address,
        admin_state_up: port.admin_state_up,
        status: port.status,
        device_id: port.device_id,
        device_owner: port.device_owner,
      }
    : null,
  dns_domain: row.dns_domain,
  dns_name: row.dns_name,
  tags: row.tags,
  created_at: row.created_at,
  updated_at: row.updated_at,
  revision_number: row.revision_number,
  project_id: row.project_id,
})
