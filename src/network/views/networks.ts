// NetworkRow → what the API shows.
import type { Context } from '../../platform/context.ts'
import type { Item } from '../api/resource.ts'
import { networkZone } from '../zones.ts'
import { sharedIds, subnetsOfNetworks } from '../store/networks.ts'
import type { NetworkRow } from '../store/tables.ts'

/** Networks with the ids of their subnets, in two statements however many there are. */
export async function networkViews(ctx: Context, rows: NetworkRow[]): Promise<Item[]> {
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const subnets = Map.groupBy(await subnetsOfNetworks(ctx.db, ids), ({ network_id }) => network_id)
  const shared = await sharedIds(ctx.db, ids, ctx.actor.projectId)
  return rows.map((row) => {
    const mine = subnets.get(row.id) ?? []
    const scope = (version: number) => mine.find((subnet) => subnet.ip_version === version && subnet.address_scope_id !== null)?.address_scope_id ?? null
    return {
      id: row.id,
      name: row.name,
      tenant_id: row.project_id,
      admin_state_up: row.admin_state_up === 1,
      mtu: row.mtu,
      status: row.status,
      subnets: mine.map(({ id }) => id),
      shared: shared.has(row.id),
      availability_zone_hints: JSON.parse(row.availability_zone_hints),
      availability_zones: mine.length > 0 ? [networkZone] : [],
      ipv4_address_scope: scope(4),
      ipv6_address_scope: scope(6),
      'router:external': row.external === 1,
      ...(row.external === 1 ? { is_default: row.is_default === 1 } : {}),
      description: row.description,
      port_security_enabled: row.port_security_enabled === 1,
      qos_policy_id: null,
      dns_domain: row.dns_domain,
      l2_adjacency: true,
      tags: JSON.parse(row.tags),
      created_at: row.created_at,
      updated_at: row.updated_at,
      revision_number: row.revision_number,
      project_id: row.project_id,
      'provider:network_type': row.network_type,
      'provider:physical_network': row.physical_network,
      'provider:segmentation_id': row.segmentation_id,
    }
  })
}
