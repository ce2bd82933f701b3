// What a host's network is made from: the rows of one host in few statements, however many ports it has.
import { sql, type UpdateResult } from 'kysely'
import { idList, idsIn, inList, type InList } from '../../platform/store/ids-in.ts'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { q } from '../store/query.ts'
import type {
  AddressGroupRow,
  FloatingIpRow,
  IpAllocationRow,
  NetworkRow,
  PortRow,
  RouterRow,
  SecurityGroupRuleRow,
  SubnetRow,
  NetworkTables,
} from '../store/tables.ts'

export interface RouterAddress {
  router_id: string
  port_id: string
  kind: 'interface' | 'gateway'
  mac_address: string
  network_id: string
  status: string
  ip_address: string | null
  subnet_id: string | null
}

export interface GroupMember {
  security_group_id: string
  port_id: string
  ip_address: string
}

export type LeasePort = Pick<
  PortRow,
  'id' | 'network_id' | 'mac_address' | 'dns_name' | 'extra_dhcp_opts' | 'device_owner' | 'binding_host'
>

export type Peer = Pick<PortRow, 'network_id' | 'mac_address' | 'binding_host'>

export interface HostRows {
  /** guests' ports that are bound here */
  ports: PortRow[]
  /** DHCP ports that are served from here */
  dhcpPorts: PortRow[]
  routers: RouterRow[]
  routerAddresses: RouterAddress[]
  floatingIps: FloatingIpRow[]
  networks: NetworkRow[]
  subnets: SubnetRow[]
  /** of the ports that are bound here, and of all on networks that have DHCP here */
  allocations: IpAllocationRow[]
  /** all ports of the networks that have DHCP here: its leases */
  leasePorts: LeasePort[]
  /** what of the tunnelled networks is bound elsewhere */
  peers: Peer[]
  portGroups: { port_id: string; security_group_id: string }[]
  rules: SecurityGroupRuleRow[]
  members: GroupMember[]
  memberPairs: (Pick<PortRow, 'allowed_address_pairs'> & { security_group_id: string })[]
  addressGroups: Pick<AddressGroupRow, 'id' | 'addresses'>[]
  /** of the networks that have DHCP here, those that a router has an interface on */
  routedNetworks: Set<string>
}

const noFilters = { portGroups: [], rules: [], members: [], memberPairs: [], addressGroups: [] }
const nothing: HostRows = {
  ports: [],
  dhcpPorts: [],
  routers: [],
  routerAddresses: [],
  floatingIps: [],
  networks: [],
  subnets: [],
  allocations: [],
  leasePorts: [],
  peers: [],
  ...noFilters,
  routedNetworks: new Set(),
}

const ids = (rows: { id: string }[]) => rows.map(({ id }) => id)

interface OfHost {
  host: string
}

const adopt = statement<NetworkTables, OfHost, UpdateResult>((from, { host }) =>
  from.updateTable('routers').set({ host }).where('host', '=', '').where('given_up', '=', false),
)
/** Takes routers that no host has yet. */
export const routersAdopt = (db: Db, host: string) => adopt.change(db, { host })

const boundPorts = statement<NetworkTables, OfHost, PortRow>((from, { host }) =>
  from.selectFrom('ports').selectAll().where('binding_host', '=', host).orderBy('id'),
)
const boundRouters = statement<NetworkTables, OfHost, RouterRow>((from, { host }) =>
  from.selectFrom('routers').selectAll().where('host', '=', host).orderBy('id'),
)
const routersFloatingIps = statement<NetworkTables, InList, FloatingIpRow>((from, { list }, db) =>
  from
    .selectFrom('floating_ips')
    .selectAll()
    .where(inList(db, 'router_id', list))
    .orderBy('id'),
)
const networksOf = statement<NetworkTables, InList, NetworkRow>((from, { list }, db) =>
  from
    .selectFrom('networks')
    .selectAll()
    .where(inList(db, 'id', list))
    .orderBy('id'),
)
const subnetsOf = statement<NetworkTables, InList, SubnetRow>((from, { list }, db) =>
  from
    .selectFrom('subnets')
    .selectAll()
    .where(inList(db, 'network_id', list))
    .orderBy('id'),
)
const leasePortsOf = statement<NetworkTables, InList, LeasePort>((from, { list }, db) =>
  from
    .selectFrom('ports')
    .select(['id', 'network_id', 'mac_address', 'dns_name', 'extra_dhcp_opts', 'device_owner', 'binding_host'])
    .where(inList(db, 'network_id', list))
    .orderBy('id'),
)
const allocationsOf = statement<NetworkTables, InList, IpAllocationRow>((from, { list }, db) =>
  from
    .selectFrom('ip_allocations')
    .selectAll()
    .where(inList(db, 'network_id', list))
    .orderBy('port_id')
    .orderBy('ordinal'),
)

const allocationsOfPorts = statement<NetworkTables, InList, IpAllocationRow>((from, { list }, db) =>
  from
    .selectFrom('ip_allocations')
    .selectAll()
    .where(inList(db, 'port_id', list))
    .orderBy('port_id')
    .orderBy('ordinal'),
)
const peersOf = statement<NetworkTables, InList & OfHost, Peer>((from, { list, host }, db) =>
  from
    .selectFrom('ports')
    .select(['network_id', 'mac_address', 'binding_host'])
    .where(inList(db, 'network_id', list))
    .where('binding_host', 'not in', ['', host])
    .orderBy('id'),
)

export async function hostRows(db: Db, host: string): Promise<HostRows> {
  const bound = await boundPorts.rows(db, { host })
  const ports = bound.filter(({ device_owner }) => !device_owner.startsWith('network:'))
  const dhcpPorts = bound.filter(({ device_owner }) => device_owner === 'network:dhcp')
  const routers = await boundRouters.rows(db, { host })
  const routerAddresses = routers.length === 0 ? [] : await addressesOfRouters.rows(db, { host })
  const floatingIps = routers.length === 0 ? [] : await routersFloatingIps.rows(db, { list: idList(ids(routers)) })
  const networkIds = new Set([...ports, ...dhcpPorts, ...routerAddresses].map(({ network_id }) => network_id))
  if (networkIds.size === 0) return { ...nothing, routers, floatingIps }
  const all = { list: idList(networkIds) }
  const networks = await networksOf.rows(db, all)
  const subnets = await subnetsOf.rows(db, all)
  const peopled = new Set([...ports, ...dhcpPorts].map(({ network_id }) => network_id))
  const tunnelled = networks.filter(({ id, network_type }) => peopled.has(id) && (network_type === 'vxlan' || network_type === 'gre'))
  const peers = tunnelled.length === 0 ? [] : await peersOf.rows(db, { list: idList(ids(tunnelled)), host })
  const served = new Set(dhcpPorts.map(({ network_id }) => network_id))
  const others = ports.filter(({ network_id }) => !served.has(network_id))
  const dhcp = { list: idList(served) }
  const leasePorts = served.size === 0 ? [] : await leasePortsOf.rows(db, dhcp)
  const allocations = served.size === 0 ? [] : await allocationsOf.rows(db, dhcp)
  if (others.length > 0) allocations.push(...(await allocationsOfPorts.rows(db, { list: idList(ids(others)) })))
  const routedNetworks = new Set((served.size === 0 ? [] : await routed.rows(db, dhcp)).map(({ network_id }) => network_id))
  return {
    ports,
    dhcpPorts,
    routers,
    routerAddresses,
    floatingIps,
    networks,
    subnets,
    allocations,
    leasePorts,
    peers,
    ...(await filtersOf(db, ports)),
    routedNetworks,
  }
}

const addressesOfRouters = statement<NetworkTables, OfHost, RouterAddress>(
  (_, { host }) => sql<RouterAddress>`
    select router_ports.router_id, router_ports.port_id, router_ports.kind, ports.mac_address, ports.network_id, ports.status, ip_allocations.ip_address, ip_allocations.subnet_id
    from routers
    inner join router_ports on router_ports.router_id = routers.id
    inner join ports on ports.id = router_ports.port_id
    left join ip_allocations on ip_allocations.port_id = ports.id
    where routers.host = ${host}
    order by router_ports.port_id, ip_allocations.ordinal`,
)

const groupsOfPorts = statement<NetworkTables, InList, { port_id: string; security_group_id: string }>((from, { list }, db) =>
  from
    .selectFrom('port_security_groups')
    .select(['port_id', 'security_group_id'])
    .where(inList(db, 'port_id', list))
    .orderBy('port_id')
    .orderBy('ordinal'),
)
const rulesOf = statement<NetworkTables, InList, SecurityGroupRuleRow>((from, { list }, db) =>
  from
    .selectFrom('security_group_rules')
    .selectAll()
    .where(inList(db, 'security_group_id', list))
    .orderBy('security_group_id')
    .orderBy('id'),
)
const membersOf = statement<NetworkTables, InList, GroupMember>((from, { list }, db) =>
  from
    .selectFrom('port_security_groups')
    .innerJoin('ip_allocations', 'ip_allocations.port_id', 'port_security_groups.port_id')
    .select(['port_security_groups.security_group_id', 'ip_allocations.port_id', 'ip_allocations.ip_address'])
    .where(inList(db, 'port_security_groups.security_group_id', list))
    .orderBy('ip_allocations.ip_address'),
)
const memberPairsOf = statement<NetworkTables, InList, HostRows['memberPairs'][number]>((from, { list }, db) =>
  from
    .selectFrom('port_security_groups')
    .innerJoin('ports', 'ports.id', 'port_security_groups.port_id')
    .select(['port_security_groups.security_group_id', 'ports.allowed_address_pairs'])
    .where(inList(db, 'port_security_groups.security_group_id', list))
    .where(sql<boolean>`ports.allowed_address_pairs <> '[]'`),
)

async function filtersOf(
  db: Db,
  ports: PortRow[],
): Promise<Pick<HostRows, 'portGroups' | 'rules' | 'members' | 'memberPairs' | 'addressGroups'>> {
  const filtered = ports.filter(({ port_security_enabled }) => port_security_enabled)
  if (filtered.length === 0) return noFilters
  const portGroups = await groupsOfPorts.rows(db, { list: idList(ids(filtered)) })
  const rules = await rulesOf.rows(db, { list: idList(new Set(portGroups.map(({ security_group_id }) => security_group_id))) })
  const remote = new Set(rules.flatMap(({ remote_group_id }) => remote_group_id ?? []))
  const addressGroupIds = new Set(rules.flatMap(({ remote_address_group_id }) => remote_address_group_id ?? []))
  const members = remote.size === 0 ? [] : await membersOf.rows(db, { list: idList(remote) })
  const memberPairs = remote.size === 0 ? [] : await memberPairsOf.rows(db, { list: idList(remote) })
  const addressGroups =
    addressGroupIds.size === 0
      ? []
      : await q(db)
          .selectFrom('address_groups')
          .select(['id', 'addresses'])
          .where(idsIn(db, 'id', addressGroupIds))
          .execute()
  return { portGroups, rules, members, memberPairs, addressGroups }
}

/** Of these networks, the ones that a router has an interface on. */
const routed = statement<NetworkTables, InList, { network_id: string }>((from, { list }, db) =>
  from
    .selectFrom('router_ports')
    .innerJoin('ports', 'ports.id', 'router_ports.port_id')
    .select('ports.network_id')
    .distinct()
    .where('router_ports.kind', '=', 'interface')
    .where(inList(db, 'ports.network_id', list)),
)

const withoutDhcp = statement<NetworkTables, OfHost, { id: string }>(
  (_, { host }) => sql<{ id: string }>`
    with here as (select distinct network_id as id from ports where binding_host = ${host} and device_owner not like 'network:%')
    select here.id from here inner join networks on networks.id = here.id
    where networks.given_up = 0
      and exists (select 1 from subnets where subnets.network_id = here.id and subnets.enable_dhcp = 1)
      and not exists (select 1 from ports d where d.network_id = here.id and d.device_owner = 'network:dhcp' and d.binding_host <> '')
    order by 1`,
)
/** Networks whose guests are bound here and that want DHCP, but have no DHCP port that some host serves. Asked of each network, not of each port. */
export const networksWithoutDhcp = async (db: Db, host: string): Promise<string[]> => ids(await withoutDhcp.rows(db, { host }))

/** Networks that want DHCP and have no DHCP port yet: the first guest brings it. */
export async function networksAwaitingDhcp(db: Db, limit: number, networkId?: string): Promise<string[]> {
  const one = networkId === undefined ? sql`` : sql`and networks.id = ${networkId}`
  const { rows } = await sql<{ id: string }>`
    select networks.id as id from networks
    where networks.given_up = 0 and exists (select 1 from subnets where subnets.network_id = networks.id and subnets.enable_dhcp = 1)
      and not exists (select 1 from ports d where d.network_id = networks.id and d.device_owner = 'network:dhcp') ${one}
    order by networks.id limit ${limit}`.execute(db.as<never>())
  return rows.map(({ id }) => id)
}

const incompleteDhcp = statement<NetworkTables, OfHost, { id: string }>(
  (_, { host }) => sql<{ id: string }>`
    select distinct ports.id as id from ports inner join subnets on subnets.network_id = ports.network_id
    where ports.binding_host = ${host} and ports.device_owner = 'network:dhcp' and subnets.enable_dhcp = 1
      and not exists (select 1 from ip_allocations a where a.port_id = ports.id and a.subnet_id = subnets.id)
    order by 1`,
)
/** DHCP ports served from here that lack an address in a subnet that wants DHCP. */
export const dhcpPortsIncomplete = async (db: Db, host: string): Promise<string[]> => ids(await incompleteDhcp.rows(db, { host }))

interface StatusChange extends InList {
  status: 'ACTIVE' | 'DOWN'
  updatedAt: string
}

const portsStatus = statement<NetworkTables, StatusChange, { id: string }>((from, { list, status, updatedAt }, db) =>
  from
    .updateTable('ports')
    .set({ status, updated_at: updatedAt, revision_number: sql`revision_number + 1` })
    .where(inList(db, 'id', list))
    .where('status', '<>', status)
    .returning('id'),
)
/** Sets the state of ports that are in another one; returns the ids that changed. */
export const portsStatusSet = async (db: Db, portIds: string[], status: 'ACTIVE' | 'DOWN', updatedAt: string): Promise<string[]> =>
  portIds.length === 0 ? [] : ids(await portsStatus.rows(db, { list: idList(portIds), status, updatedAt }))

const floatingIpsStatus = statement<NetworkTables, StatusChange, UpdateResult>((from, { list, status, updatedAt }, db) =>
  from
    .updateTable('floating_ips')
    .set({ status, updated_at: updatedAt })
    .where(inList(db, 'router_id', list))
    .where('status', '<>', status),
)
export const floatingIpsStatusSet = (db: Db, routerIds: string[], status: 'ACTIVE' | 'DOWN', updatedAt: string) =>
  floatingIpsStatus.change(db, { list: idList(routerIds), status, updatedAt })
