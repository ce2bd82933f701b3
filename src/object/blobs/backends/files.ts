// Blobs as files: blobs/<yyyymmddhh>/<uuid>, written under their final name. Neither a temporary name nor a rename: the row makes
// a blob exist. A file is on the disk when its fdatasync and its directory's fsync are done; those who wait for the same
// directory share one.
import { constants } from 'node:fs'
import { access, mkdir, open, opendir, readdir, rename, rmdir, stat, statfs, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Source } from '../../../platform/bytes/read.ts'
import { syncDirectory } from '../../../platform/durable-file.ts'
import { BlobMissing, type BlobDriver, type BlobName, type BlobWriter } from './driver.ts'

const fileMode = 0o600
const directoryMode = 0o700
const quarantined = 'quarantine'
const hour = /^\d{10}$/

export const fileBlobs = (root: string): BlobDriver => new FileBlobs(root)

class FileBlobs implements BlobDriver {
  readonly place = 'files'
  #root: string
  #sync = sharedSync()
  /** the present hour, when its directory is there for good */
  #hour: { directory: string; made: Promise<void> } | null = null

  constructor(root: string) {
    this.#root = root
  }

  #path({ id, directory }: BlobName): string {
    return join(this.#root, directory, id)
  }

  #aside({ id }: BlobName): string {
    return join(this.#root, quarantined, id)
  }

  #make(directory: string): Promise<void> {
    if (this.#hour?.directory === directory) return this.#hour.made
    const made = makeDirectory(join(this.#root, directory), this.#sync)
    this.#hour = { directory, made }
    made.catch(() => (this.#hour = null))
    return made
  }

  async create(name: BlobName): Promise<BlobWriter> {
    await this.#make(name.directory)
    const path = this.#path(name)
    const file = await open(path, 'wx', fileMode)
    return {
      write: (bytes, offset, length, position) => file.write(bytes, offset, length, position),
      datasync: () => file.datasync(),
      finish: async () => {
        await file.datasync()
        await this.#sync(dirname(path))
        await file.close()
      },
      async abandon() {
        await file.close()
        await removeIfThere(path)
      },
    }
  }

  async open(name: BlobName): Promise<Source> {
    try {
      return await open(this.#path(name), constants.O_RDONLY)
    } catch (error) {
      throw isMissing(error) ? new BlobMissing(`there is no file of blob ${name.id}`, { cause: error }) : error
    }
  }

  async remove(name: BlobName): Promise<void> {
    if (!(await removeIfThere(this.#path(name)))) await removeIfThere(this.#aside(name))
  }

  async stat(name: BlobName): Promise<number | null> {
    try {
      return (await stat(this.#path(name))).size
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  async quarantine(name: BlobName): Promise<void> {
    await makeDirectory(join(this.#root, quarantined), this.#sync)
    await rename(this.#path(name), this.#aside(name)).catch((error: unknown) => {
      if (!isMissing(error)) throw error
    })
    await this.#sync(join(this.#root, quarantined))
  }

  async directories(): Promise<string[]> {
    return (await namesIn(this.#root)).filter((name) => hour.test(name)).sort()
  }

  async *list(directory: string): AsyncGenerator<string> {
    const folder = await opendir(join(this.#root, directory)).catch((error: unknown) => {
      if (!isMissing(error)) throw error
    })
    if (!folder) return
    for await (const { name } of folder) yield name
  }

  async removeDirectory(directory: string): Promise<void> {
    await rmdir(join(this.#root, directory)).catch((error: unknown) => {
      if (!isMissing(error) && codeOf(error) !== 'ENOTEMPTY') throw error
    })
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(await nearest(this.#root))
    return bavail * bsize
  }
}

/** Makes the directory and those above it, and has each entry on the disk. */
async function makeDirectory(path: string, sync: (path: string) => Promise<void>): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: directoryMode })
  if (first === undefined) return sync(dirname(path))
  for (let at = path; ; at = dirname(at)) {
    await sync(dirname(at))
    if (at === first) return
  }
}

/**
 * One fsync of a directory for all who ask for it while one is under way: that one may have begun too early for them, the
 * next has not.
 */
function sharedSync(): (path: string) => Promise<void> {
  const running = new Map<string, Promise<void>>()
  const next = new Map<string, Promise<void>>()
  const begin = (path: string): Promise<void> => {
    const sync = syncDirectory(path).finally(() => running.delete(path))
    running.set(path, sync)
    return sync
  }
  return (path) => {
    const now = running.get(path)
    if (!now) return begin(path)
    let later = next.get(path)
    if (!later) {
      const start = () => {
        next.delete(path)
        return begin(path)
      }
      next.set(path, (later = now.then(start, start)))
    }
    return later
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code
const isMissing = (error: unknown) => codeOf(error) === 'ENOENT'

/** whether it was there */
async function removeIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** Before the first blob there is no folder yet. */
async function nearest(path: string): Promise<string> {
  try {
    await access(path)
    return path
  } catch (error) {
    if (!isMissing(error)) throw error
    return nearest(dirname(path))
  }
}
