// Tells hosts which cached images they may forget: those whose image is deleted, at once, and those that nobody has
// asked for in a day (Nova's remove_unused_original_minimum_age_seconds). What a disk stands on stays with the host
// whatever is said here, and goes in a later round.
import type { Host } from '../../host/contract.ts'
import type { Context } from '../../platform/context.ts'
import { reconciler } from '../../platform/work/definition.ts'
import { imagesKnown } from '../store/images.ts'

const idleLimitMs = 86_400_000

export const imageCacheClean = reconciler({
  name: 'image-cache-clean',
  everyMs: 60_000,
  async run({ ctx }) {
    for (const name of ctx.hosts.names()) {
      const host = ctx.hosts.find(name)
      if (!host) continue
      await clean(ctx, host).catch((error: unknown) => {
        // the other hosts' turn must not wait for this one; it is asked again in the next round
        ctx.log.warn({ err: error, host: name }, 'the image cache of a host could not be cleaned')
      })
    }
  },
})

/** The host is asked first: an image that comes into its cache after that is not in question. */
async function clean(ctx: Context, host: Host): Promise<void> {
  const cached = await host.images.list()
  if (cached.length === 0) return
  const known = await imagesKnown(ctx.db, cached.map(({ imageId }) => imageId))
  const unwanted = cached.filter(({ imageId, idleMs }) => !known.has(imageId) || idleMs > idleLimitMs)
  if (unwanted.length > 0) await host.images.forget(unwanted.map(({ imageId }) => imageId))
}
