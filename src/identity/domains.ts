// Domains: what users, groups and projects belong to. Rows of the projects' table that act as a domain.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, forbidden } from '../platform/errors.ts'
import { extraOf, extraText, optionsMerged } from './extra.ts'
import { existing, orConflict, refuseImmutable, sameId } from './found.ts'
import { groupErase } from './groups.ts'
import { permit } from './permission.ts'
import { projectAttributes, projectChange, projectErase, type ProjectBody } from './projects.ts'
import { tagsReplace } from './project-tags.ts'
import { change } from './revision.ts'
import { roleErase } from './roles.ts'
import { epochsMove } from './store/epochs.ts'
import { domainOptions, limits } from './store/delegation-tables.ts'
import { groups, projects, roles, users, type ProjectRow } from './store/tables.ts'
import { userErase } from './users.ts'

export function domainsList(ctx: Context): Promise<ProjectRow[]> {
  permit(ctx)
  return projects.list(ctx.db, { is_domain: 1 })
}

export async function domainGet(ctx: Context, id: string): Promise<ProjectRow> {
  const row = await projects.first(ctx.db, { id, is_domain: 1 })
  permit(ctx, { target: row ? { domain: { id: row.id, name: row.name } } : {} })
  return existing(row, 'domain', id)
}

export async function domainCreate(ctx: Context, body: ProjectBody & { explicit_domain_id?: string }): Promise<ProjectRow> {
  permit(ctx, { target: { domain: { name: body.name } } })
  const row: ProjectRow = {
    id: body.explicit_domain_id ?? ctx.ids.hex(),
    name: (body.name ?? '').trim(),
    domain_id: '',
    parent_id: null,
    is_domain: 1,
    enabled: body.enabled === false ? 0 : 1,
    description: body.description ?? '',
    extra: extraText(extraOf(body, [...projectAttributes, 'explicit_domain_id'])),
    options: optionsMerged('{}', body.options),
    epoch: 1,
    created_at: isoMillis(ctx.clock.nowMs()),
  }
  await change(ctx, { type: 'domain', id: row.id, action: 'create' }, async (tx) => {
    await projects.insert(tx.db, row).catch(orConflict('domain', `Duplicate entry found with name ${row.name}`))
    if (body.tags) await tagsReplace(tx, row.id, body.tags)
  })
  return row
}

/** Disabling it voids the tokens of its users and of its projects. */
export async function domainUpdate(ctx: Context, id: string, body: ProjectBody): Promise<ProjectRow> {
  const row = await domainGet(ctx, id)
  sameId(id, body['id'])
  if (id === 'default' && body.name !== undefined && body.name.trim() === '') throw badRequest('A domain needs a name.')
  return ctx.transaction(async (tx) => {
    if (body.enabled === false && row.enabled === 1) await epochsMove(tx.db, row.id)
    return projectChange(tx, row, body, 'domain')
  })
}

/** A disabled domain goes with everything in it. */
export async function domainDelete(ctx: Context, id: string): Promise<void> {
  const row = await domainGet(ctx, id)
  if (row.enabled === 1) throw forbidden('Cannot delete a domain that is enabled, please disable it first.')
  if (id === 'default') throw forbidden('The default domain cannot be deleted.')
  refuseImmutable(row, 'domain')
  await change(ctx, { type: 'domain', id, action: 'delete' }, async (tx) => {
    for (const user of await users.list(tx.db, { domain_id: id })) await userErase(tx, user.id)
    for (const group of await groups.list(tx.db, { domain_id: id })) await groupErase(tx, group.id)
    for (const role of await roles.list(tx.db, { domain_id: id })) await roleErase(tx, role.id)
    for (const project of await projects.list(tx.db, { domain_id: id })) await projectErase(tx, project.id)
    await domainOptions.remove(tx.db, { domain_id: id })
    await limits.remove(tx.db, { domain_id: id })
    await projectErase(tx, id)
  })
}
