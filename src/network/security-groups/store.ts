// SQL of security groups and their rules.
import { sql } from 'kysely'
import { idList, idsIn, inList } from '../../platform/store/ids-in.ts'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { standardColumns, standardFilters, type ListShape } from '../store/list.ts'
import { sharedFilter, sharedWith } from '../networks/store.ts'
import { q, standardRows } from '../store/query.ts'
import type { NetworkTables, SecurityGroupRuleRow } from '../store/tables.ts'

export const securityGroupShape: ListShape = {
  table: 'security_groups',
  visible: (projectId) =>
    sql<boolean>`(security_groups.project_id = ${projectId} or ${sharedWith('security_group', 'security_groups.id', projectId)})`,
  columns: { ...standardColumns, stateful: { column: 'stateful', kind: 'boolean' } },
  booleans: ['shared'],
  special: { ...standardFilters('security_groups'), shared: sharedFilter('security_group', 'security_groups.id') },
}

const text = (column: string, nullable = false) => ({ column, kind: 'text' as const, nullable })
const integer = (column: string) => ({ column, kind: 'integer' as const, nullable: true })

export const securityGroupRuleShape: ListShape = {
  table: 'security_group_rules',
  visible: (projectId) =>
    sql<boolean>`(security_group_rules.project_id = ${projectId} or security_group_rules.security_group_id in (select id from security_groups where project_id = ${projectId}))`,
  // the group's owner: a rule is also for those who may see its group
  extra: sql`(select project_id from security_groups g where g.id = security_group_rules.security_group_id) as group_project_id`,
  columns: {
    id: standardColumns['id']!,
    project_id: standardColumns['project_id']!,
    description: standardColumns['description']!,
    revision_number: standardColumns['revision_number']!,
    created_at: standardColumns['created_at']!,
    updated_at: standardColumns['updated_at']!,
    security_group_id: text('security_group_id'),
    direction: text('direction'),
    ethertype: text('ethertype'),
    protocol: text('protocol', true),
    port_range_min: integer('port_range_min'),
    port_range_max: integer('port_range_max'),
    remote_ip_prefix: text('remote_ip_prefix', true),
    remote_group_id: text('remote_group_id', true),
    remote_address_group_id: text('remote_address_group_id', true),
  },
}

export const securityGroupRuleRows = standardRows('security_group_rules')

export const securityGroupRows = standardRows('security_groups')
const defaultGroup = statement<NetworkTables, { projectId: string }, { id: string }>((from, { projectId }) =>
  from.selectFrom('security_groups').select('id').where('project_id', '=', projectId).where('is_default', '=', true),
)
/** The id of a project's default group. */
export const defaultGroupOf = async (db: Db, projectId: string): Promise<string | undefined> =>
  (await defaultGroup.first(db, { projectId }))?.id
const rules = statement<NetworkTables, { list: string }, SecurityGroupRuleRow>((from, { list }, db) =>
  from
    .selectFrom('security_group_rules')
    .selectAll()
    .where(inList(db, 'security_group_id', list))
    .orderBy('security_group_id')
    .orderBy('id'),
)
export const rulesOfGroups = (db: Db, groupIds: string[]) => rules.rows(db, { list: idList(groupIds) })
export const groupUse = (db: Db, groupId: string) =>
  q(db).selectFrom('port_security_groups').select('port_id').where('security_group_id', '=', groupId).limit(1).executeTakeFirst()
/** By name or id, of the project or shared with it: its own first. */
export const groupsByName = (db: Db, projectId: string, names: string[]) =>
  q(db)
    .selectFrom('security_groups')
    .select(['id', 'name', 'project_id'])
    .where((e) => e.or([e('project_id', '=', projectId), sharedWith('security_group', 'security_groups.id', projectId)]))
    .where((e) => e.or([idsIn(db, 'name', names), idsIn(db, 'id', names)]))
    .execute()
