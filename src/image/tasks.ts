// Tasks: the record of an import, which its asker reads while work does it, and after.
import type { Context } from '../platform/context.ts'
import { badRequest, notFound } from '../platform/errors.ts'
import { imageRowGet } from './images.ts'
import { type ImageTaskRow, taskRows, tasksOfImage, tasksPage } from './store/tasks.ts'

/** An image's tasks, for an actor who may see the image. */
export async function imageTasks(ctx: Context, imageId: string): Promise<ImageTaskRow[]> {
  await imageRowGet(ctx, imageId, 'get_image')
  return tasksOfImage(ctx.db, imageId)
}

export async function taskGet(ctx: Context, id: string): Promise<ImageTaskRow> {
  ctx.authorize()
  const row = await taskRows.fetch(ctx.db, id)
  if (!row) throw notFound(`Task not found: ${id}`)
  return row
}

export interface TaskListRequest {
  filters: Partial<Pick<ImageTaskRow, 'type' | 'status' | 'project_id'>>
  sortKey: 'created_at' | 'updated_at' | 'id' | 'status' | 'type'
  direction: 'asc' | 'desc'
  limit: number
  marker: string | undefined
}

export async function taskList(ctx: Context, { filters, sortKey, direction, limit, marker }: TaskListRequest): Promise<ImageTaskRow[]> {
  ctx.authorize()
  const after = marker === undefined ? undefined : await taskRows.fetch(ctx.db, marker)
  if (marker !== undefined && !after) throw badRequest(`Invalid marker: ${marker}`)
  const columns = sortKey === 'id' ? ['id'] : [sortKey, 'id']
  return tasksPage(ctx.db, filters, { sorts: columns.map((column) => ({ column, direction })), limit, after: after && { ...after } })
}
