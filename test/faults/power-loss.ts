// What a power failure leaves of a data directory: the process is stopped, the directory copied as it is at that moment,
// and then everything is taken from the copy that no sync had put on the disk. Of each write-ahead log any part of what
// came after the last sync may have arrived, whole or torn; of other files nothing of it has.
import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, ftruncateSync, globSync, openSync, readFileSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { walEnd, walHeaderBytes, walIndex, type WalEnd } from './wal.ts'
import { untilWithin } from '../support/until.ts'

/**
 * SQLite syncs the database itself, at its checkpoints, and its index is memory. The fake host's journal plays the world
 * outside of the machine that loses its power. Logs and the lock hold no truth.
 */
const notOurs = /^((stackling|objects)\.db(-shm|-wal)?|lock|logs\/.*|fake\/.*)$/

/** Stops a process at one instant. */
export async function freeze(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP')
  await untilWithin('the process to stop', 10_000, async () =>
    /^State:\s+[Tt]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')) ? true : undefined,
  )
}

interface Synced {
  sizes: Map<string, number>
  /** of directories */
  names: Map<string, Set<string>>
  wals: Map<string, WalEnd>
}

/** the main store's, and that of object storage */
const databases = ['stackling.db', 'objects.db']

function readSynced(log: string): Synced {
  const synced: Synced = { sizes: new Map(), names: new Map(), wals: new Map() }
  for (const line of readFileSync(log, 'utf8').split('\n').slice(0, -1)) {
    const { file, size, wal, names } = JSON.parse(line) as { file: string; size?: number; wal?: WalEnd | null; names?: string[] }
    if (size !== undefined) synced.sizes.set(file, size)
    if (names) synced.names.set(file, new Set(names))
    if (wal) synced.wals.set(file, wal)
  }
  return synced
}

export interface PowerLoss {
  from: string
  to: string
  syncLog: string
  /** 0 ≤ luck() < 1: how much of what was not synced has arrived all the same */
  luck: () => number
  /** files whose syncs are another process's, and which stay as they are */
  kept?: RegExp
}

/** Copies the directory of a frozen process and cuts the copy. Returns what was taken, for the reader of a failure. */
export function copyAfterPowerLoss({ from, to, syncLog, luck, kept: others }: PowerLoss): string {
  const synced = readSynced(syncLog)
  execFileSync('cp', ['-a', `${from}/.`, to])
  const cut = databases.map((database) => cutWal(database, { from, to, synced, luck }))
  for (const name of globSync('**/*', { cwd: from })) {
    const { dev, ino, size, isFile } = facts(join(from, name))
    if (isForgotten(name, from, { synced, luck })) {
      rmSync(join(to, name), { recursive: true, force: true })
      cut.push(`${name} was in no directory`)
      continue
    }
    if (!isFile || notOurs.test(name) || others?.test(name)) continue
    const kept = Math.min(size, synced.sizes.get(`${dev}:${ino}`) ?? 0)
    if (kept === size) continue
    truncateSync(join(to, name), kept)
    cut.push(`${name} ${size} → ${kept}`)
  }
  for (const database of databases) rmSync(join(to, `${database}-shm`), { force: true })
  return cut.join(', ')
}

/** A blob's name that no sync of its directory has put on the disk may be there or not. */
function isForgotten(name: string, from: string, { synced, luck }: { synced: Synced; luck: () => number }): boolean {
  if (!/^blobs(\/|$)/.test(name)) return false
  const { dev, ino } = facts(join(from, dirname(name)))
  return !synced.names.get(`${dev}:${ino}`)?.has(basename(name)) && luck() < 0.7
}

const facts = (path: string) => {
  const stat = statSync(path)
  return { dev: stat.dev, ino: stat.ino, size: stat.size, isFile: stat.isFile() }
}

/** Keeps what was synced, what a checkpoint had taken (SQLite syncs before it), and as much of the rest as luck will have. */
function cutWal(database: string, { from, to, synced, luck }: { from: string; to: string; synced: Synced; luck: () => number }): string {
  const shm = join(from, `${database}-shm`)
  if (!existsSync(shm)) return `${database}: no log`
  const index = walIndex(readFileSync(shm))
  const { dev, ino } = facts(join(from, `${database}-wal`))
  const known = synced.wals.get(`${dev}:${ino}`)
  const fd = openSync(join(to, `${database}-wal`), 'r+')
  try {
    const now = walEnd(fd)
    if (!now || now.salts !== index.salts) return `${database}: a log that is being reset is kept`
    const frames = known?.salts === now.salts ? known.frames : 0
    const least = walHeaderBytes + Math.max(frames, index.inDatabase) * now.frameBytes
    const end = walHeaderBytes + now.frames * now.frameBytes
    const draw = luck()
    // nothing of it, all of it, or up to any byte
    const kept = draw < 0.4 ? least : draw > 0.9 ? end : least + Math.floor(luck() * (end - least))
    if (luck() < 0.5) ftruncateSync(fd, kept)
    else writeSync(fd, Buffer.alloc(Math.max(0, end - kept)), 0, Math.max(0, end - kept), kept)
    return `${database}: ${(end - least) / now.frameBytes} frames not synced, ${((kept - least) / now.frameBytes).toFixed(2)} of them kept`
  } finally {
    closeSync(fd)
  }
}
