// Where a simulated cloud keeps images: files in memory that all control processes share and no crash loses. What was
// not finished when its process died stays as a part, as on a disk.
import { Readable } from 'node:stream'
import { imageDigestsOf, type DataName, type ImageStore } from '../../src/image/backends/store.ts'
import { TooLongError } from '../../src/platform/bytes/receive.ts'

export type ImageFiles = Map<string, Buffer>

const chunkBytes = 1_024

/** The store as one process sees it; `pause` is the disk, `write` the line that bytes come over, which is often slow. */
export function imageStoreOver(
  files: ImageFiles,
  { pause, write }: { pause(label: string): Promise<void>; write(): Promise<void> },
): ImageStore {
  const place = ({ imageId, token }: DataName) => `${imageId}.${token}`
  return {
    async write(source, { inspect, maxBytes, headBytes, ...name }) {
      const part = `${place(name)}.part`
      files.set(part, Buffer.alloc(0))
      try {
        const chunks: Buffer[] = []
        let sizeBytes = 0
        for await (const chunk of source as AsyncIterable<Buffer>) {
          chunks.push(chunk)
          sizeBytes += chunk.length
          if (sizeBytes > maxBytes) throw new TooLongError(`more than ${maxBytes} bytes`)
          await write()
        }
        const bytes = Buffer.concat(chunks)
        inspect(bytes.subarray(0, headBytes))
        await pause('image sync')
        files.set(place(name), bytes)
        return { sizeBytes, ...imageDigestsOf(bytes) }
      } finally {
        files.delete(part)
      }
    },
    async read(name, { start, end }) {
      await pause('image open')
      const bytes = files.get(place(name))
      if (!bytes) throw Object.assign(new Error('there is no such file'), { code: 'ENOENT', syscall: 'open' })
      return Readable.from(chunksOf(bytes.subarray(start, end)))
    },
    async sizeOf(name) {
      await pause('image stat')
      return files.get(place(name))?.length ?? null
    },
    async remove(name) {
      await pause('image remove')
      files.delete(place(name))
    },
    async removeFile(file) {
      await pause('image remove')
      files.delete(file)
    },
    async list() {
      await pause('image list')
      return [...files.keys()].sort().map((file) => {
        const [imageId = '', token = ''] = file.split('.')
        return { file, imageId, token }
      })
    },
  }
}

function* chunksOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
}
