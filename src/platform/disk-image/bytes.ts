// The bytes of a disk image by position: how what lies behind its head is inspected.
import type { FileHandle } from 'node:fs/promises'

export interface DiskBytes {
  sizeBytes: number
  /** fewer bytes than asked for at the end of the image */
  read(position: number, length: number): Promise<Buffer>
}

export function fileBytes(file: FileHandle, sizeBytes: number): DiskBytes {
  return {
    sizeBytes,
    async read(position, length) {
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, sizeBytes - position)))
      let done = 0
      while (done < buffer.length) {
        const { bytesRead } = await file.read(buffer, done, buffer.length - done, position + done)
        if (bytesRead === 0) break
        done += bytesRead
      }
      return buffer.subarray(0, done)
    },
  }
}

/** Bytes that are in memory. */
export const bufferBytes = (buffer: Buffer): DiskBytes => ({
  sizeBytes: buffer.length,
  read: async (position, length) => buffer.subarray(position, position + length),
})
