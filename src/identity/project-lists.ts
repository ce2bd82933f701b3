// Lists of projects: filtered by tags, and what of a tree a user may see.
import { keystoneBoolean } from '../platform/api/words.ts'
import type { Context } from '../platform/context.ts'
import { projectsOfUser } from './available-scopes.ts'
import { ancestorsOf } from './effective-roles.ts'
import type { Pages, Query } from './links.ts'
import { inOwnDomain, ownDomainTarget, permit } from './permission.ts'
import { tagsOf } from './project-tags.ts'
import { subtreeOf } from './project-tree.ts'
import { projects, type ProjectRow } from './store/tables.ts'

/** Projects, or those that act as domains when these are asked for. */
export function projectsList(ctx: Context, query: Query): Pages<ProjectRow> {
  permit(ctx, { target: ownDomainTarget(ctx) })
  const { domain_id: domainId, is_domain: isDomain, name, parent_id } = query
  return {
    table: projects,
    where: {
      is_domain: isDomain !== undefined && keystoneBoolean('is_domain', isDomain),
      domain_id: domainId ?? ctx.actor.domainId ?? undefined,
      name,
      parent_id,
    },
    keeps: (rows) => byTags(ctx, inOwnDomain(ctx, rows), query),
  }
}

const words = (text: string | undefined): string[] => (text === undefined ? [] : text.split(',').filter((word) => word !== ''))

/** tags: all of them; tags-any: one of them; not-tags: not all; not-tags-any: none. */
async function byTags(ctx: Context, rows: ProjectRow[], query: Query): Promise<ProjectRow[]> {
  const [all, some] = [words(query['tags']), words(query['tags-any'])]
  const [notAll, none] = [words(query['not-tags']), words(query['not-tags-any'])]
  if ([all, some, notAll, none].every((list) => list.length === 0)) return rows
  const tags = await tagsOf(ctx, rows)
  return rows.filter((row) => {
    const held = tags.get(row.id) ?? []
    const has = (tag: string) => held.includes(tag)
    return all.every(has) && (some.length === 0 || some.some(has)) && (notAll.length === 0 || !notAll.every(has)) && !none.some(has)
  })
}

/** Of the projects above, those that the actor has a role on, as Keystone limits it. */
export async function projectParents(ctx: Context, project: ProjectRow): Promise<ProjectRow[]> {
  return visible(ctx, await ancestorsOf(ctx.db, project))
}

export async function projectSubtree(ctx: Context, project: ProjectRow): Promise<ProjectRow[]> {
  return visible(ctx, await subtreeOf(ctx.db, project.id))
}

async function visible(ctx: Context, rows: ProjectRow[]): Promise<ProjectRow[]> {
  if (rows.length === 0) return rows
  const mine = new Set((await projectsOfUser(ctx, ctx.actor.userId)).map((row) => row.id))
  return rows.filter((row) => mine.has(row.id))
}
