// How much of the file system the guests' own disks take: what is left of the rest is other people's.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

const blockBytes = 512

/** The bytes that the files below a directory take on the disk, holes not counted; what goes meanwhile counts as nothing. */
export async function diskUseBytes(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true }).catch(ignoreGone([]))
  let bytes = 0
  for (const entry of entries)
    if (entry.isFile()) bytes += await stat(join(entry.parentPath, entry.name)).then(({ blocks }) => blocks * blockBytes, ignoreGone(0))
  return bytes
}

const ignoreGone =
  <Value>(value: Value) =>
  (error: NodeJS.ErrnoException): Value => {
    if (error.code === 'ENOENT') return value
    throw error
  }
