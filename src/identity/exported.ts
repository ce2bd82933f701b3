// What other domains may know of projects and users; exported by index.ts.
import type { Context } from '../platform/context.ts'
import { isEnabled } from './inactivity.ts'
import { projects, users } from './store/tables.ts'

export interface ProjectFacts {
  id: string
  name: string
  domainId: string
  enabled: boolean
}

export interface UserFacts {
  id: string
  name: string
  domainId: string
  enabled: boolean
}

/** A project by id, for domains that need its name or whether it exists; no permission is asked. */
export async function projectFetch(ctx: Context, id: string): Promise<ProjectFacts | null> {
  const row = await projects.fetch(ctx.db, id)
  return row ? { id: row.id, name: row.name, domainId: row.domain_id === '' ? row.id : row.domain_id, enabled: row.enabled } : null
}

/** Which of these projects are no longer. A cloud that keeps no projects at all (a test's) has lost none. */
export async function projectsGone(ctx: Context, ids: string[]): Promise<string[]> {
  if (ids.length === 0 || (await projects.list(ctx.db, {}, { limit: 1 })).length === 0) return []
  const known = new Set((await projects.many(ctx.db, ids)).map(({ id }) => id))
  return ids.filter((id) => !known.has(id))
}

/** A user by id; no permission is asked. */
export async function userFetch(ctx: Context, id: string): Promise<UserFacts | null> {
  const row = await users.fetch(ctx.db, id)
  return row ? { id: row.id, name: row.name, domainId: row.domain_id, enabled: isEnabled(row, ctx) } : null
}
