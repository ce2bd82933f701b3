// The data directory: where things lie in it, who holds it (a lock that the kernel releases when the process
// dies) and which process that is. Both `up` and the commands that look at it from outside read this file.
import { existsSync, readFileSync, mkdirSync, rmSync, statfsSync, writeFileSync, renameSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { LockedError, lockFile } from '../host/lock-file.ts'
import { Complaint } from './complaint.ts'

const leastFreeMib = 256

export interface DataDir {
  path: string
  /** the one that commands take when none is named */
  isDefault: boolean
  cloudsYaml: string
  openrc: string
  logFile: string
  /** what the process printed outside of its log: a crash */
  crashFile: string
  processFile: string
}

/** The process that holds a data directory, as it wrote itself down. */
export interface RunningProcess {
  pid: number
  /** clock ticks after boot: tells the process from a later one of the same number */
  startTicks: string
  /** where this machine reaches it */
  url: string
  publicUrl: string
  /** of the S3 API; null: off; not there: of a version that had none */
  s3Url?: string | null
  drivers: 'real' | 'fake'
  /** why these drivers */
  driversReason: string
  version: string
  startedAt: string
}

/** The paths in a data directory; `~/.stackling` when none is named. */
export function dataDir(option: string | undefined): DataDir {
  const path = resolve(option ?? join(homedir(), '.stackling'))
  return {
    path,
    isDefault: option === undefined,
    cloudsYaml: join(path, 'clouds.yaml'),
    openrc: join(path, 'openrc'),
    logFile: join(path, 'logs', 'stackling.log'),
    crashFile: join(path, 'logs', 'crash.log'),
    processFile: join(path, 'process.json'),
  }
}

/** What a command that we name must be given to mean this directory: nothing, or ` --data PATH` as a shell takes it. */
export function dataOption({ path, isDefault }: DataDir): string {
  if (isDefault) return ''
  return ` --data ${/^[\w./@%+=:,-]+$/.test(path) ? path : `"${path.replace(/[$`"\\]/g, '\\$&')}"`}`
}

/** Makes the directory, private to its owner, and sees that there is room. */
export function prepareDataDir(dir: DataDir): void {
  makeDirectories(join(dir.path, 'logs'))
  const { bavail, bsize } = statfsSync(dir.path)
  const freeMib = Math.floor((bavail * bsize) / (1024 * 1024))
  if (freeMib < leastFreeMib) {
    throw new Complaint(`the disk that holds ${dir.path} has only ${freeMib} MiB left: free some space or choose another --data`)
  }
}

/** One level at a time: Node's recursive mkdir does not end on a file system that refuses with ENOENT, as /proc does. */
function makeDirectories(path: string): void {
  if (existsSync(path)) return
  makeDirectories(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code === 'ENOTDIR')
      throw new Complaint(`${dirname(path)} is a file where a directory is needed: choose another --data`, { cause: error })
    if (code !== 'ENOENT') throw error
    throw new Complaint(`nothing can be made in ${dirname(path)}: choose another --data`, { cause: error })
  }
}

/** Takes the directory for this process; the lock ends with the process, however that ends. */
export function takeDataDir(dir: DataDir): { release(): void } {
  try {
    return lockFile(join(dir.path, 'lock'))
  } catch (error) {
    if (!(error instanceof LockedError)) throw error
    const holder = runningProcess(dir)
    const who = holder ? `process ${holder.pid} at ${holder.url}` : 'another stackling process'
    throw new Complaint(`${dir.path} is in use by ${who}: stop it with './stackling down${dataOption(dir)}', or choose another --data`, {
      cause: error,
    })
  }
}

/** When a process started, in the kernel's ticks; null when there is no such process (a zombie is none). */
export function startTicksOf(pid: number): string | null {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return null // gone, or never there
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? null : (fields[19] ?? null)
}

/** Writes down that this process holds the directory. */
export function writeProcess(dir: DataDir, about: Omit<RunningProcess, 'pid' | 'startTicks'>): void {
  const record: RunningProcess = { pid: process.pid, startTicks: startTicksOf(process.pid) ?? '', ...about }
  writeFileSync(`${dir.processFile}.new`, `${JSON.stringify(record, null, 2)}\n`, { flush: true })
  renameSync(`${dir.processFile}.new`, dir.processFile)
}

export function forgetProcess(dir: DataDir): void {
  rmSync(dir.processFile, { force: true })
}

/** The process that holds the directory now, or null. */
export function runningProcess(dir: DataDir): RunningProcess | null {
  let text: string
  try {
    text = readFileSync(dir.processFile, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  const record = JSON.parse(text) as RunningProcess
  return startTicksOf(record.pid) === record.startTicks ? record : null
}
