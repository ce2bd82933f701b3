// QEMU processes and the connections to them: starting one for a machine, finding those that outlived an earlier
// control process, following what each does, ending one. What a guest should be is decided in qemu.ts.
import { lstat, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, delay } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import { table } from '../../platform/table.ts'
import { HostError } from '../../contract/call.ts'
import { giveDirectory, giveFile, type GuestUsers, userOfProcess } from '../guest-users.ts'
import { asUser, groupOf, type GuestUser, toolFailure } from '../tools.ts'
import { joinCgroup, removeCgroup } from './cgroup.ts'
import { commandLine, runFiles, type StartOptions } from './command-line.ts'
import type { Machine } from './machine.ts'
import { absolutePath } from './observe.ts'
import { endProcess, type GuestProcess, isAlive, startProcess, waitForEnd } from './process.ts'
import { connectQmp, type Qmp, QmpClosed } from './qmp.ts'
import type { RunState } from './qmp-types.ts'

export interface LiveGuest {
  id: string
  process: GuestProcess
  qmp: Qmp
  /** what its processors do, followed by events */
  runState: RunState
  /** why it stopped by itself, for a user to read */
  fault: string | null
}

export interface EngineOptions {
  guestsDir: string
  /** a descriptor of guestsDir: by it a socket's path is short, however long the directory's is */
  guestsFd: number
  clock: Clock
  log: Log
  users: GuestUsers
  binary: string
  /** called when a guest stopped, ended or lost its connection, whoever caused it */
  onChange: (id: string) => void
}

export interface Engine {
  live: Map<string, LiveGuest>
  /** processes that are there and do not answer */
  hanging: Map<string, GuestProcess>
  dirOf(id: string): string
  /** a path by which this process reaches a socket of the guest */
  socketOf(id: string, name: string): string
  /** whom its process runs as or, when there is none, will run as */
  userOf(id: string): GuestUser | null
  /** Starts a process for the machine and waits until it answers. */
  launch(machine: Machine, start: StartOptions['start']): Promise<LiveGuest>
  /** Takes up a process that was found; counts it as hanging when it does not answer. */
  adopt(id: string, process: GuestProcess): Promise<LiveGuest>
  /** Ends the process, at once, and what belongs to it. */
  end(id: string): Promise<void>
  close(): void
}

/** the fault of a guest that QEMU paused because its disk's file system is full */
export const diskIsFull = 'the disk under this server is full: it is paused'
const diskIsBroken = 'a disk error paused this server'

const startTimeoutMs = 60_000
const adoptTimeoutMs = 5_000

export function createEngine(options: EngineOptions): Engine {
  const { clock, log, users } = options
  const live = new Map<string, LiveGuest>()
  const hanging = new Map<string, GuestProcess>()
  const dirOf = (id: string) => join(options.guestsDir, id)
  const socketOf = (id: string, name: string) => {
    const path = join(dirOf(id), name)
    return path.length < 100 ? path : `/proc/self/fd/${options.guestsFd}/${id}/${name}`
  }
  let isClosed = false

  const follow = async (id: string, process: GuestProcess, qmp: Qmp): Promise<LiveGuest> => {
    const guest: LiveGuest = { id, process, qmp, runState: 'running', fault: null }
    let heard = false
    qmp.onEvent(({ event, data }) => {
      const next = runStateAfter(event)
      if (event === 'BLOCK_IO_ERROR' && (data as { action?: string }).action === 'stop') {
        guest.fault = (data as { nospace?: boolean }).nospace ? diskIsFull : diskIsBroken
      }
      if (event === 'RESUME') guest.fault = null
      if (!next || (next === 'paused' && guest.runState === 'shutdown')) return // STOP follows SHUTDOWN
      heard = true
      guest.runState = next
      if (next === 'shutdown' || guest.fault !== null) options.onChange(id)
    })
    const { status } = await qmp.execute('query-status')
    if (!heard) guest.runState = status
    if (status === 'io-error') guest.fault = await faultOfDisks(qmp)
    live.set(id, guest)
    void qmp.closed.then(() => {
      if (live.get(id) === guest) live.delete(id)
      if (!isClosed) options.onChange(id)
    })
    return guest
  }

  const connectSoon = async (id: string, process: GuestProcess, ended: Promise<void>): Promise<Qmp> => {
    let isOver = false
    void ended.then(() => (isOver = true))
    for (let waitedMs = 0; waitedMs < startTimeoutMs; waitedMs += 20) {
      try {
        return await connectQmp(socketOf(id, runFiles.qmp), clock)
      } catch (error) {
        // QEMU listens before it opens its disks, and may end then
        if (!(error instanceof QmpClosed) && !['ENOENT', 'ECONNREFUSED'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
      }
      if (isOver || !isAlive(process)) throw toolFailure([options.binary], await complaintOf(dirOf(id)))
      await delay(clock, 20)
    }
    throw new HostError('failed', `QEMU did not answer within ${startTimeoutMs / 1000} s`)
  }

  return {
    live,
    hanging,
    dirOf,
    socketOf,
    userOf(id) {
      const process = live.get(id)?.process ?? hanging.get(id)
      return users.tools && ((process && userOfProcess(process.pid)) ?? users.of(id))
    },
    async launch(machine, start) {
      const { id } = machine
      const dir = dirOf(id)
      await rm(join(dir, runFiles.qmp), { force: true }) // an old one would be taken for the new one's
      await mkdir(join(dir, 'run'), { recursive: true, mode: 0o700 })
      const user = users.of(id)
      await giveDirectory(join(dir, 'run'), user)
      for (const disk of machine.disks) await giveFile(absolutePath(dir, disk.path), user)
      const groups = machine.accelerator === 'kvm' ? groupOf('/dev/kvm') : []
      const argv = asUser(user, commandLine(machine, { start, binary: options.binary }), groups)
      const { process, ended } = startProcess(dir, argv)
      const refused = joinCgroup(id, { pid: process.pid, vcpus: machine.vcpus })
      if (refused !== null) log.debug({ guest: id, reason: refused }, 'guest without cgroup')
      try {
        const guest = await follow(id, process, await connectSoon(id, process, ended))
        log.info({ guest: id, pid: process.pid, start }, 'guest started')
        return guest
      } catch (error) {
        await endProcess(process, clock)
        await removeCgroup(id, clock)
        throw error
      }
    },
    async adopt(id, process) {
      hanging.set(id, process)
      const guest = await follow(id, process, await connectQmp(socketOf(id, runFiles.qmp), clock, adoptTimeoutMs))
      hanging.delete(id)
      return guest
    },
    async end(id) {
      const guest = live.get(id)
      live.delete(id)
      if (guest) {
        guest.qmp.execute('quit').catch(() => undefined) // it may end before it answers
        if (!(await waitForEnd(guest.process, clock, 2_000))) await endProcess(guest.process, clock)
        guest.qmp.close()
        log.info({ guest: id, pid: guest.process.pid }, 'guest ended')
      }
      await removeCgroup(id, clock)
    },
    close() {
      isClosed = true
      for (const guest of live.values()) guest.qmp.close()
      live.clear()
    },
  }
}

/** Why a guest that was found paused by QEMU is so: the event came before anybody listened. */
async function faultOfDisks(qmp: Qmp): Promise<string> {
  const disks = await qmp.execute('query-block')
  return disks.some((disk) => disk['io-status'] === 'nospace') ? diskIsFull : diskIsBroken
}

/** The run state that an event tells of; undefined: it tells of none. */
function runStateAfter(event: string): RunState | undefined {
  const states: Record<string, RunState> = table({
    RESUME: 'running',
    STOP: 'paused',
    SHUTDOWN: 'shutdown',
    GUEST_PANICKED: 'guest-panicked',
  })
  return states[event]
}

/** The last lines that QEMU wrote before it gave up. */
async function complaintOf(dir: string): Promise<string> {
  const text = await readFile(join(dir, 'qemu.log'), 'utf8')
  return text.trim().split('\n').slice(-3).join(' ').replaceAll(dir, '.') || 'it ended without a word'
}

/** True when the path is a socket itself: what lies in run/ may have been put there by a guest that broke out. */
export async function isSocket(path: string): Promise<boolean> {
  return (await lstat(path)).isSocket()
}
