// Two processes with one identity on one machine would take each other's networks and guests for their own: a directory that
// was copied with its cloud has the same names for them. The second does not start.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { findAllProcesses } from './guests/process.ts'
import { LockedError, lockFile } from './lock-file.ts'

/** Another process has this cloud's identity here; the message is for whoever started the second. */
class SameIdentityError extends Error {
  constructor(dataDir: string, other: string, options?: ErrorOptions) {
    super(
      `${other} has the identity of the cloud in ${dataDir} and is on this machine too: one is a copy of the other. Stop that one first ('./stackling down --data …'), or use the copy on another machine`,
      options,
    )
    this.name = 'SameIdentityError'
  }
}

const directory = '/run/stackling/identities'

/** Holds the identity for this process; SameIdentityError when another process has it, or its guests run from elsewhere. */
export function holdIdentity({
  instance,
  dataDir,
  guestsDir,
  guestIds,
}: {
  instance: string
  dataDir: string
  guestsDir: string
  guestIds: string[]
}): { release(): void } {
  const own = new Set(guestIds)
  for (const [cwd, { pid }] of findAllProcesses()) {
    if (own.has(basename(cwd)) && dirname(cwd) !== guestsDir)
      throw new SameIdentityError(dataDir, `the guest that runs in ${cwd} (process ${pid})`)
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, instance)
  const told = `${path}.directory`
  try {
    const lock = lockFile(path)
    writeFileSync(told, dataDir, { mode: 0o600 })
    return lock
  } catch (error) {
    if (!(error instanceof LockedError)) throw error
    throw new SameIdentityError(dataDir, `the cloud that runs on ${readFileSync(told, 'utf8')}`, { cause: error })
  }
}
