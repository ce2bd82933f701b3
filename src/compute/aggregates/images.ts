// Images fetched to an aggregate's hosts before anybody boots from them.
import type { Context } from '../../platform/context.ts'
import { badRequest } from '../../platform/errors.ts'
import { eventAppend } from '../../platform/events.ts'
import { saga } from '../../platform/work/definition.ts'
import { imagesByIds } from '../../image/index.ts'
import { aggregateGet } from './aggregates.ts'

interface Data {
  aggregateId: number
  host: string
  imageIds: string[]
}

/** One host's part; a host that cannot fetch an image leaves a line in the aggregate's timeline. */
export const imageCacheSaga = saga<Data>({
  name: 'image-cache',
  deadlineMs: 3_600_000,
  limit: (_ctx, { host }) => ({ key: `image-cache/${host}`, max: 1 }),
  steps: [
    {
      name: 'fetch',
      async run(work, { host, imageIds }) {
        for (const imageId of imageIds) await work.ctx.hosts.get(host).images.ensure(imageId, work.call)
      },
      async commit({ ctx }, { aggregateId, host }) {
        await eventAppend(ctx, {
          resourceType: 'aggregate',
          resourceId: String(aggregateId),
          action: 'cache-images',
          result: 'success',
          host,
        })
      },
    },
  ],
  async failed({ ctx }, { aggregateId, host }, reason) {
    await eventAppend(ctx, {
      resourceType: 'aggregate',
      resourceId: String(aggregateId),
      action: 'cache-images',
      result: 'error',
      message: reason,
      host,
    })
  },
})

export async function aggregateCacheImages(ctx: Context, aggregateId: number, imageIds: string[]): Promise<void> {
  if (new Set(imageIds).size < imageIds.length) throw badRequest('Duplicate images in request')
  await ctx.transaction(async (tx) => {
    const { hosts } = await aggregateGet(tx, aggregateId)
    const known = await imagesByIds(tx, imageIds)
    const missing = imageIds.find((id) => known.get(id)?.status !== 'active')
    if (missing) throw badRequest(`Image ${missing} could not be found.`)
    for (const host of hosts)
      await tx.work.enqueue(
        tx,
        imageCacheSaga,
        { aggregateId, host, imageIds },
        { resourceId: String(aggregateId), priority: 'background' },
      )
  })
}
