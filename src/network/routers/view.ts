// A router → what the API shows.
import type { Loaded } from '../api/resource.ts'
import type { RouterFacts } from './routers.ts'
import type { RouterRow } from '../store/tables.ts'
import { networkZone } from '../zones.ts'

export const routerView = ({ row, facts }: Loaded<RouterRow, RouterFacts>): Record<string, unknown> => ({
  id: row.id,
  name: row.name,
  tenant_id: row.project_id,
  admin_state_up: row.admin_state_up,
  status: row.status,
  external_gateway_info:
    row.gateway_port_id === null
      ? null
      : {
          network_id: row.gateway_network_id,
          external_fixed_ips: facts.gatewayAddresses.map(({ subnet_id, ip_address }) => ({ subnet_id, ip_address })),
          enable_snat: row.enable_snat,
        },
  description: row.description,
  availability_zones: row.host === '' ? [] : [networkZone],
  distributed: row.distributed,
  ha: row.ha,
  availability_zone_hints: row.availability_zone_hints,
  routes: row.routes,
  flavor_id: null,
  tags: row.tags,
  created_at: row.created_at,
  updated_at: row.updated_at,
  revision_number: row.revision_number,
  project_id: row.project_id,
})
