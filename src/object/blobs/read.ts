// A blob's bytes, or a range of them, as they were written: each block of a MiB is held against its checksum first, also where only a part of
// it was asked for, and decrypted then.
import { Readable } from 'node:stream'
import { pieceBytes } from '../../platform/bytes/pieces.ts'
import { readCheckedRange, type Source } from '../../platform/bytes/read.ts'
import type { BlobRow } from '../store/tables.ts'
import type { BlobDriver } from './backends/driver.ts'
import { checksumCheck, RotError } from './checksums.ts'
import { crypt } from './encryption.ts'

export interface BlobRange {
  start: number
  /** exclusive */
  end: number
}

/** What lies in a driver's place. `key` null: as it is stored. */
export async function driverRead(driver: BlobDriver, blob: BlobRow, range: BlobRange & { key: Buffer | null }): Promise<Readable> {
  const { start, end, key } = range
  const source = await driver.open(blob, {
    start: start - (start % pieceBytes),
    end: Math.min(blob.bytes, Math.ceil(end / pieceBytes) * pieceBytes),
  })
  return readCheckedRange(wholeOf(blob, source), {
    start,
    end,
    sizeBytes: blob.bytes,
    check(block, index) {
      checksumCheck(blob, block, index)
      return key ? crypt(key, block, index * pieceBytes) : block
    },
  })
}

/** Bytes that end before the blob does are as wrong as others. */
const wholeOf = ({ id }: BlobRow, source: Source): Source => ({
  async read(bytes, offset, length, position) {
    const read = await source.read(bytes, offset, length, position)
    if (read.bytesRead === 0) throw new RotError(`blob ${id} ends at byte ${position}`)
    return read
  },
  close: () => source.close(),
})

/** What lies in the database. */
export function smallRead(blob: BlobRow, stored: Uint8Array, { start, end, key }: BlobRange & { key: Buffer | null }): Buffer {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength)
  checksumCheck(blob, bytes, 0)
  return (key ? crypt(key, bytes, 0) : bytes).subarray(start, end)
}

/** One chunk, then the end. */
export function streamOfBytes(bytes: Buffer): Readable {
  return new Readable({
    read() {
      if (bytes.length > 0) this.push(bytes)
      this.push(null)
    },
  })
}
