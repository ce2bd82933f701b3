// SQL of ports and the groups that they are in.
import { sql, type InsertResult, type RawBuilder } from 'kysely'
import { idList, idsIn, inList } from '../../platform/store/ids-in.ts'
import { shapedStatement, statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { standardColumns, standardFilters, type Condition, type IdPage, type ListShape } from '../store/list.ts'
import { q, standardRows } from '../store/query.ts'
import type { NetworkTables, PortRow } from '../store/tables.ts'

const text = (column: string) => ({ column, kind: 'text' as const })

export const portShape: ListShape = {
  table: 'ports',
  visible: (projectId) =>
    sql<boolean>`(ports.project_id = ${projectId} or ports.network_id in (select id from networks where project_id = ${projectId}))`,
  firstVisible,
  columns: {
    ...standardColumns,
    network_id: text('network_id'),
    mac_address: text('mac_address'),
    status: text('status'),
    device_id: text('device_id'),
    device_owner: text('device_owner'),
    admin_state_up: { column: 'admin_state_up', kind: 'boolean' },
    'binding:host_id': { ...text('binding_host'), unsorted: true },
    ip_allocation: text('ip_allocation'),
    port_security_enabled: { column: 'port_security_enabled', kind: 'boolean', unsorted: true },
    dns_name: { ...text('dns_name'), unsorted: true },
    'binding:vnic_type': { ...text('binding_vnic_type'), unsorted: true },
  },
  special: {
    ...standardFilters('ports'),
    fixed_ips: fixedIpsFilter,
    security_groups: (db, values) =>
      sql<boolean>`ports.id in (select port_id from port_security_groups where ${idsIn(db, 'security_group_id', values)})`,
  },
}

/**
 * The project's own ports, and the first ones of each of its networks. SQLite knows no lateral join, and PostgreSQL would
 * evaluate an "in" of another row for every pair: hence two forms.
 */
function firstVisible(db: Db, projectId: string, { from, direction, limit }: IdPage): RawBuilder<unknown>[] {
  const own = sql`select ports.id from ports where ports.project_id = ${projectId} and ${from('ports.id')} order by ports.id ${direction} limit ${limit}`
  const ofNetwork = sql`select p.id from ports p where p.network_id = networks.id and ${from('p.id')} order by p.id ${direction} limit ${limit}`
  const onOwn =
    db.dialect === 'postgres'
      ? sql`select first.id from networks cross join lateral (${ofNetwork}) as first where networks.project_id = ${projectId}`
      : sql`select ports.id from networks cross join ports where networks.project_id = ${projectId} and ports.id in (${ofNetwork})`
  return [own, onOwn]
}

/** fixed_ips=ip_address=10.0.0.1, subnet_id=…, ip_address_substr=…: the kinds are "and", values of one kind are "or". */
function fixedIpsFilter(db: Db, values: string[]): Condition {
  const kinds = new Map<string, string[]>()
  for (const value of values) {
    const at = value.indexOf('=')
    const kind = value.slice(0, Math.max(at, 0))
    kinds.set(kind, [...(kinds.get(kind) ?? []), value.slice(at + 1)])
  }
  const conditions = [...kinds].map(([kind, wanted]) => {
    if (kind === 'ip_address') return idsIn(db, 'ip_address', wanted)
    if (kind === 'subnet_id') return idsIn(db, 'subnet_id', wanted)
    if (kind !== 'ip_address_substr') return sql<boolean>`1 = 0`
    return sql<boolean>`(${sql.join([sql`1 = 0`, ...wanted.filter((part) => !part.includes('\u0000')).map((part) => sql`replace(ip_address, ${part}, '') <> ip_address`)], sql` or `)})`
  })
  if (conditions.length === 0) return sql<boolean>`1 = 0`
  return sql<boolean>`(${sql.join(
    conditions.map((condition) => sql`ports.id in (select port_id from ip_allocations where ${condition})`),
    sql` and `,
  )})`
}

export const portRows = standardRows('ports')

const insert = shapedStatement<NetworkTables, { row: PortRow }, { id: string }>((from, { row }) =>
  from
    .insertInto('ports')
    .values(row)
    .onConflict((c) => c.columns(['network_id', 'mac_address']).doNothing())
    .returning('id'),
)
/** False when another port of the network has the MAC. */
export const portInsert = async (db: Db, row: PortRow): Promise<boolean> => (await insert.first(db, { row })) !== undefined

export const macTaken = (db: Db, networkId: string, mac: string, besides: string) =>
  q(db)
    .selectFrom('ports')
    .select('id')
    .where('network_id', '=', networkId)
    .where('mac_address', '=', mac)
    .where('id', '<>', besides)
    .executeTakeFirst()

const shownOfServer = [
  'id',
  'server_id',
  'network_id',
  'mac_address',
  'status',
  'admin_state_up',
  'port_security_enabled',
  'binding_host',
] as const
export type ServerPortRow = Pick<PortRow, (typeof shownOfServer)[number]>

/** What servers' views show of their ports: a list of 100 servers is asked for often, and every column costs. */
const ofServers = statement<NetworkTables, { list: string }, Pick<PortRow, (typeof shownOfServer)[number]>>((from, { list }, db) =>
  from
    .selectFrom('ports')
    .select(shownOfServer)
    .where(inList(db, 'server_id', list))
    .orderBy('position')
    .orderBy('id'),
)
export const portsOfServersFetch = (db: Db, serverIds: string[]) => ofServers.rows(db, { list: idList(serverIds) })

const groupsOf = statement<NetworkTables, { list: string }, { port_id: string; id: string; name: string }>((from, { list }, db) =>
  from
    .selectFrom('port_security_groups')
    .innerJoin('security_groups', 'security_groups.id', 'port_security_groups.security_group_id')
    .select(['port_security_groups.port_id', 'security_groups.id', 'security_groups.name'])
    .where(inList(db, 'port_security_groups.port_id', list))
    .orderBy('port_security_groups.port_id')
    .orderBy('port_security_groups.ordinal'),
)
export const portGroups = (db: Db, portIds: string[]) => groupsOf.rows(db, { list: idList(portIds) })

const groupsInsert = shapedStatement<NetworkTables, { rows: NetworkTables['port_security_groups'][] }, InsertResult>((from, { rows }) =>
  from.insertInto('port_security_groups').values(rows),
)
export async function portGroupsSet(db: Db, portId: string, groupIds: string[], isNew: boolean): Promise<void> {
  if (!isNew) await q(db).deleteFrom('port_security_groups').where('port_id', '=', portId).execute()
  if (groupIds.length > 0)
    await groupsInsert.change(db, { rows: groupIds.map((security_group_id, ordinal) => ({ port_id: portId, security_group_id, ordinal })) })
}

/** Networks whose DHCP is served from the host. */
export async function dhcpNetworks(db: Db, host: string, limit: number): Promise<string[]> {
  const rows = await q(db)
    .selectFrom('ports')
    .select('network_id')
    .distinct()
    .where('binding_host', '=', host)
    .where('device_owner', '=', 'network:dhcp')
    .limit(limit)
    .execute()
  return rows.map(({ network_id }) => network_id)
}
