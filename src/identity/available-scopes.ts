// Where a user could log in to: the projects, domains and the system that the user has a role on.
import type { Context } from '../platform/context.ts'
import { assignmentsOfUser, globalRoles, impliedClosure, roleGraphRead } from './effective-roles.ts'
import { subtreeOf } from './project-tree.ts'
import { projects, type AssignmentRow, type ProjectRow } from './store/tables.ts'

/** Assignments that give at least one role of the cloud. */
async function useful(ctx: Context, userId: string): Promise<AssignmentRow[]> {
  const graph = await roleGraphRead(ctx.db)
  return (await assignmentsOfUser(ctx.db, userId)).filter((row) => globalRoles(graph, impliedClosure(graph, [row.role_id])).length > 0)
}

const byId = (rows: ProjectRow[]) => [...new Map(rows.map((row) => [row.id, row])).values()].sort((a, b) => (a.id < b.id ? -1 : 1))

/** Every project that the user has a role on, inherited ones too, enabled or not. */
export async function projectsOfUser(ctx: Context, userId: string): Promise<ProjectRow[]> {
  const rows = await useful(ctx, userId)
  const direct = rows.filter((row) => row.target_type === 'project' && !row.inherited).map((row) => row.target_id)
  const found = await projects.many(ctx.db, direct)
  for (const row of rows.filter(({ inherited }) => inherited)) {
    const { target_type: type, target_id: id } = row
    found.push(...(type === 'domain' ? await projects.list(ctx.db, { domain_id: id, is_domain: false }) : await subtreeOf(ctx.db, id)))
  }
  return byId(found)
}

export async function domainsOfUser(ctx: Context, userId: string): Promise<ProjectRow[]> {
  const rows = (await useful(ctx, userId)).filter((row) => row.target_type === 'domain' && !row.inherited)
  return byId(
    await projects.many(
      ctx.db,
      rows.map((row) => row.target_id),
    ),
  )
}

export const systemOfUser = async (ctx: Context, userId: string): Promise<boolean> =>
  (await useful(ctx, userId)).some((row) => row.target_type === 'system' && !row.inherited)
