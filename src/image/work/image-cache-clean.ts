// Tells hosts which cached images they may forget: those whose image is deleted, at once, and those that nobody has
// asked for in a day (Nova's remove_unused_original_minimum_age_seconds). What a disk stands on stays with the host
// whatever is said here; where that is a deleted image, or nobody answered, the host is asked again every minute.
import type { Context } from '../../platform/context.ts'
import { askHosts } from '../../platform/hosts.ts'
import { reconciler, type Reconciler } from '../../platform/work/definition.ts'
import { imagesKnown } from '../store/images.ts'

const idleLimitMs = 86_400_000
const againMs = 60_000
/** A deletion wakes it; this is for what comes into a cache after that, and for age. */
export const everyMs = 600_000

/** All hosts. */
export const imageCacheClean: Reconciler = reconciler({
  name: 'image-cache-clean',
  everyMs,
  async run({ ctx }) {
    const names = ctx.hosts.names()
    const clean = await cleanHosts(ctx, names)
    await ctx.work.signalEach(
      ctx,
      imageCacheCleanHost,
      names.filter((name) => !clean.has(name)),
    )
  },
})

/** Key: the name of a host that the round of all did not leave clean. */
export const imageCacheCleanHost: Reconciler = reconciler({
  name: 'image-cache-clean-host',
  everyMs: 86_400_000,
  async run({ ctx }, key) {
    if (!ctx.hosts.find(key)) return
    const clean = await cleanHosts(ctx, [key])
    return clean.has(key) ? undefined : { againMs }
  },
})

/**
 * Those of the hosts that hold no deleted image any more. They are asked before the rows: an image that comes into a
 * cache after that is not in question.
 */
async function cleanHosts(ctx: Context, names: readonly string[]): Promise<Set<string>> {
  const cached = await askHosts(ctx, names, (host) => host.images.list())
  const imageIds = new Set([...cached.values()].flatMap((images) => images.map(({ imageId }) => imageId)))
  if (imageIds.size === 0) return new Set(cached.keys())
  const known = await imagesKnown(ctx.db, [...imageIds])
  const unwanted = new Map<string, string[]>()
  for (const [name, images] of cached) {
    const some = images.filter(({ imageId, idleMs }) => !known.has(imageId) || idleMs > idleLimitMs)
    if (some.length > 0)
      unwanted.set(
        name,
        some.map(({ imageId }) => imageId),
      )
  }
  const left = await askHosts(ctx, [...unwanted.keys()], (host) => host.images.forget(unwanted.get(host.name) ?? []))
  return new Set([...cached.keys()].filter((name) => (left.get(name) ?? unwanted.get(name) ?? []).every((id) => known.has(id))))
}
