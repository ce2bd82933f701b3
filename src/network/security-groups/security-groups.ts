// Security groups and their rules: the logic. Rules never change; they come and go.
import type { Context } from '../../platform/context.ts'
import { conflict, notFound } from '../../platform/errors.ts'
import { quotaReserve } from '../quotas/check.ts'
import type { Changed, Created } from '../api/attribute.ts'
import { resourceFetch, type Loaded, type Resource } from '../api/resource.ts'
import { securityGroupAttributes, securityGroupRuleAttributes } from './attributes.ts'
import { defaultGroupEnsure, egressRules, ruleRow } from './default-group.ts'
import { securityGroupNotFound } from '../faults.ts'
import { sharedIds } from '../networks/store.ts'
import { standardRow } from '../store/query.ts'
import { securityGroupRows, groupUse, securityGroupRuleRows, rulesOfGroups, securityGroupRuleShape, securityGroupShape } from './store.ts'
import type { SecurityGroupRow, SecurityGroupRuleRow } from '../store/tables.ts'
import { wakeGroups } from '../host/wake.ts'
import { rbacRows } from '../rbac-policies/store.ts'

const defaultExists = () => conflict('Default security group already exists.', { type: 'SecurityGroupDefaultAlreadyExists' })

type GroupAttributes = typeof securityGroupAttributes
type RuleAttributes = typeof securityGroupRuleAttributes

async function securityGroupCreate(tx: Context, values: Created<GroupAttributes>): Promise<SecurityGroupRow> {
  await defaultGroupEnsure(tx, values.project_id)
  if (values.name === 'default') throw defaultExists()
  const row: SecurityGroupRow = { ...standardRow(tx, values), stateful: values.stateful, is_default: false }
  const rules = egressRules(tx, row)
  await quotaReserve(
    tx,
    'security_group_rule',
    rules.map(({ project_id }) => project_id),
  )
  await securityGroupRows.insert(tx.db, row)
  await securityGroupRuleRows.insertMany(tx.db, rules)
  return row
}

async function securityGroupUpdate(tx: Context, row: SecurityGroupRow, values: Changed<GroupAttributes>): Promise<SecurityGroupRow> {
  if (values.name !== undefined && values.name !== row.name) {
    if (values.name === 'default') throw defaultExists()
    if (row.is_default) throw conflict('Updating default security group not allowed.', { type: 'SecurityGroupCannotUpdateDefault' })
  }
  if (values.stateful !== undefined && values.stateful !== row.stateful && (await groupUse(tx.db, row.id))) {
    throw conflict(`Security Group ${row.id} in use.`, { type: 'SecurityGroupInUse' })
  }
  return securityGroupRows.change(tx, row.id, values)
}

async function securityGroupDelete(tx: Context, row: SecurityGroupRow): Promise<void> {
  const inUse = () => conflict(`Security Group ${row.id} in use.`, { type: 'SecurityGroupInUse' })
  if (await groupUse(tx.db, row.id)) throw inUse()
  if (row.is_default && !tx.allows({}, 'context_is_admin'))
    throw conflict('Insufficient rights for removing default security group.', { type: 'SecurityGroupCannotRemoveDefault' })
  await wakeGroups(tx, [row.id])
  await rbacRows.delete(tx.db, { object_id: row.id })
  // told one by one, which the table's own cascade would not
  await securityGroupRuleRows.delete(tx.db, { security_group_id: row.id })
  await securityGroupRuleRows.delete(tx.db, { remote_group_id: row.id })
  await securityGroupRows.delete(tx.db, row.id)
}

export interface SecurityGroupFacts {
  rules: SecurityGroupRuleRow[]
  shared: boolean
}

/** Groups with all their rules: one statement for the rules of all. */
async function load(ctx: Context, rows: SecurityGroupRow[]): Promise<Loaded<SecurityGroupRow, SecurityGroupFacts>[]> {
  const ids = rows.map(({ id }) => id)
  const rules = Map.groupBy(await rulesOfGroups(ctx.db, ids), ({ security_group_id }) => security_group_id)
  const shared = await sharedIds(ctx.db, ids, ctx.actor.projectId)
  return rows.map((row) => ({
    row,
    facts: { rules: rules.get(row.id) ?? [], shared: shared.has(row.id) },
    target: { shared: shared.has(row.id) },
  }))
}

export const securityGroups: Resource<SecurityGroupRow, SecurityGroupFacts, GroupAttributes> = {
  name: 'security_group',
  attributes: securityGroupAttributes,
  shape: securityGroupShape,
  quota: 'security_group',
  missing: securityGroupNotFound,
  load,
  // the project's default group is there as soon as anybody looks
  beforeList: async (ctx) => void (ctx.actor.projectId !== null && (await defaultGroupEnsure(ctx, ctx.actor.projectId))),
  create: securityGroupCreate,
  update: securityGroupUpdate,
  delete: securityGroupDelete,
}

async function securityGroupRuleCreate(
  tx: Context,
  values: Created<RuleAttributes>,
  group: SecurityGroupRow,
): Promise<SecurityGroupRuleRow> {
  const { direction, ethertype, protocol, port_range_min, port_range_max, remote_ip_prefix, remote_group_id, remote_address_group_id } =
    values
  const wish = {
    direction,
    ethertype,
    protocol,
    port_range_min,
    port_range_max,
    remote_ip_prefix,
    remote_group_id,
    remote_address_group_id,
  }
  const row = ruleRow(tx, { id: group.id, project_id: values.project_id }, wish, values.description)
  const twin = await securityGroupRuleRows.first(tx.db, { security_group_id: row.security_group_id, canonical: row.canonical })
  if (twin) throw conflict(`Security group rule already exists. Rule id is ${twin.id}.`, { type: 'SecurityGroupRuleExists' })
  await securityGroupRuleRows.insertMany(tx.db, [row])
  await securityGroupRows.bump(tx, row.security_group_id)
  await wakeGroups(tx, [row.security_group_id])
  return row
}

async function securityGroupRuleDelete(tx: Context, row: SecurityGroupRuleRow): Promise<void> {
  await securityGroupRuleRows.delete(tx.db, row.id)
  await securityGroupRows.bump(tx, row.security_group_id)
  await wakeGroups(tx, [row.security_group_id])
}

export const securityGroupRules: Resource<SecurityGroupRuleRow & { group_project_id?: string }, null, RuleAttributes, SecurityGroupRow> = {
  name: 'security_group_rule',
  attributes: securityGroupRuleAttributes,
  shape: securityGroupRuleShape,
  quota: 'security_group_rule',
  missing: (id) => notFound(`Security group rule ${id} does not exist`, { type: 'SecurityGroupRuleNotFound' }),
  load: async (_ctx, rows) =>
    rows.map((row) => ({
      row,
      facts: null,
      target: { 'security_group:project_id': row.group_project_id, 'security_group:tenant_id': row.group_project_id },
    })),
  async parent(tx, id) {
    // the group's owner owns the rule: a project that may only see a group cannot write rules into it
    const { row } = await resourceFetch(tx, securityGroups, id)
    const owner = row.project_id
    const target = { project_id: owner, tenant_id: owner, 'security_group:project_id': owner, 'security_group:tenant_id': owner }
    return { parent: row, target }
  },
  create: securityGroupRuleCreate,
  delete: securityGroupRuleDelete,
}
