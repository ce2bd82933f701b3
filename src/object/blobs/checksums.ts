// The CRC32 of each MiB of a blob, in one run of bytes: four of them a block, big-endian.
import { crc32 } from 'node:zlib'
import { pieceBytes } from '../../platform/bytes/pieces.ts'

const crcBytes = 4

/** What is stored is not what was written. */
export class RotError extends Error {}

export class Checksums {
  #crcs: number[] = []

  /** Blocks come in their order. */
  add(block: Buffer): void {
    this.#crcs.push(crc32(block))
  }

  bytes(): Buffer {
    const bytes = Buffer.alloc(this.#crcs.length * crcBytes)
    this.#crcs.forEach((crc, index) => bytes.writeUInt32BE(crc, index * crcBytes))
    return bytes
  }
}

export function checksumsOf(bytes: Buffer): Buffer {
  const checksums = new Checksums()
  for (let at = 0; at < bytes.length; at += pieceBytes) checksums.add(bytes.subarray(at, at + pieceBytes))
  return checksums.bytes()
}

/** Throws RotError. */
export function checksumCheck(blob: { id: string; crcs: Uint8Array }, block: Buffer, index: number): void {
  const { crcs } = blob
  const known = new DataView(crcs.buffer, crcs.byteOffset, crcs.byteLength)
  if ((index + 1) * crcBytes > crcs.byteLength || crc32(block) !== known.getUint32(index * crcBytes))
    throw new RotError(`block ${index} of blob ${blob.id} is not what was written`)
}
