// Grants: one role, to one user or group, on one project, domain or the system; direct, or inherited by what is below.
import type { Context } from '../platform/context.ts'
import { forbidden, notFound } from '../platform/errors.ts'
import { systemTargetId } from './effective-roles.ts'
import { existing } from './found.ts'
import { permit } from './permission.ts'
import { change } from './revision.ts'
import {
  assignments,
  groups,
  projects,
  roles,
  users,
  type AssignmentRow,
  type GroupRow,
  type ProjectRow,
  type RoleRow,
  type UserRow,
} from './store/tables.ts'

export interface GrantPlace {
  actor: { type: 'user' | 'group'; id: string }
  target: { type: 'project' | 'domain' | 'system'; id: string }
  inherited: boolean
}

interface Rows {
  actor: UserRow | GroupRow | undefined
  target: ProjectRow | undefined
  role: RoleRow | undefined
}

/**
 * The rows that a grant names, each of which must be there, with the policy asked about all of them together. To take a
 * role from somebody who is gone is no mistake: then the actor may be missing. On the system the policy comes first.
 */
async function placeFetch(
  ctx: Context,
  place: GrantPlace,
  { roleId, withoutActor = false }: { roleId?: string; withoutActor?: boolean } = {},
): Promise<Rows> {
  const { actor, target } = place
  const rows: Rows = {
    actor: actor.type === 'user' ? await users.fetch(ctx.db, actor.id) : await groups.fetch(ctx.db, actor.id),
    target: target.type === 'system' ? undefined : await projects.fetch(ctx.db, target.id),
    role: roleId === undefined ? undefined : await roles.fetch(ctx.db, roleId),
  }
  const demand = (): void => {
    if (roleId !== undefined) existing(rows.role, 'role', roleId)
    if (!withoutActor) existing(rows.actor, actor.type, actor.id)
    if (target.type !== 'system')
      existing(target.type === 'domain' && !rows.target?.is_domain ? undefined : rows.target, target.type, target.id)
  }
  if (target.type !== 'system') demand()
  const shown = (row: { id: string; name: string; domain_id: string } | undefined) =>
    row && { id: row.id, name: row.name, domain_id: row.domain_id === '' ? null : row.domain_id }
  permit(ctx, {
    target: {
      ...(rows.actor ? { [actor.type]: shown(rows.actor) } : {}),
      ...(rows.target ? { [target.type]: shown(rows.target) } : {}),
      ...(rows.role ? { role: shown(rows.role) } : {}),
    },
  })
  if (target.type === 'system') demand()
  return rows
}

const keyOf = (place: GrantPlace, roleId: string): AssignmentRow => ({
  actor_type: place.actor.type,
  actor_id: place.actor.id,
  target_type: place.target.type,
  target_id: place.target.type === 'system' ? systemTargetId : place.target.id,
  role_id: roleId,
  inherited: place.inherited,
})

export async function grantCreate(ctx: Context, place: GrantPlace, roleId: string): Promise<void> {
  const rows = await placeFetch(ctx, place, { roleId })
  const role = existing(rows.role, 'role', roleId)
  // a domain's roles are for its projects; on domains Keystone does not look
  if (place.target.type === 'project' && role.domain_id !== '' && role.domain_id !== rows.target?.domain_id) {
    throw forbidden(`Project ${place.target.id} must be in the same domain as the role ${roleId} being assigned.`)
  }
  await change(ctx, { type: place.actor.type, id: place.actor.id, action: 'grant' }, (tx) =>
    assignments.insertMissing(tx.db, keyOf(place, roleId)),
  )
}

export async function grantCheck(ctx: Context, place: GrantPlace, roleId: string): Promise<void> {
  await placeFetch(ctx, place, { roleId })
  return assigned(ctx, place, roleId)
}

async function assigned(ctx: Context, place: GrantPlace, roleId: string): Promise<void> {
  if (await assignments.first(ctx.db, keyOf(place, roleId))) return
  const { actor, target } = place
  throw notFound(
    `Could not find role assignment with role: ${roleId}, user or group: ${actor.id}, project, domain, or system: ${target.id}.`,
  )
}

/** Holds at once: tokens count roles anew as soon as the revision has moved. */
export async function grantRevoke(ctx: Context, place: GrantPlace, roleId: string): Promise<void> {
  await placeFetch(ctx, place, { roleId, withoutActor: true })
  await assigned(ctx, place, roleId)
  await change(ctx, { type: place.actor.type, id: place.actor.id, action: 'revoke-grant' }, (tx) =>
    assignments.delete(tx.db, keyOf(place, roleId)),
  )
}

export async function grantRoles(ctx: Context, place: GrantPlace): Promise<RoleRow[]> {
  await placeFetch(ctx, place)
  const { role_id: _, ...where } = keyOf(place, '')
  const rows = await assignments.list(ctx.db, where)
  return (
    await roles.many(
      ctx.db,
      rows.map((row) => row.role_id),
    )
  ).sort((a, b) => (a.id < b.id ? -1 : 1))
}
