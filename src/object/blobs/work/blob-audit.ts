// Reads every blob once a month, slowly, and puts aside what is not what was written: rot is found before the last copy elsewhere is gone.
import { delay } from '../../../platform/clock.ts'
import type { Context } from '../../../platform/context.ts'
import type { WorkContext } from '../../../platform/work/definition.ts'
import { blobsAfter } from '../../store/blobs.ts'
import { markFetch, markSet } from '../../store/marks.ts'
import { storeOfObjects } from '../store-of-objects.ts'
import { blobCheck } from '../rot.ts'

const monthMs = 30 * 86_400_000
const mark = 'audit'
/** one run's share */
const runMs = 10_000
const page = 100

interface Pass {
  beganMs: number
  /** the last blob that was read; null: the pass is over */
  after: string | null
}

export async function blobsAudit({ ctx }: WorkContext): Promise<{ againMs: number } | void> {
  const store = storeOfObjects(ctx.platform)
  const nowMs = ctx.clock.nowMs()
  const known = await markFetch(store, mark)
  let pass = known === undefined ? null : (JSON.parse(known) as Pass)
  if (pass?.after === null && pass.beganMs > nowMs - monthMs) return
  if (!pass || pass.after === null) pass = { beganMs: nowMs, after: '' }
  const after = await auditSome(ctx, pass.after ?? '')
  await store.transaction((db) => markSet(db, mark, JSON.stringify({ ...pass, after } satisfies Pass)))
  if (after !== null) return { againMs: runMs }
}

/** Where it stopped; null: at the end. */
async function auditSome(ctx: Context, from: string): Promise<string | null> {
  const { platform } = ctx
  const store = storeOfObjects(platform)
  const untilMs = ctx.clock.nowMs() + runMs
  const bytesPerMs = (platform.config.object.auditMibPerSecond * 2 ** 20) / 1_000
  let after = from
  for (;;) {
    const blobs = await blobsAfter(store, after, page)
    for (const { id } of blobs) {
      await blobCheck(platform, store, id, (bytes) => delay(ctx.clock, Math.ceil(bytes / bytesPerMs)))
      after = id
      if (ctx.clock.nowMs() >= untilMs) return after
    }
    if (blobs.length < page) return null
  }
}
