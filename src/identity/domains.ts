// Domains: what users, groups and projects belong to. Rows of the projects' table that act as a domain.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, forbidden } from '../platform/errors.ts'
import { extraOf, optionsMerged } from './extra.ts'
import { existing, orConflict, refuseImmutable, sameId } from './found.ts'
import type { Pages } from './links.ts'
import { permit, permitFound } from './permission.ts'
import { projectAttributes, projectChange } from './projects.ts'
import { tagsReplace } from './store/project-tags.ts'
import { change } from './revision.ts'
import { flag, idSchema, immutableOption, nullable, optional, shortNameSchema, tagsSchema, text, type Body } from './schemas.ts'
import { referredDelete } from './store/references.ts'
import { groups, projects, roles, users, type ProjectRow } from './store/tables.ts'
import { userRowsDelete } from './users.ts'

export const domainProperties = {
  description: optional(nullable(text)),
  enabled: optional(flag),
  name: shortNameSchema,
  tags: optional(tagsSchema),
  options: optional(immutableOption),
  explicit_domain_id: optional(idSchema),
}
export type DomainBody = Body<typeof domainProperties>

const domainTarget = (row: ProjectRow | undefined) => ({ target: row ? { domain: { id: row.id, name: row.name } } : {} })

/** A token of a domain sees that one. */
export function domainsList(ctx: Context): Pages<ProjectRow> {
  const own = ctx.actor.domainId
  permit(ctx, { target: own === null ? {} : { domain: { id: own } } })
  return { table: projects, where: { is_domain: true }, keeps: (rows) => rows.filter(({ id }) => own === null || id === own) }
}

export async function domainGet(ctx: Context, id: string): Promise<ProjectRow> {
  const row = await projects.first(ctx.db, { id, is_domain: true })
  permit(ctx, domainTarget(row))
  return existing(row, 'domain', id)
}

/** For a change: what is not there is not found, before the rule is asked. */
export async function domainToChange(ctx: Context, id: string): Promise<ProjectRow> {
  const row = await projects.first(ctx.db, { id, is_domain: true })
  return permitFound(ctx, row, { what: 'domain', id, target: domainTarget(row) })
}

export async function domainCreate(ctx: Context, body: DomainBody): Promise<ProjectRow> {
  permit(ctx, { target: { domain: { name: body.name } } })
  const row: ProjectRow = {
    id: body.explicit_domain_id ?? ctx.ids.hex(),
    name: (body.name ?? '').trim(),
    domain_id: '',
    parent_id: null,
    is_domain: true,
    enabled: body.enabled !== false,
    description: body.description ?? '',
    extra: extraOf(body, [...projectAttributes, 'explicit_domain_id']),
    options: optionsMerged({}, body.options),
    epoch: 1,
    created_at: isoMillis(ctx.clock.nowMs()),
  }
  await change(ctx, { type: 'domain', id: row.id, action: 'create' }, async (tx) => {
    await projects.insert(tx.db, row).catch(orConflict('domain', `Duplicate entry found with name ${row.name}`))
    if (body.tags) await tagsReplace(tx.db, row.id, body.tags)
  })
  return row
}

/** Disabling it voids the tokens of its users and of its projects. */
export async function domainUpdate(ctx: Context, id: string, body: DomainBody): Promise<ProjectRow> {
  const row = await domainToChange(ctx, id)
  sameId(id, body['id'])
  if (id === 'default' && body.name !== undefined && body.name.trim() === '') throw badRequest('A domain needs a name.')
  return projectChange(ctx, row, body, 'domain')
}

/** A disabled domain goes with everything in it. */
export async function domainDelete(ctx: Context, id: string): Promise<void> {
  const row = await domainToChange(ctx, id)
  if (row.enabled) throw forbidden('Cannot delete a domain that is enabled, please disable it first.')
  if (id === 'default') throw forbidden('The default domain cannot be deleted.')
  refuseImmutable(row, 'domain')
  await change(ctx, { type: 'domain', id, action: 'delete' }, async (tx) => {
    for (const user of await users.list(tx.db, { domain_id: id })) await userRowsDelete(tx, user.id)
    for (const group of await groups.list(tx.db, { domain_id: id })) await referredDelete(tx.db, 'group', group.id)
    for (const role of await roles.list(tx.db, { domain_id: id })) await referredDelete(tx.db, 'role', role.id)
    for (const project of await projects.list(tx.db, { domain_id: id })) await referredDelete(tx.db, 'project', project.id)
    await referredDelete(tx.db, 'domain', id)
  })
}
