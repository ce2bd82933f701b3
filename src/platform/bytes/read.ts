// A file, or a part of it, as a stream in large pieces, the next one being read while the last is sent: 1.4 times as
// fast as fs.createReadStream here (which reads nothing before the reader has asked again).
import { Readable } from 'node:stream'
import { assert } from '../errors.ts'
import { pieceBytes, pieceGive, pieceTake } from './pieces.ts'

const recycledPieces = 4

/** A file, or what stands for one. Pieces are asked for in the order of their positions. */
export interface Source {
  read(bytes: Buffer, offset: number, length: number, position: number): Promise<{ bytesRead: number }>
  close(): Promise<void>
}

export interface ReadRange {
  start: number
  /** the byte after the last */
  end: number
  /**
   * Pieces are used again, four in turn: only for a reader that is done with one before it asks for the next, as
   * `pipe` into a response is ('drain' comes when the kernel has the bytes). 1.5 times as fast: no fresh pages.
   */
  recycle: boolean
}

/** Streams the range; closes the file at the end, on a failure or when it is destroyed. */
export function readFileRange(file: Source, { start, end, recycle }: ReadRange): Readable {
  let position = start
  const takePiece = recycling(recycle)
  return streamOf(file, () => {
    const length = Math.min(pieceBytes, end - position)
    const at = position
    position += length
    return length <= 0 ? null : readFully(file, takePiece(length), at)
  })
}

export interface CheckedRange extends Omit<ReadRange, 'recycle'> {
  sizeBytes: number
  /** Sees each piece that the range touches as it is stored, whole; throws when it is not what was written. What it returns is sent. */
  check(piece: Buffer, index: number): Buffer
}

/**
 * The same, but pieces are read whole whatever the range is, so that each can be held against its checksum. They are those of
 * pieces.ts: who is done with one may give it back.
 */
export function readCheckedRange(file: Source, { start, end, sizeBytes, check }: CheckedRange): Readable {
  let index = Math.floor(start / pieceBytes)
  const read = async (number: number) => {
    const at = number * pieceBytes
    const piece = await readFully(file, pieceTake(Math.min(pieceBytes, sizeBytes - at)), at)
    const checked = check(piece, number)
    if (checked.buffer !== piece.buffer) pieceGive(piece)
    return checked.subarray(Math.max(0, start - at), end - at)
  }
  return streamOf(file, () => (index * pieceBytes >= end ? null : read(index++)))
}

function recycling(recycle: boolean): (length: number) => Buffer {
  const kept: Buffer[] = []
  let turn = 0
  return (length) => {
    if (!recycle) return Buffer.allocUnsafeSlow(length)
    turn = (turn + 1) % recycledPieces
    let piece = kept[turn]
    if (!piece || piece.length < length) kept[turn] = piece = Buffer.allocUnsafeSlow(length)
    return piece.subarray(0, length)
  }
}

function streamOf(file: Source, readNext: () => Promise<Buffer> | null): Readable {
  let next: Promise<Buffer> | null = null
  return new Readable({
    highWaterMark: 1,
    construct(done) {
      next = ignoreForNow(readNext())
      done()
    },
    async read() {
      try {
        const piece = next && (await next)
        next = piece && ignoreForNow(readNext())
        this.push(piece)
      } catch (error) {
        this.destroy(error as Error)
      }
    },
    destroy(error, done) {
      const closed = () => file.close().then(() => done(error), done)
      if (next) next.then(closed, closed)
      else closed()
    },
  })
}

/** A failure is seen by whoever awaits the promise next; until then it is not an unhandled one. */
function ignoreForNow(promise: Promise<Buffer> | null): Promise<Buffer> | null {
  promise?.catch(() => undefined)
  return promise
}

async function readFully(file: Source, piece: Buffer, position: number): Promise<Buffer> {
  let done = 0
  while (done < piece.length) {
    const { bytesRead } = await file.read(piece, done, piece.length - done, position + done)
    assert(bytesRead > 0, 'the file is shorter than it should be')
    done += bytesRead
  }
  return piece
}
