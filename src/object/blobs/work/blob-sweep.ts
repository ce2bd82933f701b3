// Looks for blobs that no row names: after a crash in the hours of the process that died, once a week everywhere.
import type { WorkContext } from '../../../platform/work/definition.ts'
import { markFetch, markSet } from '../../store/marks.ts'
import { runningLeft, runningSwept } from '../running.ts'
import { storeOfObjects } from '../store-of-objects.ts'
import { sweep } from '../sweep.ts'

const weekMs = 7 * 86_400_000
const mark = 'swept'

export async function blobsSweep({ ctx }: WorkContext): Promise<void> {
  const { platform } = ctx
  const store = storeOfObjects(platform)
  const nowMs = ctx.clock.nowMs()
  const crashed = platform.exclusive ? await runningLeft(platform, store) : null
  if (crashed !== null) {
    await sweep(platform, store, crashed)
    await runningSwept(platform, store)
  }
  const sweptMs = Number((await markFetch(store, mark)) ?? 0)
  if (sweptMs > nowMs - weekMs) return
  await sweep(platform, store, '')
  await store.transaction((db) => markSet(db, mark, String(nowMs)))
}
