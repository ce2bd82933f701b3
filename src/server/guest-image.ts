// The small Linux that every new cloud offers. With real drivers it is built from Debian packages once (about ten
// seconds) into a cache that all clouds of this user share; with fake ones it is an empty, valid qcow2.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { tinyQcow2 } from '../platform/disk-image/tiny-qcow2.ts'
import { systemClock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import type { Log } from '../platform/log.ts'

export interface GuestImage {
  name: string
  path: string
  diskFormat: 'qcow2'
  minDiskGib: number
  minRamMib: number
}

const recipe = join(import.meta.dirname, '..', '..', 'guest')
const buildTimeoutMs = 240_000
const fakeVirtualBytes = 1024 ** 3

const folderOf = () => join(homedir(), '.cache', 'stackling', 'guest')
const cachedAt = () => join(folderOf(), `stackling-linux-${recipeHash()}.qcow2`)

/** Whether it takes no time to have it. */
export const isGuestImageThere = ({ drivers }: Pick<Config, 'drivers'>): boolean => drivers === 'fake' || existsSync(cachedAt())

/** The image's file, made when it is missing. Rejects with a line that says why it cannot be made here (no network). */
export async function guestImage(config: Pick<Config, 'dataDir' | 'drivers'>, log: Log, signal?: AbortSignal): Promise<GuestImage> {
  const about = { name: 'stackling-linux', diskFormat: 'qcow2', minDiskGib: 0, minRamMib: 64 } as const
  if (config.drivers === 'fake') {
    const path = join(config.dataDir, 'stackling-linux.qcow2')
    writeFileSync(path, tinyQcow2(fakeVirtualBytes))
    return { ...about, path }
  }
  const folder = folderOf()
  const path = cachedAt()
  if (existsSync(path)) return { ...about, path }
  log.info({ path }, 'building the guest image from Debian packages')
  mkdirSync(folder, { recursive: true })
  // a name of its own, so that two clouds that start at once do not meet
  const part = `${path}.${process.pid}`
  try {
    const { code, output } = await build({ path: part, packages: join(folder, 'packages'), signal })
    if (code !== 0) {
      log.error({ code, output }, 'the guest image could not be built')
      throw new Error(lastWords(output) ?? `guest/build-image ended with ${code}`)
    }
    renameSync(part, path)
  } finally {
    rmSync(part, { force: true })
  }
  return { ...about, path }
}

/** Changes when anything that goes into the image from this repository changes. */
function recipeHash(): string {
  const hash = createHash('sha256')
  for (const entry of readdirSync(recipe, { recursive: true, withFileTypes: true }).sort(byPath)) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    hash.update(`${file.slice(recipe.length)}\0`).update(readFileSync(file))
  }
  return hash.digest('hex').slice(0, 12)
}

const byPath = (a: { parentPath: string; name: string }, b: { parentPath: string; name: string }) =>
  join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1

/** What the tool that failed said last: apt's errors begin with E:. */
function lastWords(output: string): string | undefined {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  return lines.findLast((line) => line.startsWith('E:')) ?? lines.at(-1)
}

export interface BuildOptions {
  path: string
  packages: string
  signal?: AbortSignal | undefined
  /** for tests */
  command?: string
  timeoutMs?: number
}

/** Runs the script; it, and all that it started, is over when this resolves. */
export function build({
  path,
  packages,
  signal,
  command = join(recipe, 'build-image'),
  timeoutMs = buildTimeoutMs,
}: BuildOptions): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    // a group of its own: what the script waits for (apt-get, which may wait for ever) ends with it
    const child = spawn(command, [path, packages], { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    let output = ''
    const end = (reason: string) => {
      output += `\n${reason}`
      if (child.pid !== undefined) endGroup(child.pid)
    }
    const timer = systemClock.after(timeoutMs, () => end(`E: it took longer than ${timeoutMs / 1000} s`))
    const aborted = () => end('E: it was abandoned')
    signal?.addEventListener('abort', aborted)
    const gather = (text: Buffer) => void (output = (output + text.toString()).slice(-4096))
    child.stdout.on('data', gather)
    child.stderr.on('data', gather)
    child.once('error', reject)
    child.once('close', (code) => {
      timer.cancel()
      signal?.removeEventListener('abort', aborted)
      resolve({ code: code ?? 1, output })
    })
  })
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
