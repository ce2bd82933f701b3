// Blobs in memory, for tests and for the simulation: a disk that is slow, fails when told to, and at power loss keeps what was synced, and
// of the rest as much as luck will have. It outlives the process that uses it.
import { BlobMissing, type BlobDriver, type BlobName, type BlobWriter } from './driver.ts'

interface FakeFile {
  bytes: Buffer
  /** so much of it is on the disk */
  syncedBytes: number
  /** its name is */
  isListed: boolean
}

export interface FakeDisk {
  /** by directory/id */
  files: Map<string, FakeFile>
  aside: Map<string, FakeFile>
}

export const fakeDisk = (): FakeDisk => ({ files: new Map(), aside: new Map() })

/** What the power leaves of it. 0 ≤ luck() < 1. */
export function fakeDiskLosePower({ files }: FakeDisk, luck: () => number): void {
  for (const [key, file] of files) {
    if (!file.isListed && luck() < 0.5) {
      files.delete(key)
      continue
    }
    const kept = file.syncedBytes + Math.floor(luck() * (file.bytes.length - file.syncedBytes + 1))
    // a block that was given out and never written holds zeros
    const torn = Buffer.alloc(luck() < 0.5 ? kept : file.bytes.length)
    file.bytes.copy(torn, 0, 0, kept)
    files.set(key, { bytes: torn, syncedBytes: torn.length, isListed: true })
  }
}

export interface FakeOptions {
  disk: FakeDisk
  /** waits as the disk does, or throws as it would */
  pause?(label: string): Promise<void>
  freeBytes?(): number
}

export function fakeBlobs({ disk, pause = async () => {}, freeBytes }: FakeOptions): BlobDriver {
  const key = ({ id, directory }: BlobName) => `${directory}/${id}`
  return {
    place: 'files',
    async create(name) {
      await pause('blob create')
      const file: FakeFile = { bytes: Buffer.alloc(0), syncedBytes: 0, isListed: false }
      disk.files.set(key(name), file)
      return writerOf(file, { pause, remove: () => void disk.files.delete(key(name)) })
    },
    async open(name) {
      await pause('blob open')
      const file = disk.files.get(key(name))
      if (!file) throw new BlobMissing(`there is no file of blob ${name.id}`)
      return {
        async read(bytes, offset, length, position) {
          await pause('blob read')
          return { bytesRead: file.bytes.copy(bytes, offset, position, position + length) }
        },
        close: async () => {},
      }
    },
    async remove(name) {
      await pause('blob remove')
      disk.files.delete(key(name))
      disk.aside.delete(key(name))
    },
    async stat(name) {
      await pause('blob stat')
      return disk.files.get(key(name))?.bytes.length ?? null
    },
    async quarantine(name) {
      await pause('blob quarantine')
      const file = disk.files.get(key(name))
      if (file) disk.aside.set(key(name), file)
      disk.files.delete(key(name))
    },
    async directories() {
      await pause('blob directories')
      return [...new Set([...disk.files.keys()].map((path) => path.split('/')[0] ?? ''))].sort()
    },
    async *list(directory) {
      await pause('blob list')
      for (const path of [...disk.files.keys()].sort()) if (path.startsWith(`${directory}/`)) yield path.slice(directory.length + 1)
    },
    removeDirectory: async () => {},
    freeBytes: async () => freeBytes?.() ?? null,
  }
}

interface Hooks {
  pause(label: string): Promise<void>
  remove(): void
}

function writerOf(file: FakeFile, { pause, remove }: Hooks): BlobWriter {
  const sync = async () => {
    const length = file.bytes.length
    await pause('blob sync')
    file.syncedBytes = Math.max(file.syncedBytes, length)
  }
  return {
    async write(bytes, offset, length, position) {
      await pause('blob write')
      const grown = Buffer.alloc(Math.max(file.bytes.length, position + length))
      file.bytes.copy(grown)
      bytes.copy(grown, position, offset, offset + length)
      file.bytes = grown
      return { bytesWritten: length }
    },
    datasync: sync,
    async finish() {
      await sync()
      await pause('blob directory sync')
      file.isListed = true
    },
    async abandon() {
      await pause('blob abandon')
      remove()
    },
  }
}
