// SubnetRow → what the API shows.
import type { Loaded } from '../api/resource.ts'
import type { SubnetFacts } from './subnets.ts'
import type { SubnetRow } from '../store/tables.ts'

export const subnetView = ({ row, facts }: Loaded<SubnetRow, SubnetFacts>): Record<string, unknown> => ({
  id: row.id,
  name: row.name,
  tenant_id: row.project_id,
  network_id: row.network_id,
  ip_version: row.ip_version,
  subnetpool_id: row.subnetpool_id,
  enable_dhcp: row.enable_dhcp,
  ipv6_ra_mode: row.ipv6_ra_mode,
  ipv6_address_mode: row.ipv6_address_mode,
  gateway_ip: row.gateway_ip,
  cidr: row.cidr,
  allocation_pools: row.allocation_pools,
  host_routes: row.host_routes,
  dns_nameservers: row.dns_nameservers,
  description: row.description,
  service_types: row.service_types,
  segment_id: row.segment_id,
  'router:external': facts.isExternal,
  tags: row.tags,
  created_at: row.created_at,
  updated_at: row.updated_at,
  revision_number: row.revision_number,
  project_id: row.project_id,
})
