// The fake image cache: fetches and verifies like the real one (so a broken store is noticed), keeps nothing but the facts.
import { Writable } from 'node:stream'
import type { ImageCache, ImageSource } from '../contract.ts'
import type { FakeWorld } from '../fake-world.ts'
import { type ReceivedImage, receiveImage } from './receive.ts'
import { createOnce } from './once.ts'

export interface FakeImagesOptions {
  source: ImageSource
  /** images that some disk stands on */
  inUse: () => Promise<string[]>
}

export function createFakeImages(world: FakeWorld, { source, inUse }: FakeImagesOptions): ImageCache {
  const once = createOnce<ReceivedImage>()
  const key = (imageId: string) => `image/${imageId}`
  return {
    async ensure(imageId, call) {
      world.reach()
      const held = world.journal.get<ReceivedImage>(key(imageId))
      const { format, virtualSizeBytes } = held ?? (await once(imageId, call, async () => {
        const sink = new Writable({ write: (_chunk, _encoding, done) => done() })
        const received = await receiveImage(source, imageId, { sink, call })
        world.journal.put(key(imageId), received)
        return received
      }))
      world.reach()
      return { path: `fake:${imageId}`, format, virtualSizeBytes }
    },
    async list() {
      world.reach()
      return world.journal.keys('image/').map((each) => each.slice('image/'.length))
    },
    async prune(keep) {
      world.reach()
      const kept = new Set([...keep, ...(await inUse())])
      for (const each of world.journal.keys('image/')) if (!kept.has(each.slice('image/'.length))) world.journal.put(each, undefined)
    },
  }
}
