// What an upload leaves that ended without success: an image to be queued again, and files that no record explains.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { imageStore } from './backends/store.ts'
import { imageAdvance, imageTokensOf, type ImageRow, type ImageStatus } from './store/images.ts'
import { uploadsHere } from './uploads-here.ts'

const batch = 500

/** False when it is in another state by now, or another upload's. */
export const imageRequeue = (
  tx: Context,
  id: string,
  from: { status: ImageStatus[]; token?: string },
  more: Partial<ImageRow> = {},
): Promise<boolean> =>
  imageAdvance(tx.db, id, from, {
    status: 'queued',
    upload_token: null,
    upload_lease_until: 0,
    size: null,
    updated_at: isoMillis(tx.clock.nowMs()),
    ...more,
  })

/** Files first: one that comes later has its record before it. */
export async function* filesUnexplained(ctx: Context): AsyncGenerator<{ file: string; imageId: string }> {
  const files = await imageStore(ctx.platform).list()
  for (let start = 0; start < files.length; start += batch) {
    const some = files.slice(start, start + batch)
    const known = await imageTokensOf(
      ctx.db,
      some.map(({ imageId }) => imageId),
    )
    for (const { file, imageId, token } of some) if (!known.has(token) && !uploadsHere(ctx).has(token)) yield { file, imageId }
  }
}
