// Takes an image from control's store to a sink: hashed on the way, its head inspected, its size checked. What comes
// out is what the store says it is, or HostError 'bad_image'. Used by the real and the fake cache.
import { createHash } from 'node:crypto'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Clock } from '../../platform/clock.ts'
import type { ImageSource, DiskImageFormat } from '../../contract/images.ts'
import { type Call, HostError } from '../../contract/call.ts'
import { faultsOfClaim, inspectHeadBytes, inspectImage } from '../../platform/disk-image/inspect.ts'
import { type Silence, unlessAborted, watchSilence } from '../../platform/silence.ts'

type OpenedImage = Awaited<ReturnType<ImageSource['open']>>

export interface ReceivedImage {
  diskFormat: DiskImageFormat
  sizeBytes: number
  /** as its head says, or control */
  virtualSizeBytes: number
}

/** What a disk stands on: these bytes as they are, or what they are converted to. */
export const baseFormat = (diskFormat: DiskImageFormat): 'raw' | 'qcow2' => (diskFormat === 'raw' || diskFormat === 'iso' ? 'raw' : 'qcow2')

export interface Receiver {
  /** made when there is something to write, so that an image that is not there leaves nothing */
  sink: () => Writable
  call: Call
  clock: Clock
}

/** Streams the image into the sink and verifies it; rejects before the caller may use a byte of it, and when nothing is written any more. */
export async function receiveImage(source: ImageSource, imageId: string, to: Receiver): Promise<ReceivedImage> {
  const stalled = (seconds: number) => new HostError('unreachable', `the image ${imageId} stalled: nothing came for ${seconds} seconds`)
  const silence = watchSilence({ clock: to.clock, signal: to.call.signal, stalled })
  try {
    const opening = source.open(imageId)
    const opened = await unlessAborted(opening, silence.signal).catch((error: unknown) => {
      opening.then(
        ({ stream }) => stream.destroy(),
        () => undefined,
      ) // too late for anybody
      throw error
    })
    return await verified(opened, imageId, { ...to, silence })
  } finally {
    silence.end()
  }
}

async function verified(
  { stream, ...wanted }: OpenedImage,
  imageId: string,
  { sink, call, silence }: Receiver & { silence: Silence },
): Promise<ReceivedImage> {
  const { sizeBytes, diskFormat, hashAlgorithm, hashValue } = wanted
  const hash = createHash(hashAlgorithm)
  const heads: Buffer[] = []
  let headBytes = 0
  let received = 0
  const observe = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      silence.progress()
      received += chunk.length
      if (received > sizeBytes) throw new HostError('bad_image', `the image ${imageId} is longer than ${sizeBytes} bytes`)
      hash.update(chunk)
      call.progress?.((received / Math.max(sizeBytes, 1)) * 100, `fetching image ${imageId}`)
      if (headBytes < inspectHeadBytes) {
        heads.push(chunk)
        headBytes += chunk.length
      }
      yield chunk
    }
  }
  await written(sink(), (target) => unlessAborted(pipeline(stream, observe, target, { signal: silence.signal }), silence.signal))
  if (received !== sizeBytes) throw new HostError('failed', `the image ${imageId} broke off after ${received} of ${sizeBytes} bytes`)
  if (hash.digest('hex') !== hashValue) throw new HostError('bad_image', `the image ${imageId} does not have the hash that it should have`)
  const inspection = inspectImage(Buffer.concat(heads))
  // a fixed VHD says what it is at its end alone, which the real cache looks at when it is there
  const saysLater = diskFormat === 'vhd' && ['raw', 'gpt'].includes(inspection.format)
  const faults = saysLater ? [] : faultsOfClaim(diskFormat, inspection)
  if (faults.length > 0) throw new HostError('bad_image', `the image ${imageId} is refused: ${faults.join('; ')}`)
  const virtualSizeBytes = baseFormat(diskFormat) === 'raw' ? sizeBytes : (inspection.virtualSizeBytes ?? wanted.virtualSizeBytes ?? 0)
  return { diskFormat, sizeBytes, virtualSizeBytes }
}

/** A file that is still being opened when the writing fails would be there again after its caller has removed it. */
async function written(target: Writable, write: (target: Writable) => Promise<void>): Promise<void> {
  const closed = new Promise((resolve) => target.once('close', resolve))
  try {
    await write(target)
  } catch (error) {
    target.destroy()
    await closed
    throw error
  }
}
