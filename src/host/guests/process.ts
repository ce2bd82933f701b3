// A guest's QEMU as a process: started detached so that it outlives the control process, and found again by its
// working directory, which nothing inside the guest can fake or lose. No pid file is trusted.
import { spawn } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { type Clock, delay } from '../../platform/clock.ts'
import { HostError } from '../../contract/call.ts'

export interface GuestProcess {
  pid: number
  /** in clock ticks since boot: pid and start time together name a process for ever */
  startTicks: number
}

/** Starts QEMU with the guest's directory as its own. Its complaints go to qemu.log there. Says when it ended early. */
export function startProcess(dir: string, argv: string[]): { process: GuestProcess; ended: Promise<void> } {
  const [command = '', ...args] = argv
  const log = openSync(`${dir}/qemu.log`, 'w', 0o600)
  try {
    const child = spawn(command, args, {
      cwd: dir,
      detached: true,
      stdio: ['ignore', log, log],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    })
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.once('error', () => resolve())
    })
    child.unref()
    if (child.pid === undefined) throw new HostError('unsupported', `${command} is not installed`)
    return { process: { pid: child.pid, startTicks: startTicksOf(child.pid) ?? 0 }, ended }
  } finally {
    closeSync(log)
  }
}

/** Every guest process of this data directory, by its working directory, in one pass over /proc. */
export function findProcesses(guestsDir: string): Map<string, GuestProcess> {
  return findAllProcesses((cwd) => cwd.startsWith(`${guestsDir}/`))
}

/** Every QEMU of this machine by its working directory, or those whose directory is of interest. */
export function findAllProcesses(isOfInterest: (cwd: string) => boolean = () => true): Map<string, GuestProcess> {
  const found = new Map<string, GuestProcess>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const pid = Number(entry)
    const cwd = readLink(`/proc/${pid}/cwd`)?.replace(/ \(deleted\)$/, '')
    if (cwd === undefined || !isOfInterest(cwd)) continue
    const startTicks = startTicksOf(pid)
    if (startTicks !== undefined && isEngine(pid)) found.set(cwd, { pid, startTicks })
  }
  return found
}

/** True for QEMU and for what becomes it in a moment; a shell in the guest's directory is none of ours. */
function isEngine(pid: number): boolean {
  const name = readLink(`/proc/${pid}/exe`)?.split('/').at(-1) ?? ''
  return name.startsWith('qemu-system') || name === 'setpriv'
}

export function isAlive({ pid, startTicks }: GuestProcess): boolean {
  return startTicksOf(pid) === startTicks
}

/** Kills the process and waits until the kernel has taken it away. */
export async function endProcess(process: GuestProcess, clock: Clock): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (!isAlive(process)) return
    if (tries % 20 === 0) kill(process.pid)
    await delay(clock, 50)
  }
  throw new HostError('failed', `the process ${process.pid} does not end`)
}

/** Waits for a process that is about to end by itself. */
export async function waitForEnd(process: GuestProcess, clock: Clock, timeoutMs: number): Promise<boolean> {
  for (let waitedMs = 0; isAlive(process); waitedMs += 20) {
    if (waitedMs >= timeoutMs) return false
    await delay(clock, 20)
  }
  return true
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** undefined: there is no such process, or only its remains. */
function startTicksOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // the leader of a process may be a zombie while its threads still hold files and their cgroup
    const isOver = fields[0] === 'X' || (fields[0] === 'Z' && Number(fields[17]) <= 1)
    return isOver ? undefined : Number(fields[19])
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

const isGone = (error: unknown) => ['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')
