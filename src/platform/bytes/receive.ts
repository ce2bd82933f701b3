// Takes a stream to where it is kept: hashed, its head inspected, bounded, and on the disk when it resolves. Data is copied once, from
// the socket's chunks into blocks of shared memory that the disk and the hashes read; a block is filled again
// when all are done with it, which is also what slows the sender down. Images and objects both come in this way.
import { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { assert } from '../errors.ts'
import { blockBytes, blockGive, blockTake, mayTakeBlock, type Block } from './blocks.ts'
import { digestOf, type Digest, type Digests } from './digests.ts'
import { startHashing, type Hashing } from './hashing.ts'

/** of one stream at most */
const mostBlocks = 6
/** data is pushed to the disk while more comes in, so that the last flush is short */
const flushEveryBytes = 33_554_432

/** A file, or what stands for one. Blocks come in the order of their positions, each a MiB but the last. */
export interface Sink {
  write(bytes: Buffer, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>
  datasync(): Promise<void>
  sync(): Promise<void>
}

export interface Received {
  sizeBytes: number
  digests: Digests
  /** all of it, when that is no more than `smallBytes`: nothing was opened then */
  small: Buffer | null
}

export interface ReceiveOptions {
  /** called once, when there is something to write */
  open(): Promise<Sink>
  maxBytes: number
  digests: readonly Digest[]
  /** so little is handed back instead of being written */
  smallBytes?: number
  headBytes?: number
  /** looks at the first bytes as soon as they are there (or the end is); throws to refuse the rest */
  inspect?(head: Buffer): void
}

/** The stream is longer than allowed. */
export class TooLongError extends Error {}

/** Writes the whole stream and fsyncs it. Rejects when the stream breaks, is too long or is refused: what was written is rubbish then. */
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
  #sink: Promise<Sink> | null = null
  /** what is filled now */
  #block: Block | null = null
  #filled = 0
  /** blocks that the disk or a hash still reads, the oldest first */
  #reading: Promise<unknown>[] = []
  #failure: { error: unknown } | null = null
  #sizeBytes = 0
  #handedBytes = 0
  #unflushedBytes = 0
  #flush: Promise<void> = Promise.resolve()
  #inspected = false
  #hashing: Hashing | null = null

  constructor(options: ReceiveOptions) {
    this.#options = options
    this.#inspected = options.inspect === undefined
  }

  /** Takes the chunk; null, or a promise when all blocks are full: nothing more may be given before it resolves. */
  take(chunk: Buffer): Promise<void> | null {
    this.#sizeBytes += chunk.length
    if (this.#sizeBytes > this.#options.maxBytes) throw new TooLongError(`The data is larger than ${this.#options.maxBytes} bytes.`)
    return this.#fill(chunk)
  }

  #fill(chunk: Buffer): Promise<void> | null {
    let at = 0
    while (at < chunk.length) {
      if (this.#failure) throw this.#failure.error
      const block = (this.#block ??= this.#nextBlock())
      if (!block) return this.#oldestRead().then(() => this.#fill(chunk.subarray(at)) ?? undefined)
      const taken = chunk.copy(block.bytes, this.#filled, at, at + blockBytes - this.#filled)
      at += taken
      this.#filled += taken
      if (!this.#inspected && this.#filled >= (this.#options.headBytes ?? blockBytes)) this.#inspect()
      if (this.#filled === blockBytes) this.#handOver(true)
    }
    return null
  }

  #nextBlock(): Block | null {
    return mayTakeBlock(this.#reading.length, mostBlocks) ? blockTake() : null
  }

  async #oldestRead(): Promise<void> {
    await this.#reading[0]
  }

  /** The head lies in the first block, which is larger than any head. */
  #inspect(): void {
    this.#inspected = true
    const head = this.#block?.bytes.subarray(0, Math.min(this.#filled, this.#options.headBytes ?? blockBytes)) ?? Buffer.alloc(0)
    this.#options.inspect?.(Buffer.from(head))
  }

  #handOver(hashed: boolean): void {
    const [block, length] = [this.#block, this.#filled]
    assert(block, 'there is no block to hand over')
    this.#block = null
    this.#filled = 0
    if (hashed) this.#hashing ??= startHashing(this.#options.digests)
    const readers = [this.#write(block, length), hashed ? this.#hashing?.update(block.memory, length) : null]
    const done: Promise<unknown> = Promise.allSettled(readers).then((results) => {
      for (const result of results) if (result.status === 'rejected') this.#failure ??= { error: result.reason }
      blockGive(block)
      this.#reading.splice(this.#reading.indexOf(done), 1)
    })
    this.#reading.push(done)
  }

  async #write(block: Block, length: number): Promise<void> {
    const position = this.#handedBytes
    this.#handedBytes += length
    const sink = await (this.#sink ??= this.#options.open())
    let done = 0
    while (done < length) done += (await sink.write(block.bytes, done, length - done, position + done)).bytesWritten
    this.#unflushedBytes += length
    if (this.#unflushedBytes < flushEveryBytes) return
    this.#unflushedBytes = 0
    this.#flush = this.#flush.then(() => sink.datasync())
    this.#flush.catch(() => undefined)
  }

  async finish(): Promise<Received> {
    if (!this.#inspected) this.#inspect()
    const short = this.#hashing === null
    const rest = this.#block?.bytes.subarray(0, this.#filled) ?? Buffer.alloc(0)
    const inPlace = short ? digestOf(rest, this.#options.digests) : null
    if (this.#sizeBytes <= (this.#options.smallBytes ?? -1))
      return { sizeBytes: this.#sizeBytes, digests: inPlace ?? {}, small: Buffer.from(rest) }
    if (this.#filled > 0) this.#handOver(!short)
    const sink = await (this.#sink ??= this.#options.open())
    const [digests] = await Promise.all([inPlace ?? this.#threadsDigest(), ...this.#reading])
    if (this.#failure) throw this.#failure.error
    assert(this.#handedBytes === this.#sizeBytes, `${this.#sizeBytes} bytes came and ${this.#handedBytes} were written`)
    await this.#flush
    await sink.sync()
    return { sizeBytes: this.#sizeBytes, digests, small: null }
  }

  /** Orders to a thread are answered in order, so the digest is asked for without waiting. */
  async #threadsDigest(): Promise<Digests> {
    assert(this.#hashing, 'no hashing was started')
    return this.#hashing.digest()
  }

  /** Nothing reads or writes the blocks or the file afterwards. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#reading, this.#flush])
    if (this.#block) blockGive(this.#block)
    this.#block = null
    this.#hashing?.close()
  }
}
