// The bytes of images: upload, stage, download. An upload owns its image by a token with a lease, which is renewed
// while bytes come in; whatever ends it without success puts the image back to 'queued' and leaves no file.
import type { Readable } from 'node:stream'
import { isoMillis, type Timer } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { ApiError, assert, badRequest, conflict, forbidden, notFound } from '../platform/errors.ts'
import { eventAppend } from '../platform/events.ts'
import { imageRequeue } from './broken-uploads.ts'
import { imageStore, type Received } from './backends/store.ts'
import { asUploadError, bytesAllowed, bytesIn } from './bytes-in.ts'
import { imageRowGet } from './images.ts'
import { imageAdvance, imageRows, type ImageRow, type ImageStatus, type StagedData } from './store/images.ts'
import { uploadsHere } from './uploads-here.ts'

const leaseMs = 60_000
const renewEveryMs = 15_000

/** PUT /file: queued → saving → active. */
export async function imageDataUpload(ctx: Context, id: string, stream: Readable): Promise<void> {
  await store(ctx, id, { stream, via: 'saving', rowOf: mayUpload })
}

/** The same for an image that an accepted request reserved: work fills it, and asks for no permission. */
export async function imageDataFill(ctx: Context, id: string, stream: Readable): Promise<void> {
  await store(ctx, id, { stream, via: 'saving', rowOf: reserved })
}

const mayUpload = (tx: Context, id: string): Promise<ImageRow> => imageRowGet(tx, id, 'upload_image')

async function reserved({ db }: Context, id: string): Promise<ImageRow> {
  const row = await imageRows.fetch(db, id)
  if (!row) throw notFound(`No image found with ID ${id}`)
  return row
}

/** PUT /stage: queued → uploading, and there it stays until an import. */
export async function imageDataStage(ctx: Context, id: string, stream: Readable): Promise<void> {
  await store(ctx, id, { stream, via: 'uploading', rowOf: mayUpload })
}

interface Upload {
  stream: Readable
  via: 'saving' | 'uploading'
  /** whose look-up says whether it may be written */
  rowOf(tx: Context, id: string): Promise<ImageRow>
}

async function store(ctx: Context, id: string, { stream, via, rowOf }: Upload): Promise<void> {
  // a stream may break before anybody reads it; whoever reads it then sees that
  stream.on('error', () => undefined)
  const token = ctx.ids.hex()
  const image = await begin(ctx, id, { via, token, rowOf })
  const here = uploadsHere(ctx)
  here.add(token)
  const lease = keepLease(ctx, id, { via, token })
  try {
    const { received, virtualSizeBytes } = await bytesIn(ctx, id, { stream, token, maxBytes: await bytesAllowed(ctx, image), claim: image })
    await finish(ctx, image, { via, token, received, virtualSizeBytes })
  } catch (error) {
    await uploadUndo(ctx, id, { via, token, error })
    throw asUploadError(error)
  } finally {
    lease.stop()
    here.delete(token)
  }
}

async function begin(
  ctx: Context,
  id: string,
  { via, token, rowOf }: Pick<Upload, 'via' | 'rowOf'> & { token: string },
): Promise<ImageRow> {
  return ctx.transaction(async (tx) => {
    const row = await rowOf(tx, id)
    const missing = ['disk_format', 'container_format'].filter((name) => row[name as 'disk_format'] === null)
    if (row.status === 'queued' && missing.length > 0)
      throw badRequest(`Properties ${missing.join(', ')} must be set prior to saving data.`)
    const change = {
      status: via,
      upload_token: token,
      upload_lease_until: tx.clock.nowMs() + leaseMs,
      updated_at: isoMillis(tx.clock.nowMs()),
    }
    const taken = await imageAdvance(tx.db, id, { status: ['queued'] }, change)
    if (!taken) throw conflict(`Image status transition from ${row.status} to ${via} is not allowed`)
    await eventAppend(tx, {
      resourceType: 'image',
      resourceId: id,
      projectId: row.project_id,
      action: via === 'saving' ? 'upload' : 'stage',
      result: 'start',
    })
    return row
  })
}

function keepLease(ctx: Context, id: string, { via, token }: { via: Upload['via']; token: string }): { stop(): void } {
  let timer: Timer
  let stopped = false
  const renew = () => {
    imageAdvance(ctx.db, id, { status: [via], token }, { upload_lease_until: ctx.clock.nowMs() + leaseMs })
      .catch((error: unknown) => ctx.log.warn({ err: error, image: id }, 'renewing the lease of an upload failed'))
      .finally(() => {
        if (!stopped) timer = ctx.clock.after(renewEveryMs, renew)
      })
  }
  timer = ctx.clock.after(renewEveryMs, renew)
  return {
    stop() {
      stopped = true
      timer.cancel()
    },
  }
}

interface Finished {
  via: Upload['via']
  token: string
  received: Received
  virtualSizeBytes: number | null
}

async function finish(ctx: Context, image: ImageRow, { via, token, received, virtualSizeBytes }: Finished): Promise<void> {
  const staged: StagedData = { checksum: received.md5, hashValue: received.sha512, virtualSizeBytes }
  const active: Partial<ImageRow> = {
    status: 'active',
    checksum: received.md5,
    os_hash_algo: 'sha512',
    os_hash_value: received.sha512,
    virtual_size: virtualSizeBytes,
  }
  const change = via === 'saving' ? active : { staged }
  await ctx.transaction(async (tx) => {
    const ours = {
      size: received.sizeBytes,
      data_token: token,
      upload_token: null,
      upload_lease_until: 0,
      updated_at: isoMillis(tx.clock.nowMs()),
    }
    const done = await imageAdvance(tx.db, image.id, { status: [via], token }, { ...ours, ...change })
    if (!done)
      throw new ApiError('gone', `Image ${image.id} could not be found after upload. The image may have been deleted during the upload.`)
    await eventAppend(tx, {
      resourceType: 'image',
      resourceId: image.id,
      projectId: image.project_id,
      action: via === 'saving' ? 'upload' : 'stage',
      result: 'success',
    })
  })
}

/** The attempt's file goes, and the image is queued again if it is still ours. */
async function uploadUndo(
  ctx: Context,
  id: string,
  { via, token, error }: { via: ImageStatus; token: string; error: unknown },
): Promise<void> {
  await imageStore(ctx.platform).remove({ imageId: id, token })
  await ctx.transaction(async (tx) => {
    if (!(await imageRequeue(tx, id, { status: [via], token }))) return
    const message = error instanceof Error ? error.message : String(error)
    await eventAppend(tx, {
      resourceType: 'image',
      resourceId: id,
      action: via === 'saving' ? 'upload' : 'stage',
      result: 'error',
      message,
    })
  })
}

/** An active image's bytes from `start` up to and without `end`; the whole when they are not given. */
export async function imageDataOpen(
  ctx: Context,
  row: ImageRow,
  range?: { start: number; end: number; recycle?: boolean },
): Promise<Readable> {
  assert(row.data_token, `the image ${row.id} has no data`)
  return imageStore(ctx.platform).read({ imageId: row.id, token: row.data_token }, { start: 0, end: row.size ?? 0, ...range })
}

/** The row, if this actor may download it; null when it has no data. */
export async function imageForDownload(ctx: Context, id: string): Promise<ImageRow | null> {
  const row = await imageRowGet(ctx, id, 'get_image')
  if (row.status === 'deactivated' && !ctx.isAdmin)
    throw forbidden('The requested image has been deactivated. Image data download is forbidden.')
  await imageRowGet(ctx, id, 'download_image')
  return row.status === 'active' || row.status === 'deactivated' ? row : null
}
