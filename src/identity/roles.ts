// Roles of the cloud and of single domains, and which role implies which.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, conflict, forbidden, notFound } from '../platform/errors.ts'
import { impliedClosure, roleGraphRead } from './effective-roles.ts'
import { extraMerged, extraOf, optionsMerged } from './extra.ts'
import { existing, orConflict, refuseImmutable, sameId } from './found.ts'
import type { Query } from './links.ts'
import { permit, permitFound } from './permission.ts'
import { change } from './revision.ts'
import { idSchema, immutableOption, nameSchema, nullable, optional, text, type Body } from './schemas.ts'
import { referredDelete } from './store/references.ts'
import { impliedRoles, projects, roles, type RoleRow } from './store/tables.ts'

export const roleProperties = {
  name: nameSchema,
  domain_id: optional(nullable(idSchema)),
  description: optional(nullable(text)),
  options: optional(immutableOption),
}
export type RoleBody = Body<typeof roleProperties>

const attributes = Object.keys(roleProperties)

/** Roles of a domain have rules of their own: identity:get_domain_role beside identity:get_role. */
const ruleFor = ({ rule }: Context, domainId: string): string =>
  domainId === '' ? (rule ?? '') : (rule ?? '').replace(/_role$/, '_domain_role')

const roleTarget = (row: RoleRow | undefined) => ({
  target: row ? { role: { id: row.id, name: row.name, domain_id: row.domain_id === '' ? null : row.domain_id } } : {},
})

/** Of the cloud, or of the domain that is asked for: those have a rule of their own. */
export function rolesList(ctx: Context, { domain_id: domainId, name }: Query): Promise<RoleRow[]> {
  permit(ctx, { target: { domain_id: domainId } }, domainId === undefined ? 'identity:list_roles' : 'identity:list_domain_roles')
  return roles.list(ctx.db, { domain_id: domainId ?? '', name })
}

export async function roleGet(ctx: Context, id: string): Promise<RoleRow> {
  const row = await roles.fetch(ctx.db, id)
  return permitFound(ctx, row, { what: 'role', id, target: roleTarget(row), rule: ruleFor(ctx, row?.domain_id ?? '') })
}

export async function roleCreate(ctx: Context, body: RoleBody): Promise<RoleRow> {
  const domainId = body.domain_id ?? ''
  permit(ctx, { target: { role: { domain_id: body.domain_id ?? null, name: body.name } } }, ruleFor(ctx, domainId))
  if (domainId !== '') existing(await projects.first(ctx.db, { id: domainId, is_domain: true }), 'domain', domainId)
  const row: RoleRow = {
    id: ctx.ids.hex(),
    name: body.name ?? '',
    domain_id: domainId,
    description: body.description ?? null,
    extra: extraOf(body, attributes),
    options: optionsMerged({}, body.options),
    created_at: isoMillis(ctx.clock.nowMs()),
  }
  await change(ctx, { type: 'role', id: row.id, action: 'create' }, async (tx) => {
    await roles.insert(tx.db, row).catch(orConflict('role', `Duplicate entry found with name ${row.name}`))
  })
  return row
}

export async function roleUpdate(ctx: Context, id: string, body: RoleBody): Promise<RoleRow> {
  const row = await roleGet(ctx, id)
  sameId(id, body['id'])
  if (body.domain_id !== undefined && (body.domain_id ?? '') !== row.domain_id) throw badRequest('Cannot change Domain ID')
  refuseImmutable(row, 'role', body)
  const next = {
    name: body.name ?? row.name,
    description: body.description === undefined ? row.description : body.description,
    extra: extraMerged(row.extra, body, attributes),
    options: optionsMerged(row.options, body.options),
  }
  await change(ctx, { type: 'role', id, action: 'update' }, async (tx) => {
    await roles.update(tx.db, { id }, next).catch(orConflict('role', `Duplicate entry found with name ${next.name}`))
  })
  return { ...row, ...next }
}

export async function roleDelete(ctx: Context, id: string): Promise<void> {
  const row = await roleGet(ctx, id)
  refuseImmutable(row, 'role')
  await change(ctx, { type: 'role', id, action: 'delete' }, (tx) => referredDelete(tx.db, 'role', id))
}

export interface Inference {
  prior: RoleRow
  implied: RoleRow[]
}

async function rolePair(ctx: Context, priorId: string, impliedId: string): Promise<[RoleRow, RoleRow]> {
  const prior = existing(await roles.fetch(ctx.db, priorId), 'role', priorId)
  return [prior, permitFound(ctx, await roles.fetch(ctx.db, impliedId), { what: 'role', id: impliedId })]
}

/** Having the prior role is from now on having the implied one too. A circle is refused. */
export async function impliedRoleAdd(ctx: Context, priorId: string, impliedId: string): Promise<Inference> {
  const [prior, implied] = await rolePair(ctx, priorId, impliedId)
  if (implied.name === 'admin' && implied.domain_id === '') throw forbidden('The role admin cannot be an implied role.')
  if (prior.domain_id === '' && implied.domain_id !== '') throw forbidden('A role of the cloud cannot imply a role of a domain.')
  await change(ctx, { type: 'role', id: priorId, action: 'imply' }, async (tx) => {
    if (impliedClosure(await roleGraphRead(tx.db), [impliedId]).has(priorId)) {
      throw conflict(`The role ${impliedId} already implies ${priorId}: a circle is not allowed.`)
    }
    await impliedRoles.insertMissing(tx.db, { prior_role_id: priorId, implied_role_id: impliedId })
  })
  return { prior, implied: [implied] }
}

export async function impliedRoleGet(ctx: Context, priorId: string, impliedId: string): Promise<Inference> {
  const [prior, implied] = await rolePair(ctx, priorId, impliedId)
  const rule = await impliedRoles.first(ctx.db, { prior_role_id: priorId, implied_role_id: impliedId })
  if (!rule) throw notFound(`${priorId} does not imply ${impliedId}.`)
  return { prior, implied: [implied] }
}

export async function impliedRoleRemove(ctx: Context, priorId: string, impliedId: string): Promise<void> {
  await impliedRoleGet(ctx, priorId, impliedId)
  const pair = { prior_role_id: priorId, implied_role_id: impliedId }
  await change(ctx, { type: 'role', id: priorId, action: 'unimply' }, (tx) => impliedRoles.delete(tx.db, pair))
}

export async function impliedRolesList(ctx: Context, priorId: string): Promise<Inference> {
  const prior = permitFound(ctx, await roles.fetch(ctx.db, priorId), { what: 'role', id: priorId })
  const rules = await impliedRoles.list(ctx.db, { prior_role_id: priorId })
  return {
    prior,
    implied: await roles.many(
      ctx.db,
      rules.map((rule) => rule.implied_role_id),
    ),
  }
}

/** Every rule of the cloud, by prior role. */
export async function inferencesList(ctx: Context): Promise<Inference[]> {
  permit(ctx)
  const graph = await roleGraphRead(ctx.db)
  const rows = (ids: string[]) => ids.map((id) => graph.roles.get(id)).filter((row): row is RoleRow => row !== undefined)
  return rows([...graph.implies.keys()]).map((prior) => ({ prior, implied: rows(graph.implies.get(prior.id) ?? []) }))
}
