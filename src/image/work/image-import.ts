// Fetches an image's bytes from where its user said and makes it active; a failure leaves it queued (or, when the task
// made it, takes it away) and the reason in the task. After a crash it begins anew, under a name of its own.
import { createHash, type Hash } from 'node:crypto'
import { pipeline, Transform, type Readable } from 'node:stream'
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { ApiError } from '../../platform/errors.ts'
import { eventAppend } from '../../platform/events.ts'
import { PermanentError, saga, type WorkContext } from '../../platform/work/definition.ts'
import { imageStore } from '../backends/store.ts'
import { imageRequeue } from '../broken-uploads.ts'
import { asUploadError, bytesAllowed, bytesIn } from '../bytes-in.ts'
import { sourceOpen, tokenForget, type ImportFrom, type Source } from '../import-source.ts'
import { imageAdvance, imageFetch, type ImageRow, imageRows, imageSave } from '../store/images.ts'
import { defaultStore } from '../stores.ts'
import { taskUpdate } from '../task-record.ts'

/** no reconciler takes an image back that work is busy with */
export const importLease = Number.MAX_SAFE_INTEGER

export interface ImageImportData {
  imageId: string
  taskId: string
  from: ImportFrom
  /** made by the task itself */
  isNew: boolean
  /** the hash that its bytes must have */
  expected?: { algorithm: string; value: string } | null
  /** what was fetched, under the name that its bytes have */
  fetched?: { token: string; sizeBytes: number; checksum: string; hashValue: string; virtualSizeBytes: number | null; like: Source['like'] }
}

export const imageImportSaga = saga<ImageImportData>({
  name: 'image-import',
  deadlineMs: 6 * 3_600_000,
  limit: () => ({ key: 'image-import', max: 4 }),
  steps: [
    {
      name: 'fetch',
      async run(work, data) {
        const token = work.ctx.ids.hex()
        const image = await begin(work.ctx, data, token)
        return { fetched: await bytesOf(work, data, { image, token }) }
      },
      commit: ({ ctx }, data) => activate(ctx, data),
      async undo({ ctx }, { imageId }) {
        const row = await imageRows.fetch(ctx.db, imageId)
        if (row?.status === 'importing' && row.upload_token !== null)
          await imageStore(ctx.platform).remove({ imageId, token: row.upload_token })
      },
    },
  ],
  async failed({ ctx }, { imageId, taskId, isNew }, reason) {
    const mine = await imageRequeue(ctx, imageId, { status: ['importing'] }, { failed_import: defaultStore })
    const row = await imageRows.fetch(ctx.db, imageId)
    if (mine && isNew) await imageRows.delete(ctx.db, imageId)
    await taskUpdate(ctx, taskId, { status: 'failure', message: reason })
    await eventAppend(ctx, {
      resourceType: 'image',
      resourceId: imageId,
      projectId: row?.project_id ?? null,
      action: 'import',
      result: 'error',
      message: reason,
    })
    tokenForget(ctx, taskId)
  },
})

/** Each attempt writes under a token of its own: what a former one left is explained by nothing, and goes. */
async function begin(ctx: Context, { imageId, taskId }: ImageImportData, token: string): Promise<ImageRow> {
  return ctx.transaction(async (tx) => {
    const row = await imageRows.fetch(tx.db, imageId)
    const taken =
      row && (await imageAdvance(tx.db, imageId, { status: ['importing'] }, { upload_token: token, upload_lease_until: importLease }))
    if (!taken) throw new PermanentError('the image was deleted, or something else is done to it')
    await taskUpdate(tx, taskId, { status: 'processing' })
    return row
  })
}

async function bytesOf(
  { ctx, call }: WorkContext,
  { imageId, taskId, from, expected = null }: ImageImportData,
  { image, token }: { image: ImageRow; token: string },
): Promise<NonNullable<ImageImportData['fetched']>> {
  try {
    const maxBytes = await bytesAllowed(ctx, image)
    const source = await sourceOpen(ctx, { from, taskId, maxBytes, signal: call.signal })
    const { sizeBytes, like } = source
    const hash = expected && createHash(expected.algorithm)
    const stream = telling(source, call, hash)
    const { received, virtualSizeBytes } = await bytesIn(ctx, imageId, { stream, token, maxBytes, claim: like ?? image }).finally(() =>
      stream.destroy(),
    )
    if (sizeBytes !== null && received.sizeBytes !== sizeBytes) {
      await imageStore(ctx.platform).remove({ imageId, token })
      throw new PermanentError(`downloaded data size ${received.sizeBytes} is different from expected ${sizeBytes}`)
    }
    const found = hash?.digest('hex')
    if (found !== undefined && found !== expected?.value) {
      await imageStore(ctx.platform).remove({ imageId, token })
      throw new PermanentError(`os_hash_value: (${expected?.value}) not matched with actual os_hash_value: (${found})`)
    }
    return { token, sizeBytes: received.sizeBytes, checksum: received.md5, hashValue: received.sha512, virtualSizeBytes, like }
  } catch (error) {
    // asked once, as Glance does: who wants it again asks again
    if (call.signal?.aborted || error instanceof PermanentError || error instanceof ApiError) throw error
    const known = asUploadError(error)
    if (known instanceof ApiError && known.code === 'too_large') throw known
    throw new PermanentError((error as Error).message, { cause: error })
  }
}

/** The source's bytes, with word of how far they are; hashed when its asker said what must come out. */
function telling({ stream, sizeBytes }: Source, call: WorkContext['call'], hash: Hash | null): Readable {
  let heard = 0
  const told = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      heard += chunk.length
      hash?.update(chunk)
      if (sizeBytes !== null) call.progress?.((heard / Math.max(sizeBytes, 1)) * 100, 'fetching the image')
      done(null, chunk)
    },
  })
  // a failure of one ends the other, and whoever reads sees it
  pipeline(stream, told, () => undefined)
  return told
}

async function activate(ctx: Context, { imageId, taskId, isNew, fetched }: ImageImportData): Promise<void> {
  if (!fetched) throw new PermanentError('nothing was fetched')
  const { token, like } = fetched
  const now = isoMillis(ctx.clock.nowMs())
  const done = await imageAdvance(
    ctx.db,
    imageId,
    { status: ['importing'], token },
    {
      status: 'active',
      size: fetched.sizeBytes,
      checksum: fetched.checksum,
      os_hash_algo: 'sha512',
      os_hash_value: fetched.hashValue,
      virtual_size: fetched.virtualSizeBytes,
      data_token: token,
      upload_token: null,
      upload_lease_until: 0,
      updated_at: now,
    },
  )
  if (!done) throw new PermanentError('the image was deleted, or something else was done to it')
  const image = await imageFetch(ctx.db, imageId)
  if (image && like)
    await imageSave(ctx.db, {
      ...image,
      disk_format: like.disk_format,
      container_format: like.container_format,
      properties: { ...image.properties, ...like.properties },
    })
  await taskUpdate(ctx, taskId, { status: 'success', ...(isNew ? { result: { image_id: imageId } } : {}) })
  await eventAppend(ctx, {
    resourceType: 'image',
    resourceId: imageId,
    projectId: image?.project_id ?? null,
    action: 'import',
    result: 'success',
  })
  tokenForget(ctx, taskId)
}
