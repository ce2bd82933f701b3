// Pieces of a MiB that files are read into on their way to a socket. Whoever has sent one gives it back, and it is read into again: left
// to the garbage collector they make it collect the whole heap again and again, half of what a big answer costs. A piece that
// nobody gives back is the collector's; when no piece was needed for a while the kept ones are let go.

export const pieceBytes = 1_048_576
const mostKept = 16
const idleMs = 5_000

const ours = new WeakSet<ArrayBufferLike>()
const free: Buffer[] = []
let idle: NodeJS.Timeout | null = null

export function pieceTake(length: number): Buffer {
  if (length <= pieceBytes / 4) return Buffer.allocUnsafeSlow(length)
  let piece = free.pop()
  if (!piece) {
    piece = Buffer.allocUnsafeSlow(pieceBytes)
    ours.add(piece.buffer)
  }
  return piece.subarray(0, length)
}

/** Nobody looks at these bytes any more. What is no piece, or a part of one that was given back already, is let alone. */
export function pieceGive({ buffer }: Buffer): void {
  if (!ours.has(buffer) || free.length >= mostKept || free.some((piece) => piece.buffer === buffer)) return
  free.push(Buffer.from(buffer))
  if (idle) return void idle.refresh()
  idle = setTimeout(() => {
    idle = null
    free.length = 0
  }, idleMs).unref()
}
