// Which roles a user has on a target: own and through groups, direct and inherited from above, and what those roles
// imply. Roles of a domain of its own never enter a token; what they imply does.
import type { Platform } from '../platform/context.ts'
import { cache } from '../platform/context.ts'
import type { Db } from '../platform/store/store.ts'
import {
  assignments,
  impliedRoles,
  projects,
  roles,
  userGroups,
  type AssignmentRow,
  type ProjectRow,
  type RoleRow,
} from './store/tables.ts'

export type Target = { kind: 'project'; project: ProjectRow } | { kind: 'domain'; id: string } | { kind: 'system' }

/** All roles and what each implies directly; small, read whole. */
export interface RoleGraph {
  roles: Map<string, RoleRow>
  implies: Map<string, string[]>
}

const deepestProject = 32
export const systemTargetId = 'system'

export async function roleGraphRead(db: Db): Promise<RoleGraph> {
  const implies = new Map<string, string[]>()
  for (const rule of await impliedRoles.list(db))
    implies.set(rule.prior_role_id, [...(implies.get(rule.prior_role_id) ?? []), rule.implied_role_id])
  return { roles: new Map((await roles.list(db)).map((role) => [role.id, role])), implies }
}

/** The same, kept until the revision moves. */
export async function roleGraphCached(platform: Platform, db: Db, revision: number): Promise<RoleGraph> {
  const kept = cache(platform, 'identity.role-graph', () => ({ revision: -1, graph: undefined as RoleGraph | undefined }))
  if (kept.revision !== revision || !kept.graph) {
    kept.graph = await roleGraphRead(db)
    kept.revision = revision
  }
  return kept.graph
}

/** These roles and all that they imply, without end or repetition. */
export function impliedClosure(graph: RoleGraph, roleIds: Iterable<string>): Set<string> {
  const found = new Set<string>()
  const open = [...roleIds]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue
    found.add(id)
    open.push(...(graph.implies.get(id) ?? []))
  }
  return found
}

/** The projects above, nearest first, without the domain. */
export async function ancestorsOf(db: Db, project: ProjectRow): Promise<ProjectRow[]> {
  const above: ProjectRow[] = []
  for (let at: ProjectRow = project; at.parent_id !== null && at.parent_id !== at.domain_id && above.length < deepestProject;) {
    const parent = await projects.fetch(db, at.parent_id)
    if (!parent) break
    above.push(parent)
    at = parent
  }
  return above
}

/** Every assignment of the user, own and through groups. */
export async function assignmentsOfUser(db: Db, userId: string): Promise<AssignmentRow[]> {
  const groupIds = (await userGroups.list(db, { user_id: userId })).map((row) => row.group_id)
  const found = await assignments.list(db, { actor_id: [userId, ...groupIds] })
  return found.filter((row) => (row.actor_type === 'user') === (row.actor_id === userId))
}

/** Does this assignment hold on the target? `above` are the ids of the projects over it. */
function holds(row: AssignmentRow, target: Target, above: Set<string>): boolean {
  if (target.kind === 'system') return row.target_type === 'system' && !row.inherited
  if (target.kind === 'domain') return row.target_type === 'domain' && row.target_id === target.id && !row.inherited
  const { project } = target
  if (!row.inherited) return row.target_type === 'project' && row.target_id === project.id
  return row.target_type === 'domain' ? row.target_id === project.domain_id : row.target_type === 'project' && above.has(row.target_id)
}

/** The global roles that the user has on the target, by implication too, in the order of their ids. */
export async function rolesOn(db: Db, graph: RoleGraph, userId: string, target: Target): Promise<RoleRow[]> {
  const rows = await assignmentsOfUser(db, userId)
  const above = target.kind === 'project' && rows.some((row) => row.inherited) ? await ancestorsOf(db, target.project) : []
  const aboveIds = new Set(above.map((project) => project.id))
  return globalRoles(
    graph,
    impliedClosure(
      graph,
      rows.filter((row) => holds(row, target, aboveIds)).map((row) => row.role_id),
    ),
  )
}

/** Rows of these ids that belong to the cloud, not to a domain. */
export function globalRoles(graph: RoleGraph, ids: Iterable<string>): RoleRow[] {
  return [...ids]
    .map((id) => graph.roles.get(id))
    .filter((role): role is RoleRow => role !== undefined && role.domain_id === '')
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}
