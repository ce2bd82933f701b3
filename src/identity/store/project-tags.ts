// SQL of the tags of projects and domains.
import { badRequest } from '../../platform/errors.ts'
import type { Db } from '../../platform/store/store.ts'
import { projectTags } from './tables.ts'

const tagsAtMost = 80

/** Inside the transaction of whatever changes. */
export async function tagsReplace(db: Db, projectId: string, tags: string[]): Promise<void> {
  if (tags.length > tagsAtMost) throw badRequest(`A project has at most ${tagsAtMost} tags.`)
  await projectTags.delete(db, { project_id: projectId })
  for (const name of new Set(tags)) await projectTags.insert(db, { project_id: projectId, name })
}

export const tagsFetch = async (db: Db, projectId: string): Promise<string[]> =>
  (await projectTags.list(db, { project_id: projectId })).map((row) => row.name)

/** Tags of many projects in one query. */
export async function tagsFetchAll(db: Db, projectIds: string[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>(projectIds.map((id) => [id, []]))
  if (projectIds.length === 0) return found
  for (const row of await projectTags.list(db, { project_id: projectIds })) found.get(row.project_id)?.push(row.name)
  return found
}
