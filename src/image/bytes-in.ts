// Takes an image's bytes into the store, by whatever way they come: within what the project may hold, and looked at.
import type { Readable } from 'node:stream'
import { TooLongError } from '../platform/bytes/receive.ts'
import type { Context } from '../platform/context.ts'
import { ApiError, badRequest } from '../platform/errors.ts'
import { quotaExcess } from '../platform/quota.ts'
import { imageStore, type Received } from './backends/store.ts'
import { checkContent, checkHead, inspectHeadBytes, type ContentClaim } from './image-content.ts'
import { imageQuotas, limits } from './quota.ts'
import { imageUsage, type ImageRow } from './store/images.ts'

export interface BytesTaken {
  received: Received
  /** of the disk in them; null: nobody can say */
  virtualSizeBytes: number | null
}

interface BytesIn {
  stream: Readable
  token: string
  maxBytes: number
  claim: ContentClaim
}

/** Durable under the token when it resolves; without a trace when it rejects. */
export async function bytesIn(ctx: Context, imageId: string, { stream, token, maxBytes, claim }: BytesIn): Promise<BytesTaken> {
  let virtualSizeBytes: number | null = null
  const received = await imageStore(ctx.platform).write(stream, {
    imageId,
    token,
    maxBytes,
    headBytes: inspectHeadBytes,
    inspect: (head) => checkHead(claim, head),
    inspectWhole: async (bytes) => void ({ virtualSizeBytes } = await checkContent(claim, bytes)),
  })
  return { received, virtualSizeBytes }
}

/** The cap of one image; throws 413 when the project's quota leaves nothing. */
export async function bytesAllowed(ctx: Context, image: Pick<ImageRow, 'project_id'>): Promise<number> {
  const projectId = image.project_id
  if (projectId === null) return limits.bytes
  const used = async () => (await imageUsage(ctx.db, projectId)).bytes / 2 ** 20
  const [excess] = await quotaExcess(ctx, { service: 'image', projectId, builtIn: imageQuotas, wanted: { image_size_total: 1 }, used })
  if (excess)
    throw new ApiError(
      'too_large',
      `Project ${projectId} is over a limit for [Resource image_size_total is over limit of ${excess.limit} due to current usage ${Math.ceil(excess.used)} and delta 1]`,
    )
  return limits.bytes
}

/** What the failure of a write means to the sender of the bytes. */
export function asUploadError(error: unknown): unknown {
  if (error instanceof TooLongError) return new ApiError('too_large', `The incoming image is too large: ${error.message}`)
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new ApiError('too_large', 'Image storage media is full: There is not enough disk space on the image storage media.', {
      cause: error,
    })
  }
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE') return badRequest('The upload broke off.', { cause: error })
  return error
}
