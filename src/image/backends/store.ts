// Where images' bytes lie. One kind so far: files below the data directory. Each attempt to upload has a file of its
// own: `<image id>.<token>.part` while it is written, `<image id>.<token>` when it is whole and durable. The record in
// the database names the token that counts.
import { constants } from 'node:fs'
import { mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { digestOf, type Digests } from '../../platform/bytes/digests.ts'
import { readFileRange } from '../../platform/bytes/read.ts'
import { receive } from '../../platform/bytes/receive.ts'
import { syncDirectory } from '../../platform/durable-file.ts'
import { type DiskBytes, fileBytes } from '../../platform/disk-image/bytes.ts'
import { cache, type Platform } from '../../platform/context.ts'

/** Names an image's data: the image and the attempt that brought it. */
export interface DataName {
  imageId: string
  token: string
}

/** What Glance tells of an image's data. */
const imageDigests = ['md5', 'sha512'] as const

export interface Received {
  sizeBytes: number
  md5: string
  sha512: string
}

const inHex = ({ md5, sha512 }: Digests) => ({ md5: md5?.toString('hex') ?? '', sha512: sha512?.toString('hex') ?? '' })

/** Of what is in memory. */
export const imageDigestsOf = (bytes: Buffer) => inHex(digestOf(bytes, imageDigests))

export interface WriteRequest extends DataName {
  maxBytes: number
  headBytes: number
  /** sees the first bytes and throws to refuse the rest */
  inspect(head: Buffer): void
  /** sees the whole before it gets its name, and throws to refuse it */
  inspectWhole(bytes: DiskBytes): Promise<void>
}

export interface StoredFile extends DataName {
  file: string
}

export interface ImageStore {
  /** Streams into a file of its own and moves it to its place; durable when it resolves, without a trace when it rejects. */
  write(source: Readable, request: WriteRequest): Promise<Received>
  /** The image's bytes, or a part of them. `recycle`: see ReadRange. Rejects with ENOENT. */
  read(name: DataName, range: { start: number; end: number; recycle?: boolean }): Promise<Readable>
  /** Fine when there is none. */
  remove(name: DataName): Promise<void>
  removeFile(file: string): Promise<void>
  list(): Promise<StoredFile[]>
  /** null when there is none */
  sizeOf(name: DataName): Promise<number | null>
}

/** The process's store. */
export const imageStore = (platform: Platform): ImageStore =>
  cache(platform, 'image.store', () => createFileStore(join(platform.config.dataDir, 'images')))

/** Files in one directory. */
function createFileStore(directory: string): ImageStore {
  const place = ({ imageId, token }: DataName) => join(directory, `${imageId}.${token}`)
  return {
    async write(source, { imageId, token, ...options }) {
      await mkdir(directory, { recursive: true, mode: 0o755 })
      const part = `${place({ imageId, token })}.part`
      try {
        const received = await writePart(part, source, options)
        await rename(part, place({ imageId, token }))
        await syncDirectory(directory)
        return received
      } catch (error) {
        await removeIfThere(part)
        throw error
      }
    },
    async read(name, { start, end, recycle = false }) {
      return readFileRange(await open(place(name), constants.O_RDONLY), { start, end, recycle })
    },
    async sizeOf(name) {
      try {
        return (await stat(place(name))).size
      } catch (error) {
        if (isMissing(error)) return null
        throw error
      }
    },
    remove: (name) => removeIfThere(place(name)),
    removeFile: (file) => removeIfThere(join(directory, file)),
    async list() {
      const names = await readdir(directory).catch((error: unknown) => {
        if (isMissing(error)) return []
        throw error
      })
      return names.map((file) => {
        const [imageId = '', token = ''] = file.split('.')
        return { file, imageId, token }
      })
    },
  }
}

async function writePart(path: string, source: Readable, options: Omit<WriteRequest, 'imageId' | 'token'>): Promise<Received> {
  const file = await open(path, 'wx+', 0o640)
  try {
    const { sizeBytes, digests } = await receive(source, { open: async () => file, digests: imageDigests, ...options })
    await options.inspectWhole(fileBytes(file, sizeBytes))
    return { sizeBytes, ...inHex(digests) }
  } finally {
    await file.close()
  }
}

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT'

async function removeIfThere(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (!isMissing(error)) throw error
  })
}
