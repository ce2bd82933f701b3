// Tags of projects: at most eighty, without slash or comma.
import type { Context } from '../platform/context.ts'
import { notFound } from '../platform/errors.ts'
import { projectGet } from './projects.ts'
import { change } from './revision.ts'
import { tagsFetch, tagsFetchAll, tagsReplace } from './store/project-tags.ts'
import { projectTags, type ProjectRow } from './store/tables.ts'

/** Of those that were looked up with permission. */
export const tagsOf = (ctx: Context, rows: ProjectRow[]): Promise<Map<string, string[]>> =>
  tagsFetchAll(
    ctx.db,
    rows.map((row) => row.id),
  )

export async function tagsList(ctx: Context, projectId: string): Promise<string[]> {
  await projectGet(ctx, projectId)
  return tagsFetch(ctx.db, projectId)
}

export async function tagsSet(ctx: Context, projectId: string, tags: string[]): Promise<string[]> {
  await projectGet(ctx, projectId)
  await change(ctx, { type: 'project', id: projectId, action: 'update' }, (tx) => tagsReplace(tx.db, projectId, tags))
  return tagsFetch(ctx.db, projectId)
}

export async function tagCheck(ctx: Context, projectId: string, tag: string): Promise<void> {
  if (!(await tagsList(ctx, projectId)).includes(tag)) throw notFound(`Could not find project tag: ${tag}.`)
}

export async function tagAdd(ctx: Context, projectId: string, tag: string): Promise<void> {
  const tags = await tagsList(ctx, projectId)
  if (!tags.includes(tag))
    await change(ctx, { type: 'project', id: projectId, action: 'update' }, (tx) => tagsReplace(tx.db, projectId, [...tags, tag]))
}

export async function tagRemove(ctx: Context, projectId: string, tag: string): Promise<void> {
  await tagCheck(ctx, projectId, tag)
  await change(ctx, { type: 'project', id: projectId, action: 'update' }, (tx) =>
    projectTags.delete(tx.db, { project_id: projectId, name: tag }),
  )
}
