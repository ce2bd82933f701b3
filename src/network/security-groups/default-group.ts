// The default security group of a project, made at first use: guests of the group reach each other, and all may go out.
import type { Context } from '../../platform/context.ts'
import { assert } from '../../platform/errors.ts'
import { ruleCheck, type RuleWish } from './rule.ts'
import { defaultGroupOf, securityGroupRows, securityGroupRuleRows } from './store.ts'
import { standardRow } from '../store/query.ts'
import type { SecurityGroupRow, SecurityGroupRuleRow } from '../store/tables.ts'

const ethertypes = ['IPv4', 'IPv6'] as const
const anything = {
  protocol: null,
  port_range_min: null,
  port_range_max: null,
  remote_ip_prefix: null,
  remote_group_id: null,
  remote_address_group_id: null,
}

/** A rule's row: the checked wish with standard attributes. */
export function ruleRow(ctx: Context, group: { id: string; project_id: string }, wish: RuleWish, description = ''): SecurityGroupRuleRow {
  return {
    ...standardRow(ctx, { project_id: group.project_id, description }),
    revision_number: 0,
    security_group_id: group.id,
    ...ruleCheck(wish),
  }
}

/** The rules that every new group has: everything may go out. */
export const egressRules = (ctx: Context, group: { id: string; project_id: string }): SecurityGroupRuleRow[] =>
  ethertypes.map((ethertype) => ruleRow(ctx, group, { ...anything, direction: 'egress', ethertype }))

/** The id of the project's default group, which is made when it is missing. */
export async function defaultGroupEnsure(ctx: Context, projectId: string): Promise<string> {
  const known = await defaultGroupOf(ctx.db, projectId)
  if (known) return known
  return ctx.transaction(async (tx) => {
    const group: SecurityGroupRow = {
      ...standardRow(tx, { project_id: projectId, name: 'default', description: 'Default security group' }),
      stateful: true,
      is_default: true,
    }
    if ((await securityGroupRows.insertMissing(tx.db, group)) === 0) {
      const other = await defaultGroupOf(tx.db, projectId)
      assert(other, 'a default group that is there cannot be found')
      return other
    }
    const fromGroup = ethertypes.map((ethertype) =>
      ruleRow(tx, group, { ...anything, direction: 'ingress', ethertype, remote_group_id: group.id }),
    )
    await securityGroupRuleRows.insertMany(tx.db, [...egressRules(tx, group), ...fromGroup])
    return group.id
  })
}
