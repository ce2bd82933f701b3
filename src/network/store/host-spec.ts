// What a host's network is made from: the rows of one host in few statements, however many ports it has.
import { sql } from 'kysely'
import { idsIn } from '../../platform/store/ids-in.ts'
import type { Db } from '../../platform/store/store.ts'
import { q } from './query.ts'
import type { FloatingIpRow, IpAllocationRow, NetworkRow, PortRow, RouterRow, SecurityGroupRuleRow, SubnetRow } from './tables.ts'

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
  /** of the networks that guests or DHCP are on */
  allocations: IpAllocationRow[]
  /** all ports of the networks that have DHCP here: its leases */
  leasePorts: Pick<PortRow, 'id' | 'network_id' | 'mac_address' | 'dns_name' | 'extra_dhcp_opts' | 'device_owner' | 'binding_host'>[]
  portGroups: { port_id: string; security_group_id: string }[]
  rules: SecurityGroupRuleRow[]
  members: GroupMember[]
  memberPairs: { security_group_id: string; allowed_address_pairs: string }[]
  addressGroups: { id: string; addresses: string }[]
  /** networks that a router has an interface on */
  routedNetworks: Set<string>
}

const nothing: HostRows = {
  ports: [], dhcpPorts: [], routers: [], routerAddresses: [], floatingIps: [], networks: [], subnets: [], allocations: [], leasePorts: [], portGroups: [], rules: [],
  members: [], memberPairs: [], addressGroups: [], routedNetworks: new Set(),
}

const ids = (rows: { id: string }[]) => rows.map(({ id }) => id)

/** Takes routers that no host has yet. */
export const routersAdopt = (db: Db, host: string) => q(db).updateTable('routers').set({ host }).where('host', '=', '').execute()

export async function hostRows(db: Db, host: string): Promise<HostRows> {
  const bound = await q(db).selectFrom('ports').selectAll().where('binding_host', '=', host).orderBy('id').execute()
  const ports = bound.filter(({ device_owner }) => !device_owner.startsWith('network:'))
  const dhcpPorts = bound.filter(({ device_owner }) => device_owner === 'network:dhcp')
  const routers = await q(db).selectFrom('routers').selectAll().where('host', '=', host).orderBy('id').execute()
  const routerAddresses = routers.length === 0 ? [] : await addressesOfRouters(db, host)
  const floatingIps = routers.length === 0 ? [] : await q(db).selectFrom('floating_ips').selectAll().where(idsIn(db, 'router_id', ids(routers))).orderBy('id').execute()
  const networkIds = new Set([...ports, ...dhcpPorts, ...routerAddresses].map(({ network_id }) => network_id))
  if (networkIds.size === 0) return { ...nothing, routers, floatingIps }
  const networks = await q(db).selectFrom('networks').selectAll().where(idsIn(db, 'id', networkIds)).orderBy('id').execute()
  const subnets = await q(db).selectFrom('subnets').selectAll().where(idsIn(db, 'network_id', networkIds)).orderBy('id').execute()
  const leasePorts = await q(db)
    .selectFrom('ports')
    .select(['id', 'network_id', 'mac_address', 'dns_name', 'extra_dhcp_opts', 'device_owner', 'binding_host'])
    .where(idsIn(db, 'network_id', new Set([...ports, ...dhcpPorts].map(({ network_id }) => network_id))))
    .orderBy('id')
    .execute()
  const allocations = await q(db)
    .selectFrom('ip_allocations')
    .selectAll()
    .where(idsIn(db, 'network_id', new Set([...ports, ...dhcpPorts].map(({ network_id }) => network_id))))
    .orderBy('port_id')
    .orderBy('ordinal')
    .execute()
  return { ports, dhcpPorts, routers, routerAddresses, floatingIps, networks, subnets, allocations, leasePorts, ...(await filtersOf(db, ports)), routedNetworks: await routed(db, networkIds) }
}

async function addressesOfRouters(db: Db, host: string): Promise<RouterAddress[]> {
  const { rows } = await sql<RouterAddress>`
    select router_ports.router_id, router_ports.port_id, router_ports.kind, ports.mac_address, ports.network_id, ports.status, ip_allocations.ip_address, ip_allocations.subnet_id
    from routers
    inner join router_ports on router_ports.router_id = routers.id
    inner join ports on ports.id = router_ports.port_id
    left join ip_allocations on ip_allocations.port_id = ports.id
    where routers.host = ${host}
    order by router_ports.port_id, ip_allocations.ordinal`.execute(db.as<never>())
  return rows
}

async function filtersOf(db: Db, ports: PortRow[]): Promise<Pick<HostRows, 'portGroups' | 'rules' | 'members' | 'memberPairs' | 'addressGroups'>> {
  const filtered = ports.filter(({ port_security_enabled }) => port_security_enabled === 1)
  const portGroups = await q(db).selectFrom('port_security_groups').select(['port_id', 'security_group_id']).where(idsIn(db, 'port_id', ids(filtered))).orderBy('port_id').orderBy('ordinal').execute()
  const rules = await q(db)
    .selectFrom('security_group_rules')
    .selectAll()
    .where(idsIn(db, 'security_group_id', new Set(portGroups.map(({ security_group_id }) => security_group_id))))
    .orderBy('security_group_id')
    .orderBy('id')
    .execute()
  const remote = new Set(rules.flatMap(({ remote_group_id }) => remote_group_id ?? []))
  const addressGroupIds = new Set(rules.flatMap(({ remote_address_group_id }) => remote_address_group_id ?? []))
  const members =
    remote.size === 0
      ? []
      : await q(db)
          .selectFrom('port_security_groups')
          .innerJoin('ip_allocations', 'ip_allocations.port_id', 'port_security_groups.port_id')
          .select(['port_security_groups.security_group_id', 'ip_allocations.port_id', 'ip_allocations.ip_address'])
          .where(idsIn(db, 'port_security_groups.security_group_id', remote))
          .orderBy('ip_allocations.ip_address')
          .execute()
  const memberPairs =
    remote.size === 0
      ? []
      : await q(db)
          .selectFrom('port_security_groups')
          .innerJoin('ports', 'ports.id', 'port_security_groups.port_id')
          .select(['port_security_groups.security_group_id', 'ports.allowed_address_pairs'])
          .where(idsIn(db, 'port_security_groups.security_group_id', remote))
          .where('ports.allowed_address_pairs', '<>', '[]')
          .execute()
  const addressGroups = addressGroupIds.size === 0 ? [] : await q(db).selectFrom('address_groups').select(['id', 'addresses']).where(idsIn(db, 'id', addressGroupIds)).execute()
  return { portGroups, rules, members, memberPairs, addressGroups }
}

async function routed(db: Db, networkIds: Set<string>): Promise<Set<string>> {
  const rows = await q(db)
    .selectFrom('router_ports')
    .innerJoin('ports', 'ports.id', 'router_ports.port_id')
    .select('ports.network_id')
    .distinct()
    .where('router_ports.kind', '=', 'interface')
    .where(idsIn(db, 'ports.network_id', networkIds))
    .execute()
  return new Set(rows.map(({ network_id }) => network_id))
}

/** Networks whose guests are bound here and that want DHCP, but have no DHCP port that some host serves. */
export async function networksWithoutDhcp(db: Db, host: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct ports.network_id as id from ports
    where ports.binding_host = ${host} and ports.device_owner not like 'network:%'
      and exists (select 1 from subnets where subnets.network_id = ports.network_id and subnets.enable_dhcp = 1)
      and not exists (select 1 from ports d where d.network_id = ports.network_id and d.device_owner = 'network:dhcp' and d.binding_host <> '')
    order by 1`.execute(db.as<never>())
  return rows.map(({ id }) => id)
}

/** Networks with ports that want DHCP, and no DHCP port yet: the first guest brings it. */
export async function networksAwaitingDhcp(db: Db, limit: number, networkId?: string): Promise<string[]> {
  const one = networkId === undefined ? sql`` : sql`and networks.id = ${networkId}`
  const { rows } = await sql<{ id: string }>`
    select networks.id as id from networks
    where exists (select 1 from subnets where subnets.network_id = networks.id and subnets.enable_dhcp = 1)
      and exists (select 1 from ports where ports.network_id = networks.id and ports.device_owner not like 'network:%')
      and not exists (select 1 from ports d where d.network_id = networks.id and d.device_owner = 'network:dhcp') ${one}
    order by networks.id limit ${limit}`.execute(db.as<never>())
  return rows.map(({ id }) => id)
}

/** DHCP ports served from here that lack an address in a subnet that wants DHCP. */
export async function dhcpPortsIncomplete(db: Db, host: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct ports.id as id from ports inner join subnets on subnets.network_id = ports.network_id
    where ports.binding_host = ${host} and ports.device_owner = 'network:dhcp' and subnets.enable_dhcp = 1
      and not exists (select 1 from ip_allocations a where a.port_id = ports.id and a.subnet_id = subnets.id)
    order by 1`.execute(db.as<never>())
  return rows.map(({ id }) => id)
}

/** Sets the state of ports that are in another one; returns the ids that changed. */
export async function portsStatusSet(db: Db, portIds: string[], status: 'ACTIVE' | 'DOWN', updatedAt: string): Promise<string[]> {
  if (portIds.length === 0) return []
  const rows = await q(db)
    .updateTable('ports')
    .set({ status, updated_at: updatedAt, revision_number: sql`revision_number + 1` })
    .where(idsIn(db, 'id', portIds))
    .where('status', '<>', status)
    .returning('id')
    .execute()
  return rows.map(({ id }) => id)
}

export const floatingIpsStatusSet = (db: Db, routerIds: string[], status: 'ACTIVE' | 'DOWN', updatedAt: string) =>
  q(db)
    .updateTable('floating_ips')
    .set({ status, updated_at: updatedAt })
    .where(idsIn(db, 'router_id', routerIds))
    .where('status', '<>', status)
    .execute()
