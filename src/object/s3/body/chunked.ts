// aws-chunked bodies: pieces with their sizes in front, signed one upon the other or not, and at the end perhaps lines with a checksum
// (trailers). What comes out is the object's bytes alone. Whatever is wrong ends the stream with its refusal, also a body that is cut.
import { createHash, type Hash } from 'node:crypto'
import { Transform, type TransformCallback } from 'node:stream'
import { S3Error } from '../errors.ts'
import { emptySha256, hmac, sameText } from '../sign/canonical.ts'
import type { Seed } from '../sign/v4.ts'

export interface ChunkedOptions {
  /** signed pieces chain on it; null: the pieces are not signed */
  seed: Seed | null
  /** lines may follow the last piece: this one alone, when it was announced */
  trailer: boolean
  announced: string | null
  /** x-amz-decoded-content-length */
  bytes: number
}

/** `size;chunk-signature=<64>`: longer lines are refused, so that nothing is gathered without end. */
const lineBytesAtMost = 512
const trailerBytesAtMost = 4_096
/** all but the last piece are at least so long */
const signedPieceBytesAtLeast = 8_192

const lengthDiffers = (): S3Error =>
  new S3Error('IncompleteBody', 'You did not provide the number of bytes specified by the Content-Length HTTP header')

type State = 'size' | 'data' | 'after-data' | 'trailer' | 'done'

export class ChunkedBody extends Transform {
  /** once the stream has ended */
  readonly trailers = new Map<string, string>()
  #options: ChunkedOptions
  #state: State = 'size'
  /** of a line that is not whole yet */
  #line = ''
  #left = 0
  #taken = 0
  #wasShort = false
  #previous: string
  #claimed = ''
  #hash: Hash | null = null
  #trailerBytes = 0

  constructor(options: ChunkedOptions) {
    super()
    this.#options = options
    this.#previous = options.seed?.signature ?? ''
  }

  override _transform(bytes: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.#read(bytes)
    } catch (error) {
      return done(error as Error)
    }
    done()
  }

  override _flush(done: TransformCallback): void {
    if (this.#state === 'trailer' && this.trailers.size > 0 && !this.#isTrailerWhole) return done(new S3Error('MalformedTrailerError'))
    if (this.#state !== 'done') return done(new S3Error('IncompleteBody'))
    if (this.#taken !== this.#options.bytes) return done(lengthDiffers())
    done()
  }

  #read(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length) {
      if (this.#state === 'data') {
        const piece = bytes.subarray(at, at + this.#left)
        at += piece.length
        this.#data(piece)
        continue
      }
      if (this.#state === 'done') return this.#afterEnd(bytes.subarray(at))
      const end = bytes.indexOf(10, at)
      const part = bytes.toString('latin1', at, end < 0 ? bytes.length : end)
      at = end < 0 ? bytes.length : end + 1
      this.#line += part
      if (this.#line.length > lineBytesAtMost) throw new S3Error('IncompleteBody')
      if (end < 0) return
      const line = this.#line.endsWith('\r') ? this.#line.slice(0, -1) : this.#line
      this.#line = ''
      this.#lineEnd(line)
    }
  }

  #lineEnd(line: string): void {
    switch (this.#state) {
      case 'size':
        return this.#begin(line)
      case 'after-data':
        if (line !== '') throw new S3Error('IncompleteBody')
        this.#state = 'size'
        return
      default:
        return this.#trailerLine(line)
    }
  }

  #begin(line: string): void {
    const [size = '', ...extensions] = line.split(';')
    if (!/^[0-9a-f]{1,12}$/i.test(size.trim())) throw new S3Error('IncompleteBody')
    this.#left = Number.parseInt(size, 16)
    const { seed } = this.#options
    if (seed) {
      const signature = extensions.map((each) => each.trim()).find((each) => each.startsWith('chunk-signature='))
      if (signature === undefined) throw new S3Error('IncompleteBody')
      this.#claimed = signature.slice('chunk-signature='.length)
      if (!/^[0-9a-f]{64}$/.test(this.#claimed)) throw new S3Error('IncompleteBody')
      if (this.#wasShort && this.#left > 0) throw new S3Error('InvalidChunkSizeError')
      this.#wasShort = this.#left < signedPieceBytesAtLeast
    }
    this.#taken += this.#left
    if (this.#taken > this.#options.bytes) throw lengthDiffers()
    if (this.#left > 0) {
      this.#hash = seed ? createHash('sha256') : null
      this.#state = 'data'
      return
    }
    if (seed) this.#pieceVerify(seed, emptySha256)
    this.#state = 'trailer'
  }

  #data(piece: Buffer): void {
    this.#left -= piece.length
    this.#hash?.update(piece)
    this.push(piece)
    if (this.#left > 0) return
    const { seed } = this.#options
    if (seed && this.#hash) this.#pieceVerify(seed, this.#hash.digest('hex'))
    this.#state = 'after-data'
  }

  #pieceVerify(seed: Seed, hash: string): void {
    const text = ['AWS4-HMAC-SHA256-PAYLOAD', seed.time, seed.scope, this.#previous, emptySha256, hash].join('\n')
    this.#previous = hmac('sha256', seed.key, text).toString('hex')
    if (!sameText(this.#previous, this.#claimed)) throw new S3Error('SignatureDoesNotMatch')
  }

  get #isTrailerWhole(): boolean {
    return !this.#options.seed || !this.#options.trailer || this.trailers.has('x-amz-trailer-signature')
  }

  #trailerLine(line: string): void {
    this.#trailerBytes += line.length + 2
    if (this.#trailerBytes > trailerBytesAtMost) throw new S3Error('MalformedTrailerError')
    if (line === '') {
      // some clients write a blank line between trailers and their signature: the end is where nothing is missing
      if (this.#isTrailerWhole) this.#trailersEnd()
      return
    }
    if (!this.#options.trailer) throw new S3Error('IncompleteBody')
    const colon = line.indexOf(':')
    if (colon <= 0) throw new S3Error('MalformedTrailerError')
    const name = line.slice(0, colon).trim().toLowerCase()
    const isSignature = this.#options.seed !== null && name === 'x-amz-trailer-signature'
    if (!isSignature && name !== this.#options.announced) throw new S3Error('MalformedTrailerError')
    this.trailers.set(name, line.slice(colon + 1).trim())
  }

  /** Line ends may follow, nothing else. */
  #afterEnd(bytes: Buffer): void {
    this.#trailerBytes += bytes.length
    if (this.#trailerBytes > trailerBytesAtMost || bytes.some((byte) => byte !== 10 && byte !== 13)) {
      throw new S3Error('IncompleteBody')
    }
  }

  #trailersEnd(): void {
    this.#state = 'done'
    const { seed, trailer } = this.#options
    if (!seed || !trailer) return
    const claimed = this.trailers.get('x-amz-trailer-signature')
    if (claimed === undefined || (this.#options.announced !== null && !this.trailers.has(this.#options.announced)))
      throw new S3Error('MalformedTrailerError')
    const text = [...this.trailers]
      .filter(([name]) => name !== 'x-amz-trailer-signature')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}:${value}\n`)
      .join('')
    const hash = createHash('sha256').update(text, 'latin1').digest('hex')
    const signature = hmac(
      'sha256',
      seed.key,
      ['AWS4-HMAC-SHA256-TRAILER', seed.time, seed.scope, this.#previous, hash].join('\n'),
    ).toString('hex')
    if (!sameText(signature, claimed)) throw new S3Error('SignatureDoesNotMatch')
  }
}
