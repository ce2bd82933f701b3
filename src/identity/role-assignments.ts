// The list of assignments: as they are stored, or effective: groups become their users, inherited ones the projects
// that inherit them, and roles also what they imply.
import type { Context } from '../platform/context.ts'
import { badRequest } from '../platform/errors.ts'
import { roleGraphRead, type RoleGraph } from './effective-roles.ts'
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

async function wantedProjects(ctx: Context, { projectId, subtree }: AssignmentQuery): Promise<Set<string> | null> {
  if (projectId === undefined) return null
  return new Set([projectId, ...(subtree ? (await subtreeOf(ctx.db, projectId)).map((row) => row.id) : [])])
}

async function stored(ctx: Context, query: AssignmentQuery): Promise<Assignment[]> {
  const inProjects = await wantedProjects(ctx, query)
  const rows = await assignments.list(ctx.db, { actor_id: query.userId ?? query.groupId, role_id: query.roleId })
  return rows
    .filter((row) => query.inherited === undefined || row.inherited === query.inherited)
    .filter((row) => query.userId === undefined || row.actor_type === 'user')
    .filter((row) => onTarget(row, query, inProjects))
    .map(same)
}

function onTarget(row: AssignmentRow, query: AssignmentQuery, inProjects: Set<string> | null): boolean {
  if (inProjects) return row.target_type === 'project' && inProjects.has(row.target_id)
  if (query.domainId !== undefined) return row.target_type === 'domain' && row.target_id === query.domainId
  return query.system !== 'all' || row.target_type === 'system'
}

async function effective(ctx: Context, query: AssignmentQuery): Promise<Assignment[]> {
  const inProjects = await wantedProjects(ctx, query)
  const graph = await roleGraphRead(ctx.db)
  let lines = await ofUsers(ctx, query.userId)
  lines = await onProjects(ctx, lines)
  const wanted = ({ origin }: Assignment) => query.inherited === undefined || origin.inherited === query.inherited
  lines = lines.filter((line) => wanted(line) && onTarget(line.row, query, inProjects))
  return withImplied(graph, lines).filter(({ row }) => query.roleId === undefined || row.role_id === query.roleId)
}

/** Groups replaced by their users. */
async function ofUsers(ctx: Context, userId: string | undefined): Promise<Assignment[]> {
  const memberships = await userGroups.list(ctx.db, { user_id: userId })
  const actors = userId === undefined ? undefined : [userId, ...memberships.map((row) => row.group_id)]
  const lines: Assignment[] = []
  for (const row of await assignments.list(ctx.db, { actor_id: actors })) {
    if (row.actor_type === 'user') lines.push(same(row))
    else {
      for (const { user_id, group_id } of memberships.filter((membership) => membership.group_id === row.actor_id)) {
        lines.push({ row: { ...row, actor_type: 'user', actor_id: user_id }, origin: row, groupId: group_id, priorRoleId: null })
      }
    }
  }
  return lines
}

/** Inherited ones replaced by one for each project that inherits it. */
async function onProjects(ctx: Context, lines: Assignment[]): Promise<Assignment[]> {
  const heirs = new Map<string, string[]>()
  const result: Assignment[] = []
  for (const line of lines) {
    if (!line.row.inherited) {
      result.push(line)
      continue
    }
    const { target_type: type, target_id: id } = line.row
    let below = heirs.get(id)
    if (!below) {
      below = (type === 'domain' ? await projects.list(ctx.db, { domain_id: id, is_domain: false }) : await subtreeOf(ctx.db, id)).map(
        (row) => row.id,
      )
      heirs.set(id, below)
    }
    for (const projectId of below) result.push({ ...line, row: { ...line.row, target_type: 'project', target_id: projectId } })
  }
  return result
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
  const inside = new Set((await projects.list(ctx.db, { domain_id: domainId })).map((row) => row.id))
  return lines.filter(({ row: { target_type: type, target_id: id } }) =>
    type === 'domain' ? id === domainId : type === 'project' && inside.has(id),
  )
}
