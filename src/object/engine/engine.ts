// What both doors stand on: the store of objects, the bytes, the clock that orders versions, and the one way to write.
import type { Clock } from '../../platform/clock.ts'
import { cache, type Platform } from '../../platform/context.ts'
import type { Db, Store } from '../../platform/store/store.ts'
import { engineName } from '../engine-name.ts'
import { blobsOf, type BlobStore } from '../blobs/index.ts'
import { storeOfObjects } from '../blobs/store-of-objects.ts'
import { WriteQueue } from './write-queue.ts'

export interface Engine {
  platform: Platform
  store: Store
  blobs: BlobStore
  /** One write, durable when it resolves: see write-queue.ts. */
  write<T>(work: (db: Db) => Promise<T>): Promise<T>
  /** microseconds since 1970, a multiple of ten, later than all that it said before */
  nowUs(): number
}

/** Who asks: for the line in the timeline. */
export interface By {
  userId: string | null
  projectId: string | null
  requestId: string
}

export function engineStart(platform: Platform, parts: { store: Store; blobs: BlobStore }): Engine {
  const queue = new WriteQueue(parts.store)
  return { platform, ...parts, write: (work) => queue.write(work), nowUs: risingClock(platform.clock) }
}

/** The process's only one. */
export const engineOf = (platform: Platform): Engine =>
  cache(platform, engineName, () => engineStart(platform, { store: storeOfObjects(platform), blobs: blobsOf(platform) }))

/** Swift's times have five decimals, and two writes of an object never the same. */
function risingClock(clock: Clock): () => number {
  let lastUs = 0
  return () => (lastUs = Math.max(clock.nowMs() * 1000, lastUs + 10))
}
