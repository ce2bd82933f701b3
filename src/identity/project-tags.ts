// Tags of projects: at most eighty, without slash or comma.
import type { Context } from '../platform/context.ts'
import { badRequest, notFound } from '../platform/errors.ts'
import { projectGet } from './projects.ts'
import { change } from './revision.ts'
import { projectTags } from './store/tables.ts'

const tagsAtMost = 80

/** Replaces the rows; inside the transaction of whatever changes. */
export async function tagsReplace(tx: Context, projectId: string, tags: string[]): Promise<void> {
  if (tags.length > tagsAtMost) throw badRequest(`A project has at most ${tagsAtMost} tags.`)
  await projectTags.remove(tx.db, { project_id: projectId })
  for (const name of new Set(tags)) await projectTags.insert(tx.db, { project_id: projectId, name })
}

export const tagsFetch = async (ctx: Context, projectId: string): Promise<string[]> =>
  (await projectTags.list(ctx.db, { project_id: projectId })).map((row) => row.name)

/** Tags of many projects in one query. */
export async function tagsOf(ctx: Context, projectIds: string[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>(projectIds.map((id) => [id, []]))
  if (projectIds.length === 0) return found
  const rows = await projectTags.list(ctx.db, projectIds.length > 500 ? {} : { project_id: projectIds })
  for (const row of rows) found.get(row.project_id)?.push(row.name)
  return found
}

export async function tagsList(ctx: Context, projectId: string): Promise<string[]> {
  await projectGet(ctx, projectId)
  return tagsFetch(ctx, projectId)
}

export async function tagsSet(ctx: Context, projectId: string, tags: string[]): Promise<string[]> {
  await projectGet(ctx, projectId)
  await change(ctx, { type: 'project', id: projectId, action: 'update' }, (tx) => tagsReplace(tx, projectId, tags))
  return tagsFetch(ctx, projectId)
}

export async function tagCheck(ctx: Context, projectId: string, tag: string): Promise<void> {
  if (!(await tagsList(ctx, projectId)).includes(tag)) throw notFound(`Could not find project tag: ${tag}.`)
}

export async function tagAdd(ctx: Context, projectId: string, tag: string): Promise<void> {
  const tags = await tagsList(ctx, projectId)
  if (!tags.includes(tag))
    await change(ctx, { type: 'project', id: projectId, action: 'update' }, (tx) => tagsReplace(tx, projectId, [...tags, tag]))
}

export async function tagRemove(ctx: Context, projectId: string, tag: string): Promise<void> {
  await tagCheck(ctx, projectId, tag)
  await change(ctx, { type: 'project', id: projectId, action: 'update' }, (tx) =>
    projectTags.remove(tx.db, { project_id: projectId, name: tag }),
  )
}
