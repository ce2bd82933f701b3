// The import API. Staged data was hashed and inspected as it came in, so that importing it is a change of state: one
// transaction. What is fetched from elsewhere is durable work (work/image-import.ts), whose rights were asked here.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { ApiError, assert, badRequest, conflict } from '../platform/errors.ts'
import { eventAppend } from '../platform/events.ts'
import { outbound } from '../platform/guarded-fetch/outbound.ts'
import { checkUrl, GuardError } from '../platform/guarded-fetch/rules.ts'
import { bytesAllowed } from './bytes-in.ts'
import { checkSource, imageForImport, importMethodOf, type ImportRequest } from './import-request.ts'
import { tokenKeep, type ImportFrom } from './import-source.ts'
import { imageCreate, type ImageDraft } from './images.ts'
import { imageAdvance, type ImageRow } from './store/images.ts'
import type { ImageTaskRow } from './store/tasks.ts'
import { defaultStore, storesOf } from './stores.ts'
import { taskBegin } from './task-record.ts'
import { imageImportSaga, importLease } from './work/image-import.ts'

/** Accepts an import; `token` is the asker's own, for a method that goes to another Glance. */
export async function imageImport(ctx: Context, id: string, { request, token }: { request: ImportRequest; token: string }): Promise<void> {
  const method = importMethodOf(request)
  const seen = await imageForImport(ctx, id, method, request)
  if (method === 'copy-image') {
    // there is one store, and an active image is in it
    if (request.all_stores === true) return ctx.transaction((tx) => copiedNowhere(tx, seen, request))
    throw badRequest(`Image is already present at store '${storesOf(request, 409)[0] ?? defaultStore}'`)
  }
  await bytesAllowed(ctx, seen)
  const { headerStore: _header, ...body } = request
  const input = { image_id: id, import_req: body, backend: storesOf(request, 409) }
  if (method === 'glance-direct') return ctx.transaction((tx) => importStaged(tx, id, { request, input }))
  const from =
    method === 'web-download' ? { kind: 'web' as const, uri: await checkSource(ctx, request.method?.uri, method) } : remoteOf(request)
  const task = await ctx.transaction(async (tx) => {
    const image = await imageForImport(tx, id, method, request)
    const begun = await taskBegin(tx, { type: 'api_image_import', imageId: id, input })
    await importBegin(tx, image, { from, taskId: begun.id, isNew: false })
    return begun
  })
  if (method === 'glance-download') tokenKeep(ctx, task.id, token)
}

const remoteOf = ({ method = {} }: ImportRequest): ImportFrom => ({
  kind: 'glance',
  region: String(method.glance_region),
  imageId: String(method.glance_image_id),
  interface: String(method.glance_service_interface ?? 'public'),
})

interface Begun {
  from: ImportFrom
  taskId: string
  /** made by the task */
  isNew: boolean
  expected?: { algorithm: string; value: string } | null
}

/** The image is importing, and work fetches it. */
export async function importBegin(tx: Context, image: ImageRow, { from, taskId, isNew, expected = null }: Begun): Promise<void> {
  const change = {
    status: 'importing' as const,
    failed_import: '',
    upload_token: tx.ids.hex(),
    upload_lease_until: importLease,
    updated_at: isoMillis(tx.clock.nowMs()),
  }
  if (!(await imageAdvance(tx.db, image.id, { status: ['queued'] }, change)))
    throw conflict(`New operation on image '${image.id}' is not permitted as prior operation is still in progress`)
  await tx.work.enqueue(tx, imageImportSaga, { imageId: image.id, taskId, from, isNew, expected }, { resourceId: image.id })
  await eventAppend(tx, { resourceType: 'image', resourceId: image.id, projectId: image.project_id, action: 'import', result: 'start' })
}

/** All stores that there are have it: what a client waits for is so at once. */
async function copiedNowhere(tx: Context, image: ImageRow, { headerStore: _header, ...body }: ImportRequest): Promise<void> {
  await imageAdvance(tx.db, image.id, { status: ['active'] }, { failed_import: '' })
  await taskBegin(tx, {
    type: 'api_image_import',
    status: 'success',
    imageId: image.id,
    input: { image_id: image.id, import_req: body, backend: [] },
  })
}

async function importStaged(tx: Context, id: string, { request, input }: { request: ImportRequest; input: object }): Promise<void> {
  const image = await imageForImport(tx, id, 'glance-direct', request)
  const { staged } = image
  if (staged === null) throw conflict(`New operation on image '${id}' is not permitted as prior operation is still in progress`)
  const change = {
    status: 'active' as const,
    checksum: staged.checksum,
    os_hash_algo: 'sha512',
    os_hash_value: staged.hashValue,
    virtual_size: staged.virtualSizeBytes,
    staged: null,
    failed_import: '',
    updated_at: isoMillis(tx.clock.nowMs()),
  }
  assert(await imageAdvance(tx.db, id, { status: ['uploading'] }, change), 'a staged image changed inside a transaction')
  await taskBegin(tx, { type: 'api_image_import', status: 'success', imageId: id, input })
  await eventAppend(tx, { resourceType: 'image', resourceId: id, projectId: image.project_id, action: 'import', result: 'success' })
}

export interface TaskRequest {
  type: ImageTaskRow['type']
  input: Record<string, unknown>
}

/** POST /tasks: the older way to import, which makes the image too. What its input lacks is the task's failure, as in Glance. */
export async function taskCreate(
  ctx: Context,
  { type, input }: TaskRequest,
  draftOf: (properties: Record<string, unknown>) => ImageDraft,
): Promise<ImageTaskRow> {
  ctx.authorize()
  if (type !== 'import') {
    const named = typeof input['image_id'] === 'string' ? input['image_id'] : null
    return ctx.transaction((tx) =>
      taskBegin(tx, {
        type,
        status: 'failure',
        imageId: named,
        input,
        message: `Tasks of type ${type} are begun by the request that they record.`,
      }),
    )
  }
  const uri = checkImportFrom(ctx, input['import_from'])
  return ctx.transaction(async (tx) => {
    const failed = (message: string) => taskBegin(tx, { type, status: 'failure', imageId: null, input, message })
    for (const field of ['import_from_format', 'image_properties'])
      if (!(field in input)) return failed(`Input does not contain '${field}' field`)
    const properties = input['image_properties']
    if (typeof properties !== 'object' || properties === null || Array.isArray(properties))
      return failed("'image_properties' must be an object")
    const given =
      Object.keys(properties).length > 0 ? (properties as Record<string, unknown>) : { disk_format: 'qcow2', container_format: 'bare' }
    try {
      const draft = draftOf(given)
      if (!draft.disk_format || !draft.container_format) throw badRequest('disk_format and container_format must be set')
      const image = await imageCreate(tx, draft)
      const task = await taskBegin(tx, { type, imageId: image.id, input })
      await importBegin(tx, image, { from: { kind: 'web', uri }, taskId: task.id, isNew: true })
      return task
    } catch (error) {
      // refused before anything was written
      if (error instanceof ApiError) return failed(error.message)
      throw error
    }
  })
}

function checkImportFrom(ctx: Context, uri: unknown): string {
  const text = typeof uri === 'string' ? uri : ''
  if (text === '') throw badRequest(`Invalid location: ${text}`)
  if (/^file(system)?:\/\/\//.test(text))
    throw badRequest('File based imports are not allowed. Please use a non-local source of image data.')
  if (!/^https?:\/\//.test(text))
    throw badRequest("The given uri is not valid. Please specify a valid uri from the following list of supported uri ['http']")
  try {
    checkUrl(text, outbound(ctx).rules)
  } catch (error) {
    if (error instanceof GuardError)
      throw badRequest(`URI for legacy import task does not pass filtering: ${text.slice(0, 1024)}`, { cause: error })
    throw error
  }
  return text
}
