// SQLite's write-ahead log, as far as a power failure needs it: where the frames of the present log end. Its format is
// that of https://sqlite.org/walformat.html.
import { readSync } from 'node:fs'

export const walHeaderBytes = 32
const frameHeaderBytes = 24

export interface WalEnd {
  /** names the present log: another one begins at each reset */
  salts: string
  frames: number
  frameBytes: number
}

/** null when there is no log yet. */
export function walEnd(fd: number): WalEnd | null {
  const header = readAt(fd, walHeaderBytes, 0)
  if (!header) return null
  const salts = header.toString('hex', 16, 24)
  const frameBytes = header.readUInt32BE(8) + frameHeaderBytes
  let frames = 0
  for (;;) {
    const frame = readAt(fd, frameHeaderBytes, walHeaderBytes + frames * frameBytes)
    if (!frame || frame.toString('hex', 8, 16) !== salts) return { salts, frames, frameBytes }
    frames += 1
  }
}

function readAt(fd: number, length: number, position: number): Buffer | null {
  const bytes = Buffer.alloc(length)
  return readSync(fd, bytes, 0, length, position) === length ? bytes : null
}

/** What the log's index in shared memory knows: how much of the log is in the database already, or on its way there. */
export function walIndex(shm: Buffer): { salts: string; inDatabase: number } {
  // native order: the salts are copied as they are, the counts are the machine's
  return { salts: shm.toString('hex', 32, 40), inDatabase: Math.max(shm.readUInt32LE(96), shm.readUInt32LE(128)) }
}
