// Server groups: a wish about how servers are spread over hosts. Members are the servers whose rows name the group.
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { forbidden, notFound } from '../../platform/errors.ts'
import { quotaExcess } from '../../platform/quota.ts'
import { computeQuotas } from '../quotas/defaults.ts'
import { serverGroupLeave, serverGroupMembers, serverGroups, serverGroupsCount, serverGroupsPage, type ServerGroupRow } from './store.ts'

export interface ServerGroup {
  row: ServerGroupRow
  members: string[]
}

export async function serverGroupGet(ctx: Context, id: string): Promise<ServerGroup> {
  const row = await serverGroups.fetch(ctx.db, id)
  ctx.authorize(row && { project_id: row.project_id })
  if (!row) throw notFound(`Instance group ${id} could not be found.`)
  const [group] = await withMembers(ctx, [row])
  return group ?? { row, members: [] }
}

async function withMembers(ctx: Context, rows: ServerGroupRow[]): Promise<ServerGroup[]> {
  const members = await serverGroupMembers(
    ctx.db,
    rows.map((row) => row.id),
  )
  return rows.map((row) => ({ row, members: members.filter((member) => member.group_id === row.id).map((member) => member.id) }))
}

/** allProjects counts only where an admin says it. */
export async function serverGroupsList(
  ctx: Context,
  page: { limit: number; offset: number; allProjects: boolean },
): Promise<ServerGroup[]> {
  ctx.authorize()
  const all = page.allProjects && ctx.allows(undefined, 'os_compute_api:os-server-groups:index:all_projects')
  return withMembers(ctx, await serverGroupsPage(ctx.db, all ? undefined : ctx.projectId, page))
}

export interface NewServerGroup {
  name: string
  policy: ServerGroupRow['policy']
  rules: { max_server_per_host?: number }
}

export async function serverGroupCreate(ctx: Context, wanted: NewServerGroup): Promise<ServerGroup> {
  ctx.authorize()
  const row: ServerGroupRow = {
    id: ctx.ids.uuid(),
    project_id: ctx.projectId,
    user_id: ctx.actor.userId,
    name: wanted.name,
    policy: wanted.policy,
    rules: wanted.rules,
    created_at: isoMillis(ctx.clock.nowMs()),
  }
  await ctx.transaction(async (tx) => {
    const used = () => serverGroupsCount(tx.db, tx.projectId)
    const [excess] = await quotaExcess(tx, {
      service: 'compute',
      projectId: tx.projectId,
      builtIn: computeQuotas,
      wanted: { server_groups: 1 },
      used,
    })
    if (excess) throw forbidden('Quota exceeded, too many server groups.')
    await serverGroups.insert(tx.db, row)
  })
  return { row, members: [] }
}

export async function serverGroupDelete(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    await serverGroupGet(tx, id)
    await serverGroupLeave(tx.db, id)
    await serverGroups.delete(tx.db, id)
  })
}
