// Projects: where resources belong. A hierarchy below a domain; disabling one voids the tokens scoped to it.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { defined } from '../platform/defined.ts'
import { badRequest, forbidden } from '../platform/errors.ts'
import { ancestorsOf } from './effective-roles.ts'
import { extraMerged, extraOf, optionsMerged } from './extra.ts'
import { duplicateName, existing, orConflict, refuseImmutable, sameId } from './found.ts'
import { permit } from './permission.ts'
import { subtreeOf } from './project-tree.ts'
import { change } from './revision.ts'
import { flag, idSchema, immutableOption, nullable, optional, shortNameSchema, tagsSchema, text, type Body } from './schemas.ts'
import { referredDelete } from './store/references.ts'
import { projects, type ProjectRow } from './store/tables.ts'
import { tagsReplace } from './store/project-tags.ts'
import { epochsMove } from './store/epochs.ts'
import { revocationNote } from './tokens/revoke.ts'

export const projectProperties = {
  description: optional(nullable(text)),
  domain_id: optional(nullable(idSchema)),
  enabled: optional(flag),
  is_domain: optional(flag),
  parent_id: optional(nullable(idSchema)),
  name: shortNameSchema,
  tags: optional(tagsSchema),
  options: optional(immutableOption),
}
export type ProjectBody = Body<typeof projectProperties>

export const projectAttributes = Object.keys(projectProperties)
const deepestProject = 5

const projectTarget = (row: ProjectRow | undefined) => ({
  target: row
    ? { project: { id: row.id, domain_id: row.domain_id === '' ? null : row.domain_id, name: row.name }, domain_id: row.domain_id }
    : {},
})

/** The project, if the operation's rule lets this actor at it. */
export async function projectGet(ctx: Context, id: string): Promise<ProjectRow> {
  const row = await projects.fetch(ctx.db, id)
  permit(ctx, { project_id: id, ...projectTarget(row) })
  return existing(row, 'project', id)
}

/** The rule looks at what is asked for: only an actor who may make projects anywhere may leave the domain out. */
export function permitNewProject(ctx: Context, { name, domain_id: domainId }: Pick<ProjectBody, 'name' | 'domain_id'>): void {
  permit(ctx, { target: { project: { name, ...defined({ domain_id: domainId }) } } })
}

/** A top-level project of the domain that is named, else of the token's; or a child of another project. */
export async function projectCreate(ctx: Context, body: ProjectBody): Promise<ProjectRow> {
  permitNewProject(ctx, body)
  const place = await placeOf(ctx, body)
  const row: ProjectRow = {
    id: ctx.ids.hex(),
    name: (body.name ?? '').trim(),
    domain_id: place.domainId,
    parent_id: place.parentId,
    is_domain: body.is_domain === true,
    enabled: body.enabled !== false,
    description: body.description ?? '',
    extra: extraOf(body, projectAttributes),
    options: optionsMerged({}, body.options),
    epoch: 1,
    created_at: isoMillis(ctx.clock.nowMs()),
  }
  await change(ctx, { type: 'project', id: row.id, action: 'create' }, async (tx) => {
    await projects.insert(tx.db, row).catch(orConflict('project', duplicateName(row.name, row.domain_id)))
    if (body.tags) await tagsReplace(tx.db, row.id, body.tags)
  })
  return row
}

async function placeOf(ctx: Context, body: ProjectBody): Promise<{ domainId: string; parentId: string | null }> {
  if (body.is_domain === true) {
    if (body.domain_id || body.parent_id) throw badRequest('A project acting as a domain cannot have a parent or a domain.')
    return { domainId: '', parentId: null }
  }
  const parent = body.parent_id ? await projects.fetch(ctx.db, body.parent_id) : undefined
  if (body.parent_id && !parent) throw badRequest(`Could not find project: ${body.parent_id}.`)
  const parentDomain = parent && (parent.is_domain ? parent.id : parent.domain_id)
  const domainId = body.domain_id ?? parentDomain ?? ctx.actor.domainId ?? ctx.actor.projectDomainId ?? 'default'
  const domain = await projects.first(ctx.db, { id: domainId, is_domain: true })
  if (!domain) throw badRequest(`Could not find domain: ${domainId}.`)
  if (!domain.enabled) throw badRequest(`cannot create a project in a branch containing a disabled project: ${domainId}`)
  if (!parent || parent.is_domain) {
    if (parent && parent.id !== domainId) throw badRequest(`Invalid domain: the parent ${parent.id} is another domain.`)
    return { domainId, parentId: domainId }
  }
  if (parent.domain_id !== domainId) throw badRequest('A project must be in the same domain as its parent.')
  const above = [parent, ...(await ancestorsOf(ctx.db, parent))]
  if (above.some((row) => !row.enabled)) throw badRequest(`cannot create a project in a branch containing a disabled project: ${parent.id}`)
  if (above.length >= deepestProject) throw forbidden(`Max hierarchy depth reached for ${parent.id} branch.`)
  return { domainId, parentId: parent.id }
}

export async function projectUpdate(ctx: Context, id: string, body: ProjectBody): Promise<ProjectRow> {
  const row = await projectGet(ctx, id)
  sameId(id, body['id'])
  if (body.domain_id !== undefined && (body.domain_id ?? '') !== row.domain_id) throw badRequest('Cannot change Domain ID')
  if (body.parent_id !== undefined && body.parent_id !== row.parent_id) throw forbidden('Update of `parent_id` is not allowed.')
  if (body.is_domain !== undefined && body.is_domain !== row.is_domain) throw badRequest('Update of `is_domain` is not allowed.')
  return projectChange(ctx, row, body, row.is_domain ? 'domain' : 'project')
}

/** What projects and domains have in common when they change. A domain that is disabled takes what is in it along. */
export async function projectChange(ctx: Context, row: ProjectRow, body: ProjectBody, what: 'project' | 'domain'): Promise<ProjectRow> {
  refuseImmutable(row, what, body)
  const disabling = body.enabled === false && row.enabled
  if (disabling && what === 'project') await refuseEnabledBelow(ctx, row)
  const next: Partial<ProjectRow> = {
    name: body.name?.trim() ?? row.name,
    enabled: body.enabled ?? row.enabled,
    description: body.description === undefined ? row.description : (body.description ?? ''),
    extra: extraMerged(row.extra, body, projectAttributes),
    options: optionsMerged(row.options, body.options),
    epoch: disabling ? row.epoch + 1 : row.epoch,
  }
  await change(ctx, { type: what, id: row.id, action: 'update' }, async (tx) => {
    if (disabling && what === 'domain') await epochsMove(tx.db, row.id)
    await projects.update(tx.db, { id: row.id }, next).catch(orConflict(what, duplicateName(String(next.name), row.domain_id)))
    if (body.tags) await tagsReplace(tx.db, row.id, body.tags)
    if (disabling) await revocationNote(tx, what === 'project' ? { project_id: row.id } : { domain_id: row.id })
  })
  return { ...row, ...next }
}

async function refuseEnabledBelow(ctx: Context, row: ProjectRow): Promise<void> {
  const below = await subtreeOf(ctx.db, row.id)
  if (below.some((child) => child.enabled)) throw forbidden(`Cannot disable project ${row.id} since its subtree contains enabled projects.`)
}

/** A leaf goes, with every grant on it and every delegation to it. */
export async function projectDelete(ctx: Context, id: string): Promise<void> {
  const row = await projectGet(ctx, id)
  refuseImmutable(row, 'project')
  if (row.is_domain && row.enabled) {
    throw forbidden(`cannot delete an enabled project acting as a domain. Please disable the project ${id} first.`)
  }
  if ((await subtreeOf(ctx.db, id)).length > 0) throw forbidden(`Cannot delete project ${id} since it is not a leaf in the hierarchy.`)
  await change(ctx, { type: 'project', id, action: 'delete' }, (tx) => referredDelete(tx.db, 'project', id))
}
