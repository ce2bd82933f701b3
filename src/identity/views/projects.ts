// Rows of domains and projects → what the API shows.
import type { Context } from '../../platform/context.ts'
import { selfLink, type Shown } from '../links.ts'
import { tagsOf } from '../project-tags.ts'
import type { ProjectRow } from '../store/tables.ts'

export const projectView = (ctx: Context, row: ProjectRow, tags: string[]) => ({
  ...(JSON.parse(row.extra) as object),
  id: row.id,
  name: row.name,
  domain_id: row.domain_id === '' ? null : row.domain_id,
  description: row.description,
  enabled: row.enabled === 1,
  parent_id: row.parent_id,
  is_domain: row.is_domain === 1,
  tags,
  options: JSON.parse(row.options) as object,
  links: selfLink(ctx, 'projects', row.id),
})

const domainView = (ctx: Context, row: ProjectRow, tags: string[]) => ({
  ...(JSON.parse(row.extra) as object),
  id: row.id,
  name: row.name,
  description: row.description,
  enabled: row.enabled === 1,
  tags,
  options: JSON.parse(row.options) as object,
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
