// A network → what the API shows.
import type { Loaded } from '../api/resource.ts'
import type { NetworkFacts } from './networks.ts'
import type { NetworkRow } from '../store/tables.ts'
import { networkZone } from '../zones.ts'

export const networkView = ({ row, facts }: Loaded<NetworkRow, NetworkFacts>): Record<string, unknown> => ({
  id: row.id,
  name: row.name,
  tenant_id: row.project_id,
  admin_state_up: row.admin_state_up,
  mtu: row.mtu,
  status: row.status,
  subnets: facts.subnetIds,
  shared: facts.shared,
  availability_zone_hints: row.availability_zone_hints,
  availability_zones: facts.subnetIds.length > 0 ? [networkZone] : [],
  ipv4_address_scope: facts.addressScopes[4],
  ipv6_address_scope: facts.addressScopes[6],
  'router:external': row.external,
  ...(row.external ? { is_default: row.is_default } : {}),
  description: row.description,
  port_security_enabled: row.port_security_enabled,
  dns_domain: row.dns_domain,
  l2_adjacency: true,
  tags: row.tags,
  created_at: row.created_at,
  updated_at: row.updated_at,
  revision_number: row.revision_number,
  project_id: row.project_id,
  'provider:network_type': row.network_type,
  'provider:physical_network': row.physical_network,
  'provider:segmentation_id': row.segmentation_id,
})
