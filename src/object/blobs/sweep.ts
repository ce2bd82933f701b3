// Removes blobs that no row names: what a crash left between a body and its row. After a crash the hours of that process are swept,
// and once a week all.
import type { Platform } from '../../platform/context.ts'
import type { Store } from '../../platform/store/store.ts'
import { blobsKnown } from '../store/blobs.ts'
import type { BlobDriver } from './backends/driver.ts'
import { blobsOf } from './blob-store.ts'
import { driverOfConfig } from './drivers.ts'
import { hourOf } from './hours.ts'

const batch = 500
/** where several processes share the blobs, none knows what the others are about to write a row for */
const sharedGraceMs = 86_400_000
const emptyAfterMs = 172_800_000

/** From this hour on. How many were removed. */
export async function sweep(platform: Platform, store: Store, from: string): Promise<number> {
  const driver = await driverOfConfig(platform)
  const nowMs = platform.clock.nowMs()
  const last = hourOf(platform.exclusive ? nowMs + 3_600_000 : nowMs - sharedGraceMs)
  let removed = 0
  for (const directory of await driver.directories()) {
    if (directory < from || directory > last) continue
    removed += await sweepDirectory(platform, store, { driver, directory })
    if (directory < hourOf(nowMs - emptyAfterMs)) await driver.removeDirectory(directory)
  }
  return removed
}

interface Sweeping {
  driver: BlobDriver
  directory: string
}

async function sweepDirectory(platform: Platform, store: Store, { driver, directory }: Sweeping): Promise<number> {
  let removed = 0
  for await (const ids of batches(driver.list(directory))) {
    for (const id of await unnamed(platform, store, ids)) {
      await driver.remove({ id, directory })
      platform.log.info({ blob: id, directory }, 'a blob that no row names was removed')
      removed += 1
    }
  }
  return removed
}

/** What came in and waits for its row is asked for before the rows are: whatever is in neither has no row and gets none. */
async function unnamed(platform: Platform, store: Store, ids: string[]): Promise<string[]> {
  const { pending } = blobsOf(platform)
  const waiting = ids.filter((id) => pending.has(id))
  const known = await blobsKnown(store, ids)
  return ids.filter((id) => !known.has(id) && !waiting.includes(id) && !pending.has(id))
}

async function* batches(ids: AsyncIterable<string>): AsyncGenerator<string[]> {
  let some: string[] = []
  for await (const id of ids) {
    some.push(id)
    if (some.length < batch) continue
    yield some
    some = []
  }
  if (some.length > 0) yield some
}

/** Blobs without a row that are there now, for fsck. */
export async function* unnamedBlobs(platform: Platform, store: Store): AsyncGenerator<{ id: string; directory: string }> {
  const driver = await driverOfConfig(platform)
  const last = hourOf(platform.exclusive ? platform.clock.nowMs() + 3_600_000 : platform.clock.nowMs() - sharedGraceMs)
  for (const directory of await driver.directories()) {
    if (directory > last) continue
    for await (const ids of batches(driver.list(directory))) {
      for (const id of await unnamed(platform, store, ids)) yield { id, directory }
    }
  }
}
