// Images' records against their files, and hosts' caches against images. An upload that goes on in some process has a
// lease that it renews, which is its owner.
import type { Host } from '../../contract/host.ts'
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { eventAppend } from '../../platform/events.ts'
import type { Check, Finding, Repair } from '../../platform/fsck/check.ts'
import { pages } from '../../platform/fsck/pages.ts'
import { imageStore } from '../backends/store.ts'
import { filesUnexplained } from '../broken-uploads.ts'
import { uploadsHere } from '../uploads-here.ts'
import { imageAdvance, imagesHeldPage, imagesKnown, type ImageStatus } from '../store/images.ts'
import { everyMs, imageCacheClean, imageCacheCleanHost } from '../work/image-cache-clean.ts'
import { importLease } from '../work/image-import.ts'
import { imageStoreClean } from '../work/image-store-clean.ts'

export const imageDataCheck: Check = { name: 'image-data', invariant: 4, find }
export const imageCacheCheck: Check = { name: 'image-cache', invariant: 4, findOnHost: findCached }

const cleaner = [`${imageStoreClean.name}/`]

const cleanRepair: Repair = { words: 'have the image store cleaned', run: ({ ctx }) => ctx.work.signal(ctx, imageStoreClean) }

type Held = Awaited<ReturnType<typeof imagesHeldPage>>[number]

async function* find(ctx: Context): AsyncGenerator<Finding> {
  for await (const { file, imageId } of filesUnexplained(ctx))
    yield {
      resourceType: 'image',
      resourceId: imageId,
      message: `the file ${file} is there, and no record explains it`,
      reconcilers: cleaner,
      repair: cleanRepair,
    }
  for await (const images of pages(
    (after, limit) => imagesHeldPage(ctx.db, after, limit),
    ({ id }) => id,
  )) {
    for (const image of images) yield* recordDifferences(ctx, image)
  }
}

async function* recordDifferences(ctx: Context, { id, status, size, data_token: token, ...upload }: Held): AsyncGenerator<Finding> {
  const of = { resourceType: 'image', resourceId: id }
  if (status === 'active' || status === 'deactivated') {
    // an image of no bytes, made from a volume, has a file too
    const found = token === null ? null : await imageStore(ctx.platform).sizeOf({ imageId: id, token })
    if (found === size) return
    const message = found === null ? 'its file is gone' : `its file has ${found} bytes, its record ${size}`
    yield { ...of, message, repair: killRepair(id, status, message) }
  } else if (!(status === 'uploading' && upload.staged !== null) && !isOwned(ctx, upload)) {
    yield { ...of, message: `it rests in ${status}, and nobody uploads it`, reconcilers: cleaner, repair: cleanRepair }
  }
}

const isOwned = (ctx: Context, { upload_token, upload_lease_until }: Pick<Held, 'upload_token' | 'upload_lease_until'>) =>
  upload_token !== null &&
  (uploadsHere(ctx).has(upload_token) ||
    upload_lease_until === importLease ||
    (!ctx.platform.exclusive && upload_lease_until > ctx.clock.nowMs()))

/** Nobody may boot from what is not what its checksum says. */
const killRepair = (id: string, status: ImageStatus, reason: string): Repair => ({
  words: 'set the image to killed',
  async run({ ctx }) {
    await ctx.transaction(async (tx) => {
      if (!(await imageAdvance(tx.db, id, { status: [status] }, { status: 'killed', updated_at: isoMillis(tx.clock.nowMs()) }))) return
      await eventAppend(tx, { resourceType: 'image', resourceId: id, projectId: null, action: 'fsck', result: 'error', message: reason })
    })
  },
})

/** What the cleaner had two chances for is not explained by it. */
const cleanersTurnsMs = 2 * everyMs

async function* findCached(ctx: Context, host: Host): AsyncGenerator<Finding> {
  const cached = (await host.images.list()).filter(({ idleMs }) => idleMs > cleanersTurnsMs)
  if (cached.length === 0) return
  const known = await imagesKnown(
    ctx.db,
    cached.map(({ imageId }) => imageId),
  )
  const strangers = cached.filter(({ imageId }) => !known.has(imageId))
  if (strangers.length === 0) return
  const stoodOn = new Set((await host.guests.list()).flatMap(({ made }) => made?.imageIds ?? []))
  for (const { imageId } of strangers) {
    if (stoodOn.has(imageId)) continue
    const repair: Repair = { words: 'have the cache cleaned', run: ({ ctx: work }) => work.work.signal(work, imageCacheClean) }
    yield {
      resourceType: 'image',
      resourceId: imageId,
      host: host.name,
      message: `${host.name} keeps it in its cache, and neither an image nor a guest explains that`,
      reconcilers: [`${imageCacheClean.name}/`, `${imageCacheCleanHost.name}/${host.name}`],
      repair,
    }
  }
}
