// The import API and its tasks. Staged data was hashed and inspected as it came in, so that importing it is a change of
// state: one transaction. Methods that fetch from elsewhere (web-download, copy-image) are not offered: attack 19.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { assert, badRequest, conflict, notFound } from '../platform/errors.ts'
import { eventAppend } from '../platform/events.ts'
import type { StagedData } from './data.ts'
import { imageRowGet } from './images.ts'
import { imageAdvance } from './store/images.ts'
import { taskFetch, taskInsert, tasksOfImage, tasksPage, type ImageTaskRow } from './store/tasks.ts'

export const importMethods = ['glance-direct']
const taskLifeMs = 48 * 3_600_000

export interface ImportRequest {
  method?: { name?: string }
  [field: string]: unknown
}

/** Makes staged data the image's data. */
export async function imageImport(ctx: Context, id: string, request: ImportRequest): Promise<void> {
  const name = request.method?.name
  if (request.method === undefined) throw badRequest("Import request requires a 'method' field.")
  if (name === undefined) throw badRequest("Import request requires a 'name' field.")
  if (!importMethods.includes(name)) throw badRequest(`Unknown import method name '${name}'.`)
  await ctx.transaction(async (tx) => {
    const image = await imageRowGet(tx, id, 'modify_image')
    if (image.status === 'active') throw conflict('Image with status active cannot be target for import')
    if (image.status !== 'uploading') throw conflict("Image needs to be staged before 'glance-direct' method can be used")
    if (image.container_format === null) throw conflict("'container_format' needs to be set before import")
    if (image.disk_format === null) throw conflict("'disk_format' needs to be set before import")
    if (image.staged === null) throw conflict(`New operation on image '${id}' is not permitted as prior operation is still in progress`)
    const staged = JSON.parse(image.staged) as StagedData
    const nowMs = tx.clock.nowMs()
    const change = {
      status: 'active' as const, checksum: staged.checksum, os_hash_algo: 'sha512', os_hash_value: staged.hashValue,
      virtual_size: staged.virtualSizeBytes, staged: null, updated_at: isoMillis(nowMs),
    }
    assert(await imageAdvance(tx.db, id, { status: ['uploading'] }, change), 'a staged image changed inside a transaction')
    await taskInsert(tx.db, {
      id: tx.ids.uuid(), type: 'api_image_import', status: 'success', project_id: tx.actor.projectId, user_id: tx.actor.userId, request_id: tx.requestId,
      image_id: id, input: JSON.stringify({ image_id: id, import_req: request, backend: ['file'] }), result: null, message: '',
      created_at: isoMillis(nowMs), updated_at: isoMillis(nowMs), expires_at: isoMillis(nowMs + taskLifeMs),
    })
    await eventAppend(tx, { resourceType: 'image', resourceId: id, projectId: image.project_id, action: 'import', result: 'success' })
  })
}

/** An image's tasks, for whoever may see the image. */
export async function imageTasks(ctx: Context, imageId: string): Promise<ImageTaskRow[]> {
  await imageRowGet(ctx, imageId, 'get_image')
  return tasksOfImage(ctx.db, imageId)
}

export async function taskGet(ctx: Context, id: string): Promise<ImageTaskRow> {
  ctx.authorize()
  const row = await taskFetch(ctx.db, id)
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
  const after = marker === undefined ? undefined : await taskFetch(ctx.db, marker)
  if (marker !== undefined && !after) throw badRequest(`Invalid marker: ${marker}`)
  const columns = sortKey === 'id' ? ['id'] : [sortKey, 'id']
  return tasksPage(ctx.db, filters, { sorts: columns.map((column) => ({ column, direction })), limit, after: after && { ...after } })
}
