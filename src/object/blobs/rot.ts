// What becomes of a blob that is not what was written: read once more, and when it is so again its row says rotten, its file goes into
// quarantine, and the timeline has a line. Nothing of it is sent any more.
import { pieceGive } from '../../platform/bytes/pieces.ts'
import { cache, type Platform } from '../../platform/context.ts'
import { isoMillis } from '../../platform/clock.ts'
import type { Store } from '../../platform/store/store.ts'
import { blobFetch, blobRotten, smallFetch } from '../store/blobs.ts'
import type { BlobRow } from '../store/tables.ts'
import { BlobMissing } from './backends/driver.ts'
import { RotError } from './checksums.ts'
import { driverFor } from './drivers.ts'
import { driverRead, smallRead } from './read.ts'

/** Whoever met it goes on at once. */
export function rotFound(platform: Platform, store: Store, { id }: BlobRow): void {
  const handled = cache(platform, 'object.rot', () => new Set<string>())
  if (handled.has(id)) return
  handled.add(id)
  blobCheck(platform, store, id)
    .catch((error: unknown) => platform.log.error({ err: error, blob: id }, 'a blob that may be rotten could not be looked at'))
    .finally(() => handled.delete(id))
}

/** Reads the whole blob as it is stored; marks it when it is not what was written. False then. */
export async function blobCheck(platform: Platform, store: Store, id: string, pace = async (_bytes: number) => {}): Promise<boolean> {
  const blob = await blobFetch(store, id)
  if (blob?.state !== 'kept') return true
  try {
    await readThrough(platform, store, blob, pace)
    return true
  } catch (error) {
    if (!(error instanceof RotError || error instanceof BlobMissing)) throw error
    await putAside(platform, store, blob, error.message)
    return false
  }
}

async function readThrough(platform: Platform, store: Store, blob: BlobRow, pace: (bytes: number) => Promise<void>): Promise<void> {
  if (blob.place === 'small') {
    const stored = await smallFetch(store, blob.id)
    if (!stored) throw new BlobMissing(`there are no bytes of blob ${blob.id}`)
    smallRead(blob, stored, { start: 0, end: blob.bytes, key: null })
    return pace(blob.bytes)
  }
  const driver = await driverFor(platform, blob.place)
  const stream = await driverRead(driver, blob, { start: 0, end: blob.bytes, key: null })
  for await (const block of stream as AsyncIterable<Buffer>) {
    pieceGive(block)
    await pace(block.length)
  }
}

async function putAside(platform: Platform, store: Store, blob: BlobRow, message: string): Promise<void> {
  const marked = await store.transaction((db) =>
    blobRotten(db, blob.id, {
      at: isoMillis(platform.clock.nowMs()),
      resource_type: 'blob',
      resource_id: blob.id,
      project_id: null,
      user_id: null,
      request_id: `req-${platform.ids.uuid()}`,
      action: 'audit',
      event: '',
      result: 'error',
      message,
      host: null,
      details: JSON.stringify({ directory: blob.directory, bytes: blob.bytes, refs: blob.refs }),
      facts: null,
    }),
  )
  if (!marked) return
  platform.log.error({ blob: blob.id, directory: blob.directory }, message)
  if (blob.place !== 'small') await (await driverFor(platform, blob.place)).quarantine(blob)
}
