// The scheduler hint `group`: the server becomes a member of a server group of its project.
import type { Context } from '../../../platform/context.ts'
import { badRequest, forbidden } from '../../../platform/errors.ts'
import { quotaLimits } from '../../../platform/quota.ts'
import { computeQuotas } from '../../quotas/defaults.ts'
import { serverGroups, serverGroupMembers } from '../../server-groups/store.ts'

/** The group's id, or null when none is asked for. */
export async function serverGroupForServer(ctx: Context, hints: Record<string, unknown>): Promise<string | null> {
  const id = hints['group']
  if (typeof id !== 'string') return null
  const group = await serverGroups.fetch(ctx.db, id)
  if (!group || (group.project_id !== ctx.actor.projectId && !ctx.allows({}, 'context_is_admin')))
    throw badRequest(`Instance group ${id} could not be found.`)
  const limits = await quotaLimits(ctx.db, 'compute', ctx.projectId, computeQuotas)
  const limit = limits['server_group_members'] ?? -1
  if (limit >= 0) {
    const mine = (await serverGroupMembers(ctx.db, [id])).filter((member) => member.user_id === ctx.actor.userId)
    if (mine.length + 1 > limit) throw forbidden('Quota exceeded, too many servers in group')
  }
  return id
}
