// The fake image cache: fetches and verifies like the real one (so a broken store is noticed), keeps nothing but the facts.
import { Writable } from 'node:stream'
import type { ImageSource } from '../../contract/images.ts'
import type { FakeWorld } from '../fake-world.ts'
import { createHolds } from './holds.ts'
import type { LocalImages } from './local-images.ts'
import { baseFormat, receiveImage } from './receive.ts'
import { createOnce } from './once.ts'

export interface FakeImagesOptions {
  source: ImageSource
  /** images that some disk stands on */
  inUse: () => Promise<string[]>
}

interface FakeImage {
  format: 'raw' | 'qcow2'
  virtualSizeBytes: number
  usedAtMs: number
}

export function createFakeImages(world: FakeWorld, { source, inUse }: FakeImagesOptions): LocalImages {
  const { journal, clock } = world
  const once = createOnce<Omit<FakeImage, 'usedAtMs'>>()
  const holds = createHolds()
  const key = (imageId: string) => `image/${imageId}`
  const fetch = async (imageId: string, call: Parameters<LocalImages['ensure']>[1]) => {
    const { diskFormat, virtualSizeBytes } = await receiveImage(source, imageId, {
      sink: () => new Writable({ write: (_chunk, _encoding, done) => done() }),
      call,
      clock,
    })
    return { format: baseFormat(diskFormat), virtualSizeBytes }
  }

  const hold: LocalImages['hold'] = async (imageId, call, work) => {
    world.reach()
    return holds.hold(imageId, async () => {
      const { format, virtualSizeBytes } = journal.get<FakeImage>(key(imageId)) ?? (await once(imageId, call, () => fetch(imageId, call)))
      world.reach()
      journal.put(key(imageId), { format, virtualSizeBytes, usedAtMs: clock.nowMs() } satisfies FakeImage)
      return work({ path: `fake:${imageId}`, format, virtualSizeBytes })
    })
  }
  return {
    hold,
    ensure: (imageId, call) => hold(imageId, call, async (base) => base),
    async list() {
      world.reach()
      return journal
        .keys('image/')
        .map((each) => ({ imageId: each.slice('image/'.length), idleMs: clock.nowMs() - (journal.get<FakeImage>(each)?.usedAtMs ?? 0) }))
    },
    async forget(imageIds) {
      world.reach()
      return holds.claim(imageIds, async (free) => {
        const used = new Set(await inUse())
        const unused = free.filter((each) => !used.has(each))
        for (const imageId of unused) journal.put(key(imageId), undefined)
        return imageIds.filter((each) => !unused.includes(each))
      })
    },
  }
}
