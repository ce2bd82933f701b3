// A file, or a part of it, as a stream in large pieces, the next one being read while the last is sent: 1.4 times as
// fast as fs.createReadStream here (which reads nothing before the reader has asked again).
import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'

const pieceBytes = 1_048_576
const recycledPieces = 4

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
export function readFileRange(file: FileHandle, { start, end, recycle }: ReadRange): Readable {
  let position = start
  const pieces: Buffer[] = []
  let turn = 0
  const takePiece = (length: number) => {
    if (!recycle) return Buffer.allocUnsafeSlow(length)
    turn = (turn + 1) % recycledPieces
    return (pieces[turn] ??= Buffer.allocUnsafeSlow(pieceBytes)).subarray(0, length)
  }
  const readNext = () => {
    const length = Math.min(pieceBytes, end - position)
    const at = position
    position += length
    return length === 0 ? null : readFully(file, takePiece(length), at)
  }
  let next: Promise<Buffer> | null = null
  return new Readable({
    highWaterMark: 1,
    async construct(done) {
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

async function readFully(file: FileHandle, piece: Buffer, position: number): Promise<Buffer> {
  let done = 0
  while (done < piece.length) {
    const { bytesRead } = await file.read(piece, done, piece.length - done, position + done)
    if (bytesRead === 0) throw new Error('the image file is shorter than it should be')
    done += bytesRead
  }
  return piece
}
