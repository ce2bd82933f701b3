// Routers and floating IPs → what the API shows.
import type { Context } from '../../platform/context.ts'
import type { Item } from '../api/resource.ts'
import { allocationsOfPorts } from '../store/ip-allocations.ts'
import { portsFetch } from '../store/ports.ts'
import type { FloatingIpRow, RouterRow } from '../store/tables.ts'
import { networkZone } from '../zones.ts'

/** Routers with their gateways' addresses: one statement for all. */
export async function routerViews(ctx: Context, rows: RouterRow[]): Promise<Item[]> {
  const gateways = rows.flatMap(({ gateway_port_id }) => gateway_port_id ?? [])
  const addresses = Map.groupBy(gateways.length === 0 ? [] : await allocationsOfPorts(ctx.db, gateways), ({ port_id }) => port_id)
  return rows.map((row) => ({
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
            external_fixed_ips: (addresses.get(row.gateway_port_id) ?? []).map(({ subnet_id, ip_address }) => ({ subnet_id, ip_address })),
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
  }))
}

/** Floating IPs with some facts of the ports that they lead to. */
export async function floatingIpViews(ctx: Context, rows: FloatingIpRow[]): Promise<Item[]> {
  const portIds = rows.flatMap(({ fixed_port_id }) => fixed_port_id ?? [])
  const ports = new Map((portIds.length === 0 ? [] : await portsFetch(ctx.db, portIds)).map((port) => [port.id, port]))
  return rows.map((row) => {
    const port = row.fixed_port_id === null ? undefined : ports.get(row.fixed_port_id)
    return {
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
            name: port.name, network_id: port.network_id, mac_address: port.mac_address, admin_state_up: port.admin_state_up === 1, status: port.status,
            device_id: port.device_id, device_owner: port.device_owner,
          }
        : null,
      dns_domain: row.dns_domain,
      dns_name: row.dns_name,
      tags: JSON.parse(row.tags),
      created_at: row.created_at,
      updated_at: row.updated_at,
      revision_number: row.revision_number,
      project_id: row.project_id,
    }
  })
}
