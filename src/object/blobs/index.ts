// What the engine asks of the store of bytes.
import type { Readable } from 'node:stream'
import type { Platform } from '../../platform/context.ts'
import { assert } from '../../platform/errors.ts'
import type { BlobRow } from '../store/tables.ts'
import type { NewBlob } from '../store/blobs.ts'

export interface Body extends NewBlob {
  digests: Partial<Record<string, Buffer>>
}

export interface BlobStore {
  discard(body: Body): Promise<void>
  read(row: BlobRow, range: { start: number; end: number; customerKey?: Buffer | undefined }): Promise<Readable>
}

export function blobsOf(platform: Platform): BlobStore {
  return assert(platform.caches.has('object.blobs'), 'there is no store of bytes yet') as never
}
