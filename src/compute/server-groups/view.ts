// ServerGroup → what the API shows: owner since 2.13, one policy with rules instead of a list since 2.64.
import type { Context } from '../../platform/context.ts'
import type { ServerGroup } from './server-groups.ts'

const one = (ctx: Context, { row, members }: ServerGroup) => ({
  id: row.id,
  name: row.name,
  ...(ctx.microversion.atLeast('2.64') ? { policy: row.policy, rules: row.rules } : { policies: [row.policy], metadata: {} }),
  members,
  ...(ctx.microversion.atLeast('2.13') ? { project_id: row.project_id, user_id: row.user_id } : {}),
})

export const serverGroupView = (ctx: Context, group: ServerGroup) => ({ server_group: one(ctx, group) })

export const serverGroupListView = (ctx: Context, groups: ServerGroup[]) => ({ server_groups: groups.map((group) => one(ctx, group)) })
