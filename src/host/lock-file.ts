// A lock that the kernel releases when the process dies, however that ends: an exclusive transaction on an SQLite
// file, since Node has no flock.
import { DatabaseSync } from 'node:sqlite'

export interface FileLock {
  release(): void
}

/** Another process has it. */
export class LockedError extends Error {
  constructor(path: string, options?: ErrorOptions) {
    super(`${path} is locked by another process`, options)
    this.name = 'LockedError'
  }
}

/** Takes the lock; LockedError when another process holds it for so long. */
export function lockFile(path: string, { waitMs = 0 }: { waitMs?: number } = {}): FileLock {
  const lock = new DatabaseSync(path)
  try {
    lock.exec(`pragma busy_timeout = ${waitMs}; pragma locking_mode = exclusive; begin exclusive`)
  } catch (error) {
    lock.close()
    if (!/locked|busy/i.test((error as Error).message)) throw error
    throw new LockedError(path, { cause: error })
  }
  return { release: () => lock.close() }
}
