// SQL of routers and of which ports are theirs.
import { sql } from 'kysely'
import { idsIn } from '../../platform/store/ids-in.ts'
import { rows } from '../../platform/store/rows.ts'
import type { Db } from '../../platform/store/store.ts'
import { standardColumns, standardFilters, type ListShape } from '../store/list.ts'
import { q, standardRows } from '../store/query.ts'
import type { RouterPortRow } from '../store/tables.ts'

export const routerShape: ListShape = {
  table: 'routers',
  visible: (projectId) => sql<boolean>`routers.project_id = ${projectId}`,
  columns: {
    ...standardColumns,
    admin_state_up: { column: 'admin_state_up', kind: 'boolean' },
    status: { column: 'status', kind: 'text' },
    distributed: { column: 'distributed', kind: 'boolean' },
    ha: { column: 'ha', kind: 'boolean' },
  },
  special: standardFilters('routers'),
}

export const routerRows = standardRows('routers')
export const routerPortRows = rows<RouterPortRow>('router_ports', 'port_id')

/** The addresses of routers' ports, with the subnets that they are in. */
export const routerAddresses = (db: Db, routerIds: string[]) =>
  q(db)
    .selectFrom('router_ports')
    .innerJoin('ip_allocations', 'ip_allocations.port_id', 'router_ports.port_id')
    .innerJoin('subnets', 'subnets.id', 'ip_allocations.subnet_id')
    .select([
      'router_ports.router_id',
      'router_ports.port_id',
      'router_ports.kind',
      'ip_allocations.ip_address',
      'subnets.id as subnet_id',
      'subnets.cidr',
      'subnets.ip_version',
      'subnets.network_id',
      'subnets.gateway_ip',
    ])
    .where(idsIn(db, 'router_ports.router_id', routerIds))
    .orderBy('router_ports.port_id')
    .orderBy('ip_allocations.ordinal')
    .execute()

/** Routers with an interface on the subnet. */
export const routersOfSubnet = (db: Db, subnetId: string) =>
  q(db)
    .selectFrom('router_ports')
    .innerJoin('ip_allocations', 'ip_allocations.port_id', 'router_ports.port_id')
    .innerJoin('routers', 'routers.id', 'router_ports.router_id')
    .selectAll('routers')
    .where('router_ports.kind', '=', 'interface')
    .where('ip_allocations.subnet_id', '=', subnetId)
    .execute()

/** How many routers each host has. */
export async function routerCounts(db: Db): Promise<Map<string, number>> {
  const rows = await q(db)
    .selectFrom('routers')
    .select((e) => ['host', e.fn.countAll<number>().as('count')])
    .groupBy('host')
    .execute()
  return new Map(rows.map((row) => [row.host, Number(row.count)]))
}

/** The gateway ports of routers on an external network, and where their routers are. */
export const gatewayPorts = (db: Db, networkId: string) =>
  q(db)
    .selectFrom('router_ports')
    .innerJoin('ports', 'ports.id', 'router_ports.port_id')
    .innerJoin('routers', 'routers.id', 'router_ports.router_id')
    .select(['ports.id', 'ports.mac_address', 'ports.device_owner', 'routers.host'])
    .where('router_ports.kind', '=', 'gateway')
    .where('ports.network_id', '=', networkId)
    .execute()
