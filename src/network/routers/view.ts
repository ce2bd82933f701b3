// Routers and floating IPs → what the API shows.
import type { Loaded } from '../api/resource.ts'
import type { FloatingIpFacts } from '../floating-ips/floating-ips.ts'
import type { RouterFacts } from './routers.ts'
import type { FloatingIpRow, RouterRow } from '../store/tables.ts'
import { networkZone } from '../zones.ts'

export const routerView = ({ row, facts }: Loaded<RouterRow, RouterFacts>): Record<string, unknown> => ({
  id: row.id,
  name: row.name,
  tenant_id: row.project_id,
  admin_state_up: row.admin_state_up === 1,
  status: row.status,
  external_gateway_info:
    row.gateway_port_id === null
      ? null
      : {
          network_id: row.gateway_network_id,
          external_fixed_ips: facts.gatewayAddresses.map(({ subnet_id, ip_address }) => ({ subnet_id, ip_address })),
          enable_snat: row.enable_snat === 1,
        },
  description: row.description,
  availability_zones: row.host === '' ? [] : [networkZone],
  distributed: row.distributed === 1,
  ha: row.ha === 1,
  availability_zone_hints: JSON.parse(row.availability_zone_hints),
  routes: JSON.parse(row.routes),
  flavor_id: null,
  tags: JSON.parse(row.tags),
  created_at: row.created_at,
  updated_at: row.updated_at,
  revision_number: row.revision_number,
  project_id: row.project_id,
})

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
  qos_policy_id: null,
  port_details: port
    ? {
        name: port.name,
        network_id: port.network_id,
        mac_address: port.mac_address,
        admin_state_up: port.admin_state_up === 1,
        status: port.status,
        device_id: port.device_id,
        device_owner: port.device_owner,
      }
    : null,
  dns_domain: row.dns_domain,
  dns_name: row.dns_name,
  tags: JSON.parse(row.tags),
  created_at: row.created_at,
  updated_at: row.updated_at,
  revision_number: row.revision_number,
  project_id: row.project_id,
})
