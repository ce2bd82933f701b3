// /v2/images/:id/file and /stage: bytes, streamed both ways; and the import that follows staging.
import { Type } from '../../platform/api/type.ts'
import { ApiError } from '../../platform/errors.ts'
import { Reply, type ApiRequest, type Operation } from '../../platform/api/operation.ts'
import { imageDataOpen, imageDataStage, imageDataUpload, imageForDownload } from '../data.ts'
import type { ImportRequest } from '../import-request.ts'
import { imageImport } from '../imports.ts'
import { imageTasks } from '../tasks.ts'
import { storesOf } from '../stores.ts'
import { imageTaskView } from '../views/tasks.ts'
import { byteRange } from './byte-range.ts'
import { images } from './resources.ts'

function storeOf({ headers }: ApiRequest): string | undefined {
  const named = headers['x-image-meta-store']
  return Array.isArray(named) ? named[0] : named
}

function checkBytes(request: ApiRequest): void {
  const mediaType = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim() ?? ''
  if (mediaType !== 'application/octet-stream') throw new ApiError('unsupported_media_type', `Invalid content type ${mediaType}`)
}

export const imageDataOperations: Operation[] = [
  images.below('/file', {
    method: 'PUT',
    summary: 'Upload image data',
    policy: 'upload_image',
    stream: true,
    status: 204,
    async handler(ctx, id, request) {
      checkBytes(request)
      storesOf({ headerStore: storeOf(request) }, 400)
      await imageDataUpload(ctx, id, request.stream)
    },
  }),
  images.below('/stage', {
    method: 'PUT',
    summary: 'Stage image data',
    policy: 'upload_image',
    stream: true,
    status: 204,
    async handler(ctx, id, request) {
      checkBytes(request)
      await imageDataStage(ctx, id, request.stream)
    },
  }),
  images.below('/file', {
    summary: 'Download image data',
    policy: 'download_image',
    async handler(ctx, id, request) {
      const row = await imageForDownload(ctx, id)
      if (!row) return new Reply(undefined, { status: 204 })
      const size = row.size ?? 0
      const range = byteRange(request.headers.range, size)
      const headers = {
        'content-type': 'application/octet-stream',
        'accept-ranges': 'bytes',
        ...(row.checksum === null ? {} : { 'content-md5': row.checksum }),
      }
      // a HEAD is answered by the same handler, and sends no bytes
      if (request.method === 'HEAD') return new Reply(undefined, { headers: { ...headers, 'content-length': String(size) } })
      if (range === null) {
        const stream = await imageDataOpen(ctx, row, { start: 0, end: size, recycle: true })
        return new Reply(stream, { headers: { ...headers, 'content-length': String(size) } })
      }
      const stream = await imageDataOpen(ctx, row, { ...range, recycle: true })
      const { 'content-md5': _whole, ...partial } = headers as Record<string, string>
      return new Reply(stream, {
        status: 206,
        headers: {
          ...partial,
          'content-length': String(range.end - range.start),
          'content-range': `bytes ${range.start}-${range.end - 1}/${size}`,
        },
      })
    },
  }),
  images.below('/import', {
    method: 'POST',
    summary: 'Import image data',
    policy: 'modify_image',
    status: 202,
    body: Type.Unsafe<ImportRequest>({ type: 'object', properties: { method: { type: 'object' } } }),
    async handler(ctx, id, request) {
      const token = request.headers['x-auth-token']
      await imageImport(ctx, id, {
        request: { ...request.body, headerStore: storeOf(request) },
        token: typeof token === 'string' ? token : '',
      })
      return new Reply('')
    },
  }),
  images.below('/tasks', {
    summary: 'Show tasks of an image',
    policy: 'get_image',
    handler: async (ctx, id) => ({ tasks: (await imageTasks(ctx, id)).map(imageTaskView) }),
  }),
]
