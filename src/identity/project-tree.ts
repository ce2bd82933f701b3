// The hierarchy of projects: what is above and below one, as lists and as nested ids.
import type { Context } from '../platform/context.ts'
import type { Db } from '../platform/store/store.ts'
import { ancestorsOf } from './effective-roles.ts'
import { projects, type ProjectRow } from './store/tables.ts'

export interface Nested {
  [projectId: string]: Nested | null
}

const levelsAtMost = 32

/** Everything below a project, level by level, without the project itself. */
export async function subtreeOf(db: Db, projectId: string): Promise<ProjectRow[]> {
  const found: ProjectRow[] = []
  let level = [projectId]
  for (let depth = 0; level.length > 0 && depth < levelsAtMost; depth++) {
    const below = (await projects.list(db, { parent_id: level })).filter((row) => !row.is_domain)
    found.push(...below)
    level = below.map((row) => row.id)
  }
  return found
}

/** { parent: { grandparent: { domain: null } } } */
export async function parentsAsIds(ctx: Context, project: ProjectRow): Promise<Nested | null> {
  const above = (await ancestorsOf(ctx.db, project)).map((row) => row.id)
  const ids = project.domain_id === '' ? above : [...above, project.domain_id]
  return ids.reduceRight<Nested | null>((inner, id) => ({ [id]: inner }), null)
}

/** { child: { grandchild: null } } */
export async function subtreeAsIds(ctx: Context, project: ProjectRow): Promise<Nested | null> {
  const rows = await subtreeOf(ctx.db, project.id)
  const nest = (id: string): Nested | null => {
    const children = rows.filter((row) => row.parent_id === id)
    return children.length === 0 ? null : Object.fromEntries(children.map((child) => [child.id, nest(child.id)]))
  }
  return nest(project.id)
}
