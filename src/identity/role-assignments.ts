// The list of assignments: as they are stored, or effective: groups become their users, inherited ones the projects
// that inherit them, and roles also what they imply.
import type { Context } from '../platform/context.ts'
import type { Where } from '../platform/store/rows.ts'
import { badRequest } from '../platform/errors.ts'
import { ancestorsOf, roleGraphRead, type RoleGraph } from './effective-roles.ts'
import { existing } from './found.ts'
import { ownDomainTarget, permit } from './permission.ts'
import { subtreeOf } from './project-tree.ts'
import { assignments, projects, userGroups, type AssignmentRow } from './store/tables.ts'

export interface AssignmentQuery {
  userId?: string | undefined
  groupId?: string | undefined
  roleId?: string | undefined
  projectId?: string | undefined
  domainId?: string | undefined
  /** 'all' asks for those on the system; any other word is only held against the rest of the query */
  system: string | undefined
  inherited?: boolean | undefined
  effective: boolean
  subtree: boolean
}

/** One line of the list, and the stored assignment that it comes from. */
export interface Assignment {
  row: AssignmentRow
  origin: AssignmentRow
  /** the group through which the user has it */
  groupId: string | null
  /** the role that was assigned, when `row` holds an implied one */
  priorRoleId: string | null
}

export async function assignmentsList(ctx: Context, query: AssignmentQuery): Promise<Assignment[]> {
  if (query.subtree) await permitTree(ctx, query.projectId)
  else permit(ctx, { target: ownDomainTarget(ctx) })
  refuseSenseless(query)
  const found = query.effective ? await effective(ctx, query) : await stored(ctx, query)
  return ctx.actor.domainId === null ? found : within(ctx, found, ctx.actor.domainId)
}

/** A tree has rules of its own, which look at the project on its top. */
async function permitTree(ctx: Context, projectId: string | undefined): Promise<void> {
  const rule = 'identity:list_role_assignments_for_tree'
  if (projectId === undefined) return permit(ctx, {}, rule)
  const row = existing(await projects.fetch(ctx.db, projectId), 'project', projectId)
  const domainId = row.domain_id === '' ? null : row.domain_id
  permit(ctx, { target: { domain_id: domainId, project: { id: row.id, domain_id: domainId } } }, rule)
}

function refuseSenseless({
  userId,
  groupId,
  projectId,
  domainId,
  system,
  effective: isEffective,
  subtree,
  inherited,
}: AssignmentQuery): void {
  if (userId !== undefined && groupId !== undefined) throw badRequest('Specify a user or group, not both')
  if (domainId !== undefined && projectId !== undefined) throw badRequest('Specify a domain or project, not both')
  if (system && domainId !== undefined) throw badRequest('Specify system or domain, not both')
  if (system && projectId !== undefined) throw badRequest('Specify system or project, not both')
  if (isEffective && groupId !== undefined) throw badRequest('Combining effective and group filter will always result in an empty list.')
  if (isEffective && inherited && domainId !== undefined) {
    throw badRequest('Combining effective, domain and inherited filters will always result in an empty list.')
  }
  if (subtree && projectId === undefined) throw badRequest('scope.project.id must be specified if include_subtree is also specified')
}

const same = (row: AssignmentRow): Assignment => ({ row, origin: row, groupId: null, priorRoleId: null })

/** Ids of the projects that are asked for, each after what is above it. */
async function wantedProjects(ctx: Context, { projectId, subtree }: AssignmentQuery): Promise<string[] | null> {
  if (projectId === undefined) return null
  return [projectId, ...(subtree ? (await subtreeOf(ctx.db, projectId)).map((row) => row.id) : [])]
}

/** The targets that are asked for, as the store's condition. */
function onTargets({ domainId, system }: AssignmentQuery, inProjects: string[] | null): Where<AssignmentRow> {
  if (inProjects) return { target_type: 'project', target_id: inProjects }
  if (domainId !== undefined) return { target_type: 'domain', target_id: domainId }
  return system === 'all' ? { target_type: 'system' } : {}
}

async function stored(ctx: Context, query: AssignmentQuery): Promise<Assignment[]> {
  const { userId, groupId, roleId, inherited } = query
  const actor = { actor_id: userId ?? groupId, actor_type: userId === undefined ? undefined : ('user' as const) }
  const where = { ...actor, role_id: roleId, inherited, ...onTargets(query, await wantedProjects(ctx, query)) }
  return (await assignments.list(ctx.db, where)).map(same)
}

async function effective(ctx: Context, query: AssignmentQuery): Promise<Assignment[]> {
  const inProjects = await wantedProjects(ctx, query)
  const graph = await roleGraphRead(ctx.db)
  const above = inProjects && (await placesAbove(ctx, inProjects))
  const where: Where<AssignmentRow> = above
    ? { target_id: [...new Set([...above.keys(), ...[...above.values()].flatMap((ids) => [...ids])])] }
    : onTargets(query, null)
  const lines = await ofUsers(ctx, query.userId, { ...where, inherited: query.inherited })
  return withImplied(graph, await onProjects(ctx, lines, query, above)).filter(
    ({ row }) => query.roleId === undefined || row.role_id === query.roleId,
  )
}

/** Of each project what it inherits from: the projects above it and its domain. */
async function placesAbove(ctx: Context, ids: string[]): Promise<Map<string, Set<string>>> {
  const above = new Map<string, Set<string>>()
  const rows = new Map((await projects.many(ctx.db, ids)).map((row) => [row.id, row]))
  for (const id of ids) {
    const row = rows.get(id)
    const parent = row?.parent_id ?? ''
    const inherited = above.get(parent) ?? (row && (await ancestorsOf(ctx.db, row)).map((each) => each.id)) ?? []
    above.set(id, new Set([...inherited, ...(row ? [parent, row.domain_id] : [])].filter((each) => each !== '')))
  }
  return above
}

/** Groups replaced by their users. */
async function ofUsers(ctx: Context, userId: string | undefined, where: Where<AssignmentRow>): Promise<Assignment[]> {
  const own = userId === undefined ? undefined : await userGroups.list(ctx.db, { user_id: userId })
  const rows = await assignments.list(ctx.db, { ...where, actor_id: own && [userId ?? '', ...own.map((row) => row.group_id)] })
  const groupIds = rows.filter((row) => row.actor_type === 'group').map((row) => row.actor_id)
  const members = Map.groupBy(own ?? (await userGroups.list(ctx.db, { group_id: groupIds })), (row) => row.group_id)
  return rows.flatMap((row): Assignment[] =>
    row.actor_type === 'user'
      ? [same(row)]
      : (members.get(row.actor_id) ?? []).map(({ user_id: actorId, group_id: groupId }) => ({
          row: { ...row, actor_type: 'user', actor_id: actorId },
          origin: row,
          groupId,
          priorRoleId: null,
        })),
  )
}

/** Inherited ones replaced by one for each project that inherits it; of what is asked for, where projects are. */
async function onProjects(
  ctx: Context,
  lines: Assignment[],
  { domainId, system }: AssignmentQuery,
  above: Map<string, Set<string>> | null,
): Promise<Assignment[]> {
  const heirs = new Map<string, string[]>()
  const result: Assignment[] = []
  for (const line of lines) {
    const { target_type: type, target_id: id, inherited } = line.row
    if (!inherited) {
      if (!above || (type === 'project' && above.has(id))) result.push(line)
      continue
    }
    // what is inherited holds on projects alone
    if (domainId !== undefined || system === 'all') continue
    const below = heirs.get(id) ?? (await heirsOf(ctx, line.row, above))
    heirs.set(id, below)
    for (const projectId of below) result.push({ ...line, row: { ...line.row, target_type: 'project', target_id: projectId } })
  }
  return result
}

async function heirsOf(
  ctx: Context,
  { target_type: type, target_id: id }: AssignmentRow,
  above: Map<string, Set<string>> | null,
): Promise<string[]> {
  if (above) {
    const below = [...above.keys()].filter((projectId) => above.get(projectId)?.has(id))
    return type === 'domain' ? below.sort() : below
  }
  const rows = type === 'domain' ? await projects.list(ctx.db, { domain_id: id, is_domain: false }) : await subtreeOf(ctx.db, id)
  return rows.map((row) => row.id)
}

function withImplied(graph: RoleGraph, lines: Assignment[]): Assignment[] {
  const result: Assignment[] = []
  for (const line of lines) {
    const open: { roleId: string; priorRoleId: string | null }[] = [{ roleId: line.row.role_id, priorRoleId: null }]
    const seen = new Set<string>()
    for (let next = open.shift(); next; next = open.shift()) {
      if (seen.has(next.roleId)) continue
      seen.add(next.roleId)
      const row = { ...line.row, role_id: next.roleId }
      if (graph.roles.get(next.roleId)?.domain_id === '') result.push({ ...line, row, priorRoleId: next.priorRoleId })
      for (const implied of graph.implies.get(next.roleId) ?? []) open.push({ roleId: implied, priorRoleId: next.roleId })
    }
  }
  return result
}

/** What a domain-scoped token may see: assignments on its domain and on the projects in it. */
async function within(ctx: Context, lines: Assignment[], domainId: string): Promise<Assignment[]> {
  const targets = lines.filter(({ row }) => row.target_type === 'project').map(({ row }) => row.target_id)
  const inside = new Set((await projects.many(ctx.db, targets)).filter((row) => row.domain_id === domainId).map((row) => row.id))
  return lines.filter(({ row: { target_type: type, target_id: id } }) =>
    type === 'domain' ? id === domainId : type === 'project' && inside.has(id),
  )
}
