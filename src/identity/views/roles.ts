// Rows of roles, inferences and assignments → what the API shows.
import type { Context } from '../../platform/context.ts'
import { baseUrl, selfLink } from '../links.ts'
import type { Assignment } from '../role-assignments.ts'
import type { Inference } from '../roles.ts'
import type { AssignmentRow, RoleRow } from '../store/tables.ts'

export const roleView = (ctx: Context, row: RoleRow) => ({
  ...row.extra,
  id: row.id,
  name: row.name,
  domain_id: row.domain_id === '' ? null : row.domain_id,
  description: row.description,
  options: row.options,
  links: selfLink(ctx, 'roles', row.id),
})

const inferred = (ctx: Context, row: RoleRow) => ({ id: row.id, links: selfLink(ctx, 'roles', row.id), name: row.name })

/** One rule; the implied role stands alone, not in a list. */
export const inferenceView = (ctx: Context, { prior, implied }: Inference) => ({
  role_inference: { prior_role: inferred(ctx, prior), implies: implied[0] ? inferred(ctx, implied[0]) : null },
  links: selfLink(ctx, 'roles', prior.id, 'implies', implied[0]?.id ?? ''),
})

export const inferencesOfView = (ctx: Context, { prior, implied }: Inference) => ({
  role_inference: { prior_role: inferred(ctx, prior), implies: implied.map((row) => inferred(ctx, row)) },
  links: selfLink(ctx, 'roles', prior.id, 'implies'),
})

export const inferencesListView = (ctx: Context, rules: Inference[]) => ({
  role_inferences: rules.map(({ prior, implied }) => ({
    prior_role: inferred(ctx, prior),
    implies: implied.map((row) => inferred(ctx, row)),
  })),
})

type Named = { id: string; name: string; domain?: { id: string; name: string } }

/** Names by id, for `include_names`; null without. */
export interface AssignmentNames {
  user(id: string): Named
  group(id: string): Named
  project(id: string): Named
  domain(id: string): Named
  role(id: string): Named
}

export function assignmentView(ctx: Context, { row, origin, groupId, priorRoleId }: Assignment, names: AssignmentNames | null) {
  const link = assignmentLink(origin)
  return {
    links: {
      ...(groupId === null ? {} : { membership: `${baseUrl(ctx)}/groups/${groupId}/users/${row.actor_id}` }),
      assignment: baseUrl(ctx) + link,
      ...(priorRoleId === null ? {} : { prior_role: `${baseUrl(ctx)}/prior_role/${priorRoleId}/implies/${row.role_id}` }),
    },
    scope: {
      ...scopeOf(row, names),
      ...(row.inherited ? { 'OS-INHERIT:inherited_to': 'projects' } : {}),
    },
    [row.actor_type]: names ? names[row.actor_type](row.actor_id) : { id: row.actor_id },
    role: names ? names.role(row.role_id) : { id: row.role_id },
  }
}

function scopeOf({ target_type: type, target_id: id }: AssignmentRow, names: AssignmentNames | null): Record<string, unknown> {
  if (type === 'system') return { system: { all: true } }
  return { [type]: names ? names[type](id) : { id } }
}

function assignmentLink(row: AssignmentRow): string {
  const target = row.target_type === 'system' ? '/system' : `/${row.target_type}s/${row.target_id}`
  const path = `${target}/${row.actor_type}s/${row.actor_id}/roles/${row.role_id}`
  return row.inherited ? `/OS-INHERIT${path}/inherited_to_projects` : path
}
