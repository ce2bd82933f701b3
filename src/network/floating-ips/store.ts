// SQL of floating IPs.
import { sql } from 'kysely'
import { idList, idsIn, inList } from '../../platform/store/ids-in.ts'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { standardColumns, standardFilters, type ListShape } from '../store/list.ts'
import { q, standardRows } from '../store/query.ts'
import type { FloatingIpRow, NetworkTables } from '../store/tables.ts'

const text = (column: string, nullable = false) => ({ column, kind: 'text' as const, nullable })

export const floatingIpShape: ListShape = {
  table: 'floating_ips',
  visible: (projectId) => sql<boolean>`floating_ips.project_id = ${projectId}`,
  columns: {
    ...Object.fromEntries(Object.entries(standardColumns).filter(([name]) => name !== 'name')),
    floating_ip_address: text('floating_ip_address'),
    floating_network_id: text('floating_network_id'),
    router_id: text('router_id', true),
    port_id: text('fixed_port_id', true),
    fixed_ip_address: text('fixed_ip_address', true),
    status: text('status'),
    dns_name: text('dns_name'),
    dns_domain: text('dns_domain'),
  },
  special: standardFilters('floating_ips'),
}

export const floatingIpRows = standardRows('floating_ips')
const ofPort = statement<NetworkTables, { portId: string }, FloatingIpRow>((from, { portId }) =>
  from.selectFrom('floating_ips').selectAll().where('fixed_port_id', '=', portId),
)
export const floatingIpsOfPort = (db: Db, portId: string) => ofPort.rows(db, { portId })
const ofPorts = statement<NetworkTables, { list: string }, FloatingIpRow>((from, { list }, db) =>
  from
    .selectFrom('floating_ips')
    .selectAll()
    .where(inList(db, 'fixed_port_id', list)),
)
export const floatingIpsOfPorts = (db: Db, portIds: string[]) => ofPorts.rows(db, { list: idList(portIds) })
export const floatingIpsOfRouters = (db: Db, routerIds: string[]) =>
  q(db)
    .selectFrom('floating_ips')
    .selectAll()
    .where(idsIn(db, 'router_id', routerIds))
    .orderBy('id')
    .execute()

/** The floating IP of the same external network that the address has already. */
export const floatingIpOn = (db: Db, what: { networkId: string; portId: string; fixedIp: string; besides: string }) =>
  q(db)
    .selectFrom('floating_ips')
    .selectAll()
    .where('floating_network_id', '=', what.networkId)
    .where('fixed_port_id', '=', what.portId)
    .where('fixed_ip_address', '=', what.fixedIp)
    .where('id', '<>', what.besides)
    .executeTakeFirst()

export const floatingIpsUnassociated = (db: Db, networkId: string) =>
  q(db)
    .selectFrom('floating_ips')
    .select(['id', 'floating_port_id'])
    .where('floating_network_id', '=', networkId)
    .where('fixed_port_id', 'is', null)
    .execute()
