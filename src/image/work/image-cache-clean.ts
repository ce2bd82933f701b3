// Tells hosts which cached images they may forget: those whose image is deleted, at once, and those that nobody has
// asked for in a day (Nova's remove_unused_original_minimum_age_seconds). What a disk stands on stays with the host
// whatever is said here, and goes in a later round.
import type { Context } from '../../platform/context.ts'
import { askHosts } from '../../platform/hosts.ts'
import { reconciler } from '../../platform/work/definition.ts'
import { imagesKnown } from '../store/images.ts'

const idleLimitMs = 86_400_000

export const imageCacheClean = reconciler({
  name: 'image-cache-clean',
  everyMs: 60_000,
  run: ({ ctx }) => clean(ctx),
})

/** The hosts are asked first: an image that comes into a cache after that is not in question. */
async function clean(ctx: Context): Promise<void> {
  const cached = await askHosts(ctx, ctx.hosts.names(), (host) => host.images.list())
  const imageIds = new Set([...cached.values()].flatMap((images) => images.map(({ imageId }) => imageId)))
  if (imageIds.size === 0) return
  const known = await imagesKnown(ctx.db, [...imageIds])
  const unwanted = new Map<string, string[]>()
  for (const [name, images] of cached) {
    const some = images.filter(({ imageId, idleMs }) => !known.has(imageId) || idleMs > idleLimitMs)
    if (some.length > 0) unwanted.set(name, some.map(({ imageId }) => imageId))
  }
  await askHosts(ctx, [...unwanted.keys()], (host) => host.images.forget(unwanted.get(host.name) ?? []))
}
