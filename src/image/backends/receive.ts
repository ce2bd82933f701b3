// Takes a stream to a file: hashed, its head inspected, bounded, and on the disk when it resolves. Data is copied once,
// from the socket's chunks into blocks of shared memory that the disk and both hashes read; a block is filled
// again when all three are done with it, which is also what slows the sender down.
import type { FileHandle } from 'node:fs/promises'
import { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { hashInPlace, startHashing, type Digests, type Hashing } from './hashing.ts'

const blockBytes = 1_048_576
const blockCount = 8
/** data is pushed to the disk while more comes in, so that the last flush is short */
const flushEveryBytes = 33_554_432

export interface Received extends Digests {
  sizeBytes: number
}

export interface ReceiveOptions {
  file: FileHandle
  maxBytes: number
  headBytes: number
  /** looks at the first bytes as soon as they are there (or the end is); throws to refuse the rest */
  inspect(head: Buffer): void
}

/** The stream is longer than allowed. */
export class TooLongError extends Error {}

/** Writes the whole stream to the file and fsyncs it. Rejects when the stream breaks, is too long or is refused: the file is rubbish then. */
export async function receive(source: Readable, options: ReceiveOptions): Promise<Received> {
  const receiver = new Receiver(options)
  try {
    await drain(source, receiver)
    return await receiver.finish()
  } finally {
    await receiver.close()
  }
}

/** By events: an iterator costs a tick more for each of the thousands of chunks. A refused source is left open: its other end shall read why. */
function drain(source: Readable, receiver: Receiver): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown) => {
      source.off('data', onData).off('end', onEnd).off('error', settle).off('close', onClose)
      if (error === undefined) return resolve()
      source.pause()
      reject(error)
    }
    // the stream may end while its last chunk still waits for a block
    let lastTake: Promise<void> = Promise.resolve()
    const onEnd = () => {
      source.off('close', onClose)
      lastTake.then(() => settle(), settle)
    }
    const onClose = () => settle(source.errored ?? Object.assign(new Error('the stream broke off'), { code: 'ERR_STREAM_PREMATURE_CLOSE' }))
    const taken = source instanceof IncomingMessage ? freeChunk : () => undefined
    const onData = (chunk: Buffer) => {
      try {
        const waits = receiver.take(chunk)
        if (!waits) return taken(chunk)
        source.pause()
        lastTake = waits
        waits.then(() => {
          taken(chunk)
          source.resume()
        }, settle)
      } catch (error) {
        settle(error)
      }
    }
    if (source.destroyed && !source.readableEnded) return onClose()
    source.on('data', onData).on('end', onEnd).on('error', settle).on('close', onClose)
  })
}

/**
 * Gives a request's chunk back to the system now: nobody else has it. Left to the garbage collector, 64 KiB outside of
 * its heap for each chunk make it collect the whole heap again and again: a third of an upload's CPU time.
 */
function freeChunk({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0)
}

class Receiver {
  #options: ReceiveOptions
  #memory = new SharedArrayBuffer(blockBytes * blockCount)
  #bytes = Buffer.from(this.#memory)
  /** per block: what still reads it; null when it may be filled */
  #readers: (Promise<unknown> | null)[] = Array.from({ length: blockCount }, () => null)
  #failure: { error: unknown } | null = null
  #block = 0
  #filled = 0
  #sizeBytes = 0
  #writtenBytes = 0
  #unflushedBytes = 0
  #flush: Promise<void> = Promise.resolve()
  #inspected = false
  #hashing: Hashing | null = null

  constructor(options: ReceiveOptions) {
    this.#options = options
  }

  /** Takes the chunk; null, or a promise when all blocks are full: nothing more may be given before it resolves. */
  take(chunk: Buffer): Promise<void> | null {
    this.#sizeBytes += chunk.length
    if (this.#sizeBytes > this.#options.maxBytes) throw new TooLongError(`The image is larger than ${this.#options.maxBytes} bytes.`)
    return this.#fill(chunk)
  }

  #fill(chunk: Buffer): Promise<void> | null {
    let at = 0
    while (at < chunk.length) {
      if (this.#failure) throw this.#failure.error
      const full = this.#readers[this.#block]
      if (full) return full.then(() => this.#fill(chunk.subarray(at)) ?? undefined)
      const taken = chunk.copy(this.#bytes, this.#block * blockBytes + this.#filled, at, at + blockBytes - this.#filled)
      at += taken
      this.#filled += taken
      if (!this.#inspected && this.#filled >= this.#options.headBytes) this.#inspect()
      if (this.#filled === blockBytes) this.#next()
    }
    return null
  }

  /** The head lies in the first block, which is larger than any head. */
  #inspect(): void {
    this.#inspected = true
    this.#options.inspect(Buffer.from(this.#bytes.subarray(0, Math.min(this.#filled, this.#options.headBytes))))
  }

  #next(): void {
    this.#hashing ??= startHashing(this.#memory, blockBytes)
    this.#handOver()
    this.#block = (this.#block + 1) % blockCount
  }

  #handOver(): void {
    const [block, length] = [this.#block, this.#filled]
    this.#filled = 0
    const readers = Promise.all([this.#write(block, length), this.#hashing?.update(block, length)])
    this.#readers[block] = readers
    readers.then(
      () => (this.#readers[block] = null),
      (error: unknown) => (this.#failure ??= { error }),
    )
  }

  async #write(block: number, length: number): Promise<void> {
    const [position, start] = [this.#writtenBytes, block * blockBytes]
    this.#writtenBytes += length
    let done = 0
    while (done < length) done += (await this.#options.file.write(this.#bytes, start + done, length - done, position + done)).bytesWritten
    this.#unflushedBytes += length
    if (this.#unflushedBytes < flushEveryBytes) return
    this.#unflushedBytes = 0
    this.#flush = this.#flush.then(() => this.#options.file.datasync())
    this.#flush.catch(() => undefined)
  }

  async finish(): Promise<Received> {
    if (!this.#inspected) this.#inspect()
    const short = this.#hashing === null
    const digests = short ? hashInPlace(this.#bytes.subarray(0, this.#filled)) : null
    if (this.#filled > 0) this.#handOver()
    const [hashed] = await Promise.all([digests ?? this.#readersThenDigest(), ...this.#readers])
    if (this.#failure) throw this.#failure.error
    if (this.#writtenBytes !== this.#sizeBytes) throw new Error(`${this.#sizeBytes} bytes came and ${this.#writtenBytes} were written`)
    await this.#flush
    await this.#options.file.sync()
    return { sizeBytes: this.#sizeBytes, ...hashed }
  }

  /** Orders to a thread are answered in order, so the digest is asked for without waiting. */
  async #readersThenDigest(): Promise<Digests> {
    if (!this.#hashing) throw new Error('no hashing was started')
    return this.#hashing.digest()
  }

  /** Nothing reads or writes the blocks or the file afterwards. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#readers, this.#flush])
    this.#hashing?.close()
  }
}
