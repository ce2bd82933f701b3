// SQL of networks and their segments.
import { sql } from 'kysely'
import { readBoolean } from '../../platform/api/words.ts'
import { idList, idsIn, inList } from '../../platform/store/ids-in.ts'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { standardColumns, standardFilters, type Condition, type ListShape } from '../store/list.ts'
import { q, standardRows } from '../store/query.ts'
import type { NetworkTables, RbacPolicyRow, SubnetRow, SubnetpoolRow } from '../store/tables.ts'

/** Objects that a policy of others shares with the project, or with all. */
export const sharedWith = (objectType: string, column: string, projectId: string | null, actions = ['access_as_shared']): Condition =>
  sql<boolean>`${sql.ref(column)} in (select object_id from rbac_policies where object_type = ${objectType} and target_project in ('*', ${projectId ?? ''}) and action in (${sql.join(actions)}))`

/** The filter `shared=true` of a list. */
export const sharedFilter =
  (objectType: string, column: string) =>
  (_db: Db, values: string[], projectId: string | null): Condition => {
    const shared = sharedWith(objectType, column, projectId)
    return sql<boolean>`(${sql.join(
      values.map((value) => (readBoolean(value) === true ? shared : sql`not ${shared}`)),
      sql` or `,
    )})`
  }

export const networkShape: ListShape = {
  table: 'networks',
  visible: (projectId) =>
    sql<boolean>`(networks.project_id = ${projectId} or ${sharedWith('network', 'networks.id', projectId, ['access_as_shared', 'access_as_external'])})`,
  columns: {
    ...standardColumns,
    admin_state_up: { column: 'admin_state_up', kind: 'boolean' },
    status: { column: 'status', kind: 'text' },
    mtu: { column: 'mtu', kind: 'integer' },
    'router:external': { column: 'external', kind: 'boolean', unsorted: true },
    is_default: { column: 'is_default', kind: 'boolean' },
    dns_domain: { column: 'dns_domain', kind: 'text', unsorted: true },
    port_security_enabled: { column: 'port_security_enabled', kind: 'boolean', unsorted: true },
    availability_zone_hints: { column: 'availability_zone_hints', kind: 'text' },
    'provider:network_type': { column: 'network_type', kind: 'text', unsorted: true },
    'provider:physical_network': { column: 'physical_network', kind: 'text', nullable: true, unsorted: true },
    'provider:segmentation_id': { column: 'segmentation_id', kind: 'integer', wide: true, nullable: true, unsorted: true },
  },
  booleans: ['shared'],
  special: {
    ...standardFilters('networks'),
    shared: sharedFilter('network', 'networks.id'),
    subnets: (db, values) => sql<boolean>`networks.id in (select network_id from subnets where ${idsIn(db, 'id', values)})`,
  },
}

export const networkRows = standardRows('networks')

/** Visible networks that a project's servers can be put on: its own and those shared with it. */
export const networksOfProject = (db: Db, projectId: string, limit: number) =>
  q(db)
    .selectFrom('networks')
    .selectAll()
    .where((e) => e.or([e('project_id', '=', projectId), sharedWith('network', 'networks.id', projectId)]))
    .orderBy('id')
    .limit(limit)
    .execute()

export interface Segment {
  network_type: string
  physical_network: string
  segmentation_id: number
  network_id: string
}

const segmentTaking = statement<NetworkTables, Segment, { network_id: string }>(
  (from, { network_type, physical_network, segmentation_id, network_id }) =>
    from
      .insertInto('segment_allocations')
      .values({ network_type, physical_network, segmentation_id, network_id })
      .onConflict((c) => c.columns(['network_type', 'physical_network', 'segmentation_id']).doNothing())
      .returning('network_id'),
)
/** Takes a segment; false when a network has it. */
export const segmentInsert = async (db: Db, segment: Segment): Promise<boolean> => (await segmentTaking.first(db, segment)) !== undefined

/** The first free segment after a taken one; null when there is none up to `to`. */
export async function segmentGap(
  db: Db,
  { network_type, physical_network }: Pick<Segment, 'network_type' | 'physical_network'>,
  range: { from: number; to: number },
): Promise<number | null> {
  const { rows } = await sql<{ free: number }>`
    select a.segmentation_id + 1 as free from segment_allocations a
    where a.network_type = ${network_type} and a.physical_network = ${physical_network} and a.segmentation_id >= ${range.from} and a.segmentation_id < ${range.to}
      and not exists (select 1 from segment_allocations b where b.network_type = a.network_type and b.physical_network = a.physical_network and b.segmentation_id = a.segmentation_id + 1)
    order by a.segmentation_id limit 1`.execute(db.as<never>())
  return rows[0] === undefined ? null : Number(rows[0].free)
}

type ScopedSubnet = Pick<SubnetRow, 'id' | 'network_id' | 'ip_version'> & { address_scope_id: SubnetpoolRow['address_scope_id'] }

const scopedSubnets = statement<NetworkTables, { list: string }, ScopedSubnet>((from, { list }, db) =>
  from
    .selectFrom('subnets')
    .leftJoin('subnetpools', 'subnetpools.id', 'subnets.subnetpool_id')
    .select(['subnets.id', 'subnets.network_id', 'subnets.ip_version', 'subnetpools.address_scope_id'])
    .where(inList(db, 'subnets.network_id', list))
    .orderBy('subnets.id'),
)
/** The ids of the networks' subnets, and the address scopes that these come from. */
export const subnetsOfNetworks = (db: Db, networkIds: string[]) => scopedSubnets.rows(db, { list: idList(networkIds) })

const shared = statement<NetworkTables, { list: string; projectId: string }, Pick<RbacPolicyRow, 'object_id'>>(
  (from, { list, projectId }, db) =>
    from
      .selectFrom('rbac_policies')
      .select('object_id')
      .where(inList(db, 'object_id', list))
      .where('action', '=', 'access_as_shared')
      .where('target_project', 'in', ['*', projectId]),
)
/** Which of the objects are shared with the project. */
export const sharedIds = async (db: Db, ids: string[], projectId: string | null): Promise<Set<string>> =>
  new Set((await shared.rows(db, { list: idList(ids), projectId: projectId ?? '' })).map((row) => row.object_id))

const access = statement<NetworkTables, { list: string; projectId: string }, Pick<RbacPolicyRow, 'object_id' | 'action'>>(
  (from, { list, projectId }, db) =>
    from
      .selectFrom('rbac_policies')
      .select(['object_id', 'action'])
      .where(inList(db, 'object_id', list))
      .where('target_project', 'in', ['*', projectId]),
)
/** Which of the networks the project may use as shared with it, and which as external: both follow the policies. */
export async function networkAccess(
  db: Db,
  ids: string[],
  projectId: string | null,
): Promise<{ shared: Set<string>; external: Set<string> }> {
  const rows = await access.rows(db, { list: idList(ids), projectId: projectId ?? '' })
  const by = (action: RbacPolicyRow['action']) => new Set(rows.flatMap((row) => (row.action === action ? [row.object_id] : [])))
  return { shared: by('access_as_shared'), external: by('access_as_external') }
}

/** Ports of a network that keep it from being deleted, at most `limit`. */
export const portsBlocking = (db: Db, networkId: string, limit: number) =>
  q(db).selectFrom('ports').select(['id', 'device_owner']).where('network_id', '=', networkId).orderBy('id').limit(limit).execute()

/** A gateway or floating IP on the network. */
export const externalUse = (db: Db, networkId: string) =>
  q(db)
    .selectFrom('ports')
    .select('id')
    .where('network_id', '=', networkId)
    .where('device_owner', 'in', ['network:router_gateway', 'network:floatingip'])
    .limit(1)
    .executeTakeFirst()
