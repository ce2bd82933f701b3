// Files that survive a power failure: what was written, and that it has its name.
import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Replaces a file, which is its owner's alone, so that after power loss there is the old one or the new one. */
export async function writeDurably(path: string, content: string | Buffer): Promise<void> {
  const handle = await open(`${path}.new`, 'w', 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${path}.new`, path)
  await syncDirectory(dirname(path))
}

/** A new or renamed entry survives power loss when its directory was synced. */
export const syncDirectory = (path: string): Promise<void> => syncFile(path)

/** What was written into the file, by whomever, survives power loss. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
