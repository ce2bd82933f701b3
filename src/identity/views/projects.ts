// Rows of domains and projects → what the API shows.
import type { Context } from '../../platform/context.ts'
import { selfLink, type Shown } from '../links.ts'
import { tagsOf } from '../project-tags.ts'
import type { ProjectRow } from '../store/tables.ts'

export const projectView = (ctx: Context, row: ProjectRow, tags: string[]) => ({
  ...row.extra,
  id: row.id,
  name: row.name,
  domain_id: row.domain_id === '' ? null : row.domain_id,
  description: row.description,
  enabled: row.enabled,
  parent_id: row.parent_id,
  is_domain: row.is_domain,
  tags,
  options: row.options,
  links: selfLink(ctx, 'projects', row.id),
})

/** Where Keystone leaves the tags out. */
export const bareProjectView = (ctx: Context, row: ProjectRow) => projectView(ctx, row, [])

const domainView = (ctx: Context, row: ProjectRow, tags: string[]) => ({
  ...row.extra,
  id: row.id,
  name: row.name,
  description: row.description,
  enabled: row.enabled,
  tags,
  options: row.options,
  links: selfLink(ctx, 'domains', row.id),
})

/** With their tags, which are fetched for all of them together. */
const tagged =
  (view: (ctx: Context, row: ProjectRow, tags: string[]) => Shown) =>
  async (ctx: Context, rows: ProjectRow[]): Promise<Shown[]> => {
    const tags = await tagsOf(ctx, rows)
    return rows.map((row) => view(ctx, row, tags.get(row.id) ?? []))
  }

export const projectsShown = tagged(projectView)
export const domainsShown = tagged(domainView)
