// Removes the bytes of garbage. First the bytes, then the row: a crash in between is mended by the next run.
import type { WorkContext } from '../../../platform/work/definition.ts'
import { blobsForget, blobsGarbage } from '../../store/blobs.ts'
import type { BlobRow } from '../../store/tables.ts'
import { storeOfObjects } from '../store-of-objects.ts'
import { driverFor } from '../drivers.ts'
import type { Platform } from '../../../platform/context.ts'

/** whoever read a row that named it has begun to read its bytes by then */
const graceMs = 60_000
const batch = 200
const batchesARun = 20
const atOnce = 8

export async function garbageReclaim({ ctx }: WorkContext): Promise<{ againMs: number } | void> {
  const store = storeOfObjects(ctx.platform)
  const nowMs = ctx.clock.nowMs()
  // what became garbage in the future did so before the clock was set back
  const times = { beforeUs: (nowMs - graceMs) * 1_000, afterUs: (nowMs + graceMs) * 1_000 }
  for (let done = 0; done < batchesARun; done++) {
    const garbage = await blobsGarbage(store, times, batch)
    // that no row names them must outlive the power too
    await store.durable()
    await removeAll(ctx.platform, garbage)
    if (garbage.length > 0)
      await store.transaction((db) =>
        blobsForget(
          db,
          garbage.map(({ id }) => id),
        ),
      )
    if (garbage.length < batch) return
  }
  return { againMs: 1_000 }
}

async function removeAll(platform: Platform, blobs: BlobRow[]): Promise<void> {
  const left = blobs.values()
  const removeSome = async () => {
    for (const blob of left) if (blob.place !== 'small') await (await driverFor(platform, blob.place)).remove(blob)
  }
  await Promise.all(Array.from({ length: atOnce }, removeSome))
}
