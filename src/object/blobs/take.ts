// Takes bytes in: bounded, hashed, encrypted when that is asked for, and durable when it resolves. No row is written here: what no row
// names is rubbish, whatever happens in between.
import { Readable } from 'node:stream'
import { digestOf, type Digest } from '../../platform/bytes/digests.ts'
import { receive, TooLongError, type Received, type Sink } from '../../platform/bytes/receive.ts'
import { ObjectRefusal } from '../refusal.ts'
import type { BlobDriver, BlobName, BlobWriter } from './backends/driver.ts'
import type { Body } from './body.ts'
import { Checksums, checksumsOf } from './checksums.ts'
import { crypt, type NewKey } from './encryption.ts'

/** So much goes into the database with its row: up to there SQLite is the faster disk. */
const smallBytes = 65_536
/** between two looks at the room that is left */
const roomEveryBytes = 33_554_432

export interface TakeOptions {
  maxBytes: number
  /** as announced: neither less nor more may come */
  bytes?: number | undefined
  /** beside MD5 */
  digests?: readonly Digest[]
}

export interface Taking {
  driver: BlobDriver
  name: BlobName
  newKey: NewKey | null
  /** Throws ObjectRefusal 'full' when so much more does not fit. */
  checkRoom(bytes: number): Promise<void>
}

export async function take(source: Readable | Buffer, options: TakeOptions, taking: Taking): Promise<Body> {
  const { maxBytes, bytes } = options
  const limit = Math.min(maxBytes, bytes ?? maxBytes)
  if (Buffer.isBuffer(source) && source.length > limit) throw tooMuch(options)
  if (bytes !== undefined && bytes > maxBytes) throw tooMuch(options)
  await taking.checkRoom(bytes ?? 0)
  const blob = new BlobSink(taking)
  try {
    const received = await receiveAll(source, { limit, digests: [...new Set<Digest>(['md5', ...(options.digests ?? [])])], blob })
    if (bytes !== undefined && received.sizeBytes < bytes)
      throw new ObjectRefusal('short', { expected: bytes, received: received.sizeBytes })
    return blob.body(received)
  } catch (error) {
    await blob.abandon()
    if (error instanceof TooLongError) throw tooMuch(options)
    throw isFull(error) ? new ObjectRefusal('full') : error
  }
}

interface Receiving {
  limit: number
  digests: Digest[]
  blob: BlobSink
}

async function receiveAll(source: Readable | Buffer, { limit, digests, blob }: Receiving): Promise<Received> {
  if (Buffer.isBuffer(source) && source.length <= smallBytes)
    return { sizeBytes: source.length, digests: digestOf(source, digests), small: source }
  const stream = Buffer.isBuffer(source) ? Readable.from([source]) : source
  return receive(stream, { open: () => blob.open(), maxBytes: limit, digests, smallBytes })
}

const tooMuch = ({ maxBytes, bytes }: TakeOptions): ObjectRefusal =>
  bytes !== undefined && bytes <= maxBytes ? new ObjectRefusal('short', { expected: bytes }) : new ObjectRefusal('too-large', { maxBytes })

/** The disk is full beyond what the reserve foresaw: others write to it too. */
const isFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')

/** Between the bytes as they come and the driver: encrypts, and keeps the checksum of each block as it is stored. */
class BlobSink {
  #taking: Taking
  #checksums = new Checksums()
  #writer: BlobWriter | null = null
  #uncheckedBytes = 0

  constructor(taking: Taking) {
    this.#taking = taking
  }

  async open(): Promise<Sink> {
    const writer = (this.#writer = await this.#taking.driver.create(this.#taking.name))
    return {
      write: async (bytes, offset, length, position) => {
        const block = this.#stored(bytes.subarray(offset, offset + length), position)
        this.#checksums.add(block)
        await this.#roomNow(length)
        let done = 0
        while (done < length) done += (await writer.write(block, done, length - done, position + done)).bytesWritten
        return { bytesWritten: length }
      },
      datasync: () => writer.datasync(),
      sync: () => writer.finish(),
    }
  }

  #stored(bytes: Buffer, position: number): Buffer {
    const { newKey } = this.#taking
    return newKey ? crypt(newKey.plain, bytes, position) : bytes
  }

  async #roomNow(length: number): Promise<void> {
    this.#uncheckedBytes += length
    if (this.#uncheckedBytes < roomEveryBytes) return
    this.#uncheckedBytes = 0
    await this.#taking.checkRoom(length)
  }

  abandon(): Promise<void> {
    return this.#writer?.abandon() ?? Promise.resolve()
  }

  body({ sizeBytes, digests, small }: Received): Body {
    const { name, newKey, driver } = this.#taking
    const known = { bytes: sizeBytes, md5: digests.md5?.toString('hex') ?? '', digests }
    if (sizeBytes === 0) return { ...known, id: null, place: 'small', directory: '', crcs: Buffer.alloc(0), small: null, key: null }
    const [id, key] = [name.id, newKey?.key ?? null]
    if (!small) return { ...known, id, place: driver.place, directory: name.directory, crcs: this.#checksums.bytes(), small, key }
    const stored = this.#stored(small, 0)
    return { ...known, id, place: 'small', directory: '', crcs: checksumsOf(stored), small: stored, key }
  }
}
