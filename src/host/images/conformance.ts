// What every image cache must do, as tests over the interface. cache.test.ts runs it over the fake and the real one.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import type { ImageSource } from '../../contract/images.ts'
import { HostError } from '../../contract/call.ts'
import type { TestClock } from '../../../test/support/test-clock.ts'
import type { LocalImages } from './local-images.ts'
import { defaultSilenceMs } from '../../platform/silence.ts'
import { tinyQcow2 } from '../../platform/disk-image/tiny-qcow2.ts'

export interface ImagesLab {
  images: LocalImages
  clock: TestClock
  /** images that a disk stands on */
  used: string[]
  close(): Promise<void>
}

const call = (signal?: AbortSignal) => ({ fence: 1, requestId: 'req-conformance', ...(signal ? { signal } : {}) })

/** A store that counts how often it was asked, and may send something else than it says. */
function aStore(content: Buffer = tinyQcow2(64 * 2 ** 20), sent: Buffer = content, diskFormat: 'raw' | 'qcow2' = 'qcow2') {
  let opened = 0
  const source: ImageSource = {
    async open(imageId) {
      if (imageId === 'missing') throw new HostError('not_found', 'there is no such image')
      opened += 1
      const stream = Readable.from(
        (function* chunks() {
          for (let at = 0; at < sent.length; at += 4096) yield sent.subarray(at, at + 4096)
        })(),
      )
      return {
        stream,
        sizeBytes: content.length,
        diskFormat,
        hashAlgorithm: 'sha512',
        hashValue: createHash('sha512').update(content).digest('hex'),
      }
    },
  }
  return { source, opened: () => opened }
}

/** A store that sends what a test pushes, or does not even answer. */
function aSlowStore(content = tinyQcow2(64 * 2 ** 20), answers: Promise<void> = Promise.resolve()) {
  const stream = new Readable({ read: () => undefined })
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  const source: ImageSource = {
    async open() {
      resolve()
      await answers
      return {
        stream,
        sizeBytes: content.length,
        diskFormat: 'qcow2',
        hashAlgorithm: 'sha512',
        hashValue: createHash('sha512').update(content).digest('hex'),
      }
    },
  }
  return { source, stream, content, asked }
}

const idsOf = async (images: LocalImages) => (await images.list()).map(({ imageId }) => imageId)

export function imagesConformance(driver: string, openLab: (source: ImageSource) => Promise<ImagesLab>): void {
  const withLab = (name: string, store: { source: ImageSource }, work: (lab: ImagesLab) => Promise<void>) =>
    test(name, async () => {
      const lab = await openLab(store.source)
      try {
        await work(lab)
      } finally {
        await lab.close()
      }
    })

  describe(`${driver} image cache`, () => {
    const store = aStore()
    withLab('an image is fetched once, however many ask', store, async ({ images }) => {
      const all = await Promise.all(Array.from({ length: 5 }, () => images.ensure('image-1', call())))
      const again = await images.ensure('image-1', call())
      assert.deepEqual([...new Set(all.map(({ path }) => path))], [again.path])
      assert.deepEqual([again.format, again.virtualSizeBytes, store.opened()], ['qcow2', 64 * 2 ** 20, 1])
      assert.deepEqual(await idsOf(images), ['image-1'])
    })

    withLab('an image that is not there is not found', aStore(), async ({ images }) => {
      await assert.rejects(images.ensure('missing', call()), { code: 'not_found' })
      assert.deepEqual(await images.list(), [])
    })

    const flipped = tinyQcow2(64 * 2 ** 20)
    flipped[20_000] = 1
    withLab(
      'an image whose bytes are not its hash is refused and not kept',
      aStore(tinyQcow2(64 * 2 ** 20), flipped),
      async ({ images }) => {
        await assert.rejects(images.ensure('image-1', call()), { code: 'bad_image' })
        assert.deepEqual(await images.list(), [])
      },
    )

    withLab(
      'a fetch that breaks off fails and can be tried again',
      aStore(tinyQcow2(64 * 2 ** 20), tinyQcow2(64 * 2 ** 20).subarray(0, 20_000)),
      async ({ images }) => {
        await assert.rejects(images.ensure('image-1', call()), { code: 'failed' })
        assert.deepEqual(await images.list(), [])
      },
    )

    const content = tinyQcow2(64 * 2 ** 20)
    withLab(
      'an image that is longer than it says is refused and not kept',
      aStore(content.subarray(0, 1000), content),
      async ({ images }) => {
        await assert.rejects(images.ensure('image-1', call()), { code: 'bad_image', message: /longer/ })
        assert.deepEqual(await images.list(), [])
      },
    )

    const silent = aSlowStore()
    withLab('a fetch of which nothing comes ends', silent, async ({ images, clock }) => {
      const fetched = assert.rejects(images.ensure('image-1', call()), { code: 'unreachable', message: /stalled/ })
      await silent.asked
      await clock.advance(defaultSilenceMs)
      await fetched
      assert.ok(silent.stream.destroyed)
      assert.deepEqual(await images.list(), [])
    })

    const answer = Promise.withResolvers<void>()
    const mute = aSlowStore(content, answer.promise)
    withLab(
      'a store that does not answer is not waited for, and what it sends after all is not kept open',
      mute,
      async ({ images, clock }) => {
        const fetched = assert.rejects(images.ensure('image-1', call()), { code: 'unreachable' })
        await mute.asked
        await clock.advance(defaultSilenceMs)
        await fetched
        answer.resolve()
        await once(mute.stream, 'close')
      },
    )

    const slow = aSlowStore()
    withLab('a fetch that goes on may take as long as it does', slow, async ({ images, clock }) => {
      let heard = Promise.withResolvers<void>()
      const fetched = images.ensure('image-1', { ...call(), progress: () => heard.resolve() })
      await slow.asked
      const partBytes = Math.ceil(slow.content.length / 10)
      for (let at = 0; at < slow.content.length; at += partBytes) {
        heard = Promise.withResolvers()
        slow.stream.push(slow.content.subarray(at, at + partBytes))
        await heard.promise
        await clock.advance(defaultSilenceMs - 1)
      }
      slow.stream.push(null)
      assert.equal((await fetched).format, 'qcow2')
    })

    const hanging = aSlowStore()
    withLab('who is cancelled does not wait for the fetch of another', hanging, async ({ images }) => {
      const [first, second] = [new AbortController(), new AbortController()]
      const fetched = assert.rejects(images.ensure('image-1', call(first.signal)), /the first/)
      await hanging.asked
      const waits = assert.rejects(images.ensure('image-1', call(second.signal)), /the second/)
      second.abort(new Error('the second'))
      await waits
      first.abort(new Error('the first'))
      await fetched
    })

    const backed = tinyQcow2(64 * 2 ** 20)
    backed.writeBigUInt64BE(512n, 8)
    withLab(
      'attack-17: an image with a backing file never becomes a base, though its hash is right',
      aStore(backed),
      async ({ images }) => {
        await assert.rejects(images.ensure('image-1', call()), { code: 'bad_image', message: /backing file/ })
        assert.deepEqual(await images.list(), [])
      },
    )

    withLab('a raw image with a qcow2 header is refused', aStore(tinyQcow2(2 ** 20), undefined, 'raw'), async ({ images }) => {
      await assert.rejects(images.ensure('image-1', call()), { code: 'bad_image' })
    })

    withLab('who is cancelled does not take the others along', aStore(), async ({ images }) => {
      const lost = new AbortController()
      const first = images.ensure('image-1', call(lost.signal))
      const second = images.ensure('image-1', call())
      lost.abort(new Error('lease lost'))
      await assert.rejects(first)
      assert.equal((await second).format, 'qcow2')
    })

    withLab('what is forgotten goes, but for what disks stand on', aStore(), async ({ images, used }) => {
      for (const imageId of ['image-1', 'image-2', 'image-3']) await images.ensure(imageId, call())
      used.push('image-2')
      assert.deepEqual(await images.forget(['image-2', 'image-3', 'never-was']), ['image-2'])
      assert.deepEqual(await idsOf(images), ['image-1', 'image-2'])
    })

    withLab('an image that a disk is about to stand on is not forgotten', aStore(), async ({ images, used }) => {
      await images.hold('image-1', call(), async () => {
        assert.deepEqual(await images.forget(['image-1']), ['image-1'])
        assert.deepEqual(await idsOf(images), ['image-1'])
        used.push('image-1')
      })
      await images.forget(['image-1'])
      assert.deepEqual(await idsOf(images), ['image-1'])
    })

    const again = aStore()
    withLab('who asks for an image while it is being forgotten gets it anew', again, async ({ images }) => {
      await images.ensure('image-1', call())
      const forgotten = images.forget(['image-1'])
      await images.hold('image-1', call(), async () => assert.deepEqual(await idsOf(images), ['image-1']))
      await forgotten
      assert.deepEqual([await idsOf(images), again.opened()], [['image-1'], 2])
    })

    withLab('it knows for how long nobody asked for an image', aStore(), async ({ images, clock }) => {
      await images.ensure('image-1', call())
      await images.ensure('image-2', call())
      await clock.advance(5_000)
      await images.ensure('image-2', call())
      await clock.advance(1_000)
      assert.deepEqual(await images.list(), [
        { imageId: 'image-1', idleMs: 6_000 },
        { imageId: 'image-2', idleMs: 1_000 },
      ])
    })
  })
}
