// A fake host in memory under a clock that moves by hand: the ground on which the fake drivers are tested.
import { Readable } from 'node:stream'
import { createHash } from 'node:crypto'
import { silentLog } from '../../src/platform/log.ts'
import type { ImageSource } from '../../src/contract/images.ts'
import { HostError } from '../../src/contract/call.ts'
import { assembleFakeHost, type FakeHost } from '../../src/host/fake-host.ts'
import { tinyQcow2 } from '../../src/platform/disk-image/tiny-qcow2.ts'
import { memoryJournal } from '../../src/host/journal.ts'
import { createTestClock, type TestClock } from './test-clock.ts'

export interface FakeLab {
  readonly host: FakeHost
  clock: TestClock
  imageId: string
  /** a new host over the same memory: the process died */
  restart(): Promise<void>
}

/** One image in a store of its own. */
export function imageSourceOf(imageId: string, content: Buffer): ImageSource {
  return {
    async open(id) {
      if (id !== imageId) throw new HostError('not_found', `there is no image ${id}`)
      const hashValue = createHash('sha512').update(content).digest('hex')
      return { stream: Readable.from([content]), sizeBytes: content.length, diskFormat: 'qcow2', hashAlgorithm: 'sha512', hashValue }
    },
  }
}

/** The same store, which has another image: it is asked for, and then nothing comes. */
export function stallingSourceOf(imageId: string, content: Buffer) {
  const whole = imageSourceOf(imageId, content)
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  const open: ImageSource['open'] = async (id) => {
    if (id !== 'stalled') return whole.open(id)
    resolve()
    return { ...(await whole.open(imageId)), stream: new Readable({ read: () => undefined }) }
  }
  return { open, asked }
}

export function openFakeLab(
  images: (imageId: string) => ImageSource = (imageId) => imageSourceOf(imageId, tinyQcow2(64 * 2 ** 20)),
): FakeLab {
  const imageId = 'image-1'
  const journal = memoryJournal()
  const clock = createTestClock()
  const source = images(imageId)
  const open = () => assembleFakeHost({ name: 'host1', clock, ids: { fraction: () => 0.5 }, log: silentLog, images: source, journal })
  let host = open()
  return {
    get host() {
      return host
    },
    clock,
    imageId,
    async restart() {
      host.world.stop()
      host = open()
      await clock.advance(0)
    },
  }
}
