// Puts uploads that nobody owns any more back to 'queued', and removes files that no record explains: what a crash
// or a broken-off upload left. A file is explained by its token; it is newer than its record never.
import type { Context } from '../../platform/context.ts'
import { eventAppend } from '../../platform/events.ts'
import { reconciler } from '../../platform/work/definition.ts'
import { imageStore } from '../backends/store.ts'
import { uploadsHere } from '../uploads-here.ts'
import { filesUnexplained, imageRequeue } from '../broken-uploads.ts'
import { imagesAbandoned } from '../store/images.ts'

const batch = 500

export const imageStoreClean = reconciler({
  name: 'image-store-clean',
  everyMs: 60_000,
  async run({ ctx }) {
    await requeueAbandoned(ctx)
    // each time: an image may have been deleted in the midst of an upload whose process died, and fsck has this mend it
    for await (const { file } of filesUnexplained(ctx)) await imageStore(ctx.platform).removeFile(file)
  },
})

async function requeueAbandoned(ctx: Context): Promise<void> {
  // the only process on its store needs no lease to know that an upload of a former life is dead
  const alone = ctx.platform.exclusive
  const before = alone ? Number.MAX_SAFE_INTEGER : ctx.clock.nowMs()
  for (const { id, status, upload_token } of await imagesAbandoned(ctx.db, before, batch)) {
    if (upload_token === null || uploadsHere(ctx).has(upload_token)) continue
    await ctx.transaction(async (tx) => {
      if (!(await imageRequeue(tx, id, { status: [status], token: upload_token }))) return
      await eventAppend(tx, { resourceType: 'image', resourceId: id, action: 'upload', result: 'error', message: 'The upload broke off.' })
    })
  }
}
