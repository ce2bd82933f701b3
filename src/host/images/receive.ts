// Takes an image from control's store to a sink: hashed on the way, its head inspected, its size checked. What comes
// out is what the store says it is, or HostError 'bad_image'. Used by the real and the fake cache.
import { createHash } from 'node:crypto'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Call, HostError, type ImageSource } from '../contract.ts'
import { faultsOfClaim, inspectHeadBytes, inspectImage } from './inspect.ts'

export interface ReceivedImage {
  format: 'raw' | 'qcow2'
  sizeBytes: number
  virtualSizeBytes: number
}

/** Streams the image into the sink and verifies it; rejects before the caller may use a byte of it. */
export async function receiveImage(source: ImageSource, imageId: string, to: { sink: Writable; call: Call }): Promise<ReceivedImage> {
  const { stream, sizeBytes, diskFormat, hashAlgorithm, hashValue } = await source.open(imageId)
  const hash = createHash(hashAlgorithm)
  const heads: Buffer[] = []
  let headBytes = 0
  let received = 0
  const observe = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      received += chunk.length
      if (received > sizeBytes) throw new HostError('bad_image', `the image ${imageId} is longer than ${sizeBytes} bytes`)
      hash.update(chunk)
      to.call.progress?.((received / Math.max(sizeBytes, 1)) * 100, `fetching image ${imageId}`)
      if (headBytes < inspectHeadBytes) {
        heads.push(chunk)
        headBytes += chunk.length
      }
      yield chunk
    }
  }
  await pipeline(stream, observe, to.sink, to.call.signal ? { signal: to.call.signal } : {})
  if (received !== sizeBytes) throw new HostError('failed', `the image ${imageId} broke off after ${received} of ${sizeBytes} bytes`)
  if (hash.digest('hex') !== hashValue) throw new HostError('bad_image', `the image ${imageId} does not have the hash that it should have`)
  const inspection = inspectImage(Buffer.concat(heads))
  const faults = faultsOfClaim(diskFormat, inspection)
  if (faults.length > 0) throw new HostError('bad_image', `the image ${imageId} is refused: ${faults.join('; ')}`)
  const virtualSizeBytes = diskFormat === 'raw' ? sizeBytes : (inspection.virtualSizeBytes ?? 0)
  return { format: diskFormat, sizeBytes, virtualSizeBytes }
}
