// SQL of what fsck compares: rows that refer to missing rows.
import { sql } from 'kysely'
import type { Db } from '../../platform/store/store.ts'

/** Floating IPs that lead half way: to a port that is gone, or to an address that the port no longer has. */
export async function floatingIpsDangling(
  db: Db,
  limit: number,
): Promise<{ id: string; fixed_port_id: string | null; floating_ip_address: string }[]> {
  const { rows } = await sql<{ id: string; fixed_port_id: string | null; floating_ip_address: string }>`
    select f.id, f.fixed_port_id, f.floating_ip_address from floating_ips f
    where (f.fixed_port_id is null and (f.fixed_ip_address is not null or f.router_id is not null))
      or (f.fixed_port_id is not null and not exists (select 1 from ip_allocations a where a.port_id = f.fixed_port_id and a.ip_address = f.fixed_ip_address))
    order by f.id limit ${limit}`.execute(db.as<never>())
  return rows
}

/** Ports that hold the address of a floating IP which is not there. */
export async function addressPortsDangling(db: Db, limit: number): Promise<{ id: string }[]> {
  const { rows } = await sql<{ id: string }>`
    select p.id from ports p
    where p.device_owner = 'network:floatingip' and not exists (select 1 from floating_ips f where f.floating_port_id = p.id)
    order by p.id limit ${limit}`.execute(db.as<never>())
  return rows
}

/** Routers whose gateway stands in only one of two places: the router's row, and its ports. */
export async function gatewaysDangling(db: Db, limit: number): Promise<{ id: string }[]> {
  const { rows } = await sql<{ id: string }>`
    select r.id from routers r
    where (r.gateway_port_id is not null and not exists (select 1 from router_ports g where g.router_id = r.id and g.port_id = r.gateway_port_id and g.kind = 'gateway'))
      or exists (select 1 from router_ports g where g.router_id = r.id and g.kind = 'gateway' and (r.gateway_port_id is null or r.gateway_port_id <> g.port_id))
    order by r.id limit ${limit}`.execute(db.as<never>())
  return rows
}
