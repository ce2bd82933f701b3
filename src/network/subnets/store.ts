// SQL of subnets.
import { sql } from 'kysely'
import { readBoolean } from '../../platform/api/words.ts'
import { idList, inList } from '../../platform/store/ids-in.ts'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { standardColumns, standardFilters, type ListShape } from '../store/list.ts'
import { sharedFilter, sharedWith } from '../networks/store.ts'
import { q, standardRows } from '../store/query.ts'
import type { NetworkRow, NetworkTables, SubnetRow } from '../store/tables.ts'

const text = (column: string, nullable = false) => ({ column, kind: 'text' as const, nullable })

export const subnetShape: ListShape = {
  table: 'subnets',
  visible: (projectId) => sql<boolean>`(subnets.project_id = ${projectId}
    or subnets.network_id in (select id from networks where project_id = ${projectId})
    or ${sharedWith('network', 'subnets.network_id', projectId, ['access_as_shared', 'access_as_external'])})`,
  columns: {
    ...standardColumns,
    network_id: text('network_id'),
    ip_version: { column: 'ip_version', kind: 'integer' },
    cidr: text('cidr'),
    gateway_ip: text('gateway_ip', true),
    enable_dhcp: { column: 'enable_dhcp', kind: 'boolean' },
    ipv6_ra_mode: text('ipv6_ra_mode', true),
    ipv6_address_mode: text('ipv6_address_mode', true),
    subnetpool_id: text('subnetpool_id', true),
    segment_id: text('segment_id', true),
  },
  booleans: ['shared', 'router:external'],
  special: {
    ...standardFilters('subnets'),
    shared: sharedFilter('network', 'subnets.network_id'),
    'router:external': (_db, values) =>
      sql<boolean>`subnets.network_id in (select id from networks where external in (${sql.join(values.map((value) => (readBoolean(value) === true ? 1 : 0)))}))`,
  },
}

export const subnetRows = standardRows('subnets')
const ofNetwork = statement<NetworkTables, { networkId: string }, SubnetRow>((from, { networkId }) =>
  from.selectFrom('subnets').selectAll().where('network_id', '=', networkId).orderBy('created_at').orderBy('id'),
)
export const subnetsOfNetwork = (db: Db, networkId: string) => ofNetwork.rows(db, { networkId })

/** The CIDRs that were cut from a pool, of one project or of all. */
export const subnetsOfPool = (db: Db, poolId: string, projectId?: string) => {
  const query = q(db).selectFrom('subnets').select(['cidr', 'ip_version']).where('subnetpool_id', '=', poolId)
  return (projectId === undefined ? query : query.where('project_id', '=', projectId)).execute()
}

const parents = statement<NetworkTables, { list: string }, Pick<NetworkRow, 'id' | 'project_id' | 'external'>>((from, { list }, db) =>
  from
    .selectFrom('networks')
    .select(['id', 'project_id', 'external'])
    .where(inList(db, 'id', list)),
)
/** The networks of these rows: their owners, and whether they are external. */
export async function networkParents(
  db: Db,
  networkIds: Iterable<string>,
): Promise<Map<string, Pick<NetworkRow, 'project_id' | 'external'>>> {
  const rows = await parents.rows(db, { list: idList(new Set(networkIds)) })
  return new Map(rows.map((row) => [row.id, row]))
}

/** The router port that has an address of the subnet, if any. */
export const gatewayPort = (db: Db, subnetId: string, ip: string) =>
  q(db)
    .selectFrom('ip_allocations')
    .innerJoin('router_ports', 'router_ports.port_id', 'ip_allocations.port_id')
    .select('ip_allocations.port_id')
    .where('ip_allocations.subnet_id', '=', subnetId)
    .where('ip_allocations.ip_address', '=', ip)
    .executeTakeFirst()

/** Ports that make themselves an address when the network gets a SLAAC subnet. */
export const portsToAddress = (db: Db, networkId: string) =>
  q(db)
    .selectFrom('ports')
    .select(['id', 'mac_address', 'device_owner'])
    .where('network_id', '=', networkId)
    .where(sql<boolean>`id not in (select port_id from router_ports)`)
    .where('device_owner', '<>', 'network:floatingip')
    .execute()
