// The real hypervisor driver: QEMU processes over QMP, each with a directory of its own, which outlive this process and
// are found again. The calls of the contract are here; what they do is in apply.ts and its neighbours.
// Counterpart: fake.ts; both pass conformance.ts.
import { open } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import type { HostNetwork } from '../../contract/network.ts'
import type { GuestReport, Guests, GuestSpec } from '../../contract/guests.ts'
import { type Call, HostError } from '../../contract/call.ts'
import { diskUseBytes } from './disk-use.ts'
import type { Gate } from '../gate.ts'
import type { LocalImages } from '../images/local-images.ts'
import type { LiveDisks } from '../live-disks.ts'
import type { GuestUsers } from '../guest-users.ts'
import { fileFailure } from '../tools.ts'
import type { Accelerator } from './accelerator.ts'
import { createApplier } from './apply.ts'
import { clearBackup } from './backup.ts'
import { runFiles } from './command-line.ts'
import { closeConsole, readConsole } from './console.ts'
import { goOn } from './full-disk.ts'
import { readDiagnostics } from './diagnostics.ts'
import { giveDisks } from './disks.ts'
import { createEngine, isSocket, type LiveGuest } from './engine.ts'
import { guestIds, observeGuest } from './observe.ts'
import { atHome } from './machine.ts'
import { liveDisksOf } from './live-guest-disks.ts'
import { lookAfter } from './look-after.ts'
import { dropMemory, hasMemory } from './memory.ts'
import { endProcess, findProcesses, type GuestProcess } from './process.ts'
import { askToShutDown } from './power.ts'
import type { QemuContext } from './qemu-context.ts'
import { snapshotRoot } from './root-snapshot.ts'
import { type GuestState, makeDirectory, readState, writeState } from './state.ts'

export interface QemuGuestsOptions {
  /** the real path of what guests need */
  dataDir: string
  images: LocalImages
  network: Pick<HostNetwork, 'ensureTap' | 'removeTap'>
  clock: Clock
  log: Log
  gate: Gate
  users: GuestUsers
  accelerator: Accelerator
  /** '7.2.22': pins the machine type */
  version: string
  binary?: string
  /** how long a guest may take to shut down before it is switched off; Nova's default is a minute */
  shutdownTimeoutMs?: number
  unplugTimeoutMs?: number
}

export interface QemuGuests extends Guests {
  liveDisks: LiveDisks
  /** images that some guest's disks stand on */
  imagesInUse(): Promise<string[]>
  /** what the guests' disks take of the file system */
  diskBytes(): Promise<number>
  /** asks every running guest to shut down and ends it */
  shutDownAll(tell: (line: string) => void): Promise<void>
  close(): Promise<void>
}

/** Makes the driver and takes up every guest that still runs. */
export async function createQemuGuests(options: QemuGuestsOptions): Promise<QemuGuests> {
  const { clock, log, gate, users } = options
  const guestsDir = join(options.dataDir, 'guests')
  const volumesDir = join(options.dataDir, 'volumes')
  await makeDirectory(guestsDir)
  const directory = await open(guestsDir, 'r')
  const watchers = new Set<(report: GuestReport) => void>()
  const turn = (id: string) => `guest/${id}`
  let isClosed = false

  const engine = createEngine({
    guestsDir,
    guestsFd: directory.fd,
    clock,
    log,
    users,
    binary: options.binary ?? 'qemu-system-x86_64',
    // the turn: what a call of ours causes is over when this looks, and is then no surprise
    onChange: (id) =>
      void gate
        .read(turn(id), () => settle(id))
        .catch((error) => log.error({ guest: id, error: String(error) }, 'guest could not be settled')),
  })
  const context: QemuContext = {
    engine,
    images: options.images,
    network: options.network,
    clock,
    users,
    accelerator: options.accelerator,
    machineType: `pc-q35-${options.version.split('.').slice(0, 2).join('.')}`,
    shutdownTimeoutMs: options.shutdownTimeoutMs ?? 60_000,
    unplugTimeoutMs: options.unplugTimeoutMs ?? 60_000,
    async reconnect(id) {
      const process = findProcesses(guestsDir).get(engine.dirOf(id))
      if (!process) return
      try {
        await adopt(id, process)
      } catch (error) {
        throw new HostError('unreachable', `the process ${process.pid} of the guest ${id} does not answer`, { cause: error })
      }
    },
    async endStray(id) {
      const process = findProcesses(guestsDir).get(engine.dirOf(id))
      if (process) await endProcess(process, clock)
      engine.hanging.delete(id)
    },
  }
  const applier = createApplier(context)
  const observe = (id: string) => observeGuest(engine, id)
  const tell = async (id: string) => {
    const report = await observe(id)
    for (const watcher of watchers) watcher(report)
  }

  /** Something happened to a guest that nobody asked for: writes it down and tells of it. */
  async function settle(id: string): Promise<void> {
    if (isClosed) return
    const state = await readState(engine.dirOf(id))
    if (!state) return
    const guest = engine.live.get(id)
    if (guest?.runState === 'shutdown') {
      await engine.end(id)
      if (state.power === 'stopped') return
      await writeState(engine.dirOf(id), { ...state, power: 'stopped' })
      log.info({ guest: id }, 'guest shut itself down')
    } else if (guest) {
      if (guest.fault === null) return
      log.warn({ guest: id, fault: guest.fault }, 'guest stopped')
    } else {
      const process = findProcesses(guestsDir).get(engine.dirOf(id))
      if (process) return adopt(id, process)
      if (state.power === 'stopped' || state.power === 'suspended') return
      await engine.end(id) // its cgroup
      log.warn({ guest: id }, 'guest crashed')
    }
    await tell(id)
  }

  /** Takes up a process that an earlier control process started. */
  async function adopt(id: string, process: GuestProcess): Promise<void> {
    const dir = engine.dirOf(id)
    const guest = await engine.adopt(id, process)
    await clearBackup(guest, clock)
    const isSaved = await hasMemory(dir)
    // a whole memory and a process that has not begun to live from it: the file is the guest
    if (isSaved && (guest.runState === 'postmigrate' || guest.runState === 'inmigrate')) await engine.end(id)
    else await dropMemory(dir)
    log.info({ guest: id, pid: process.pid, runState: guest.runState }, 'guest taken up')
    if (guest.runState === 'shutdown') await settle(id)
  }
  const taken = Promise.all(
    [...findProcesses(guestsDir)].map(async ([dir, process]) => {
      const id = relative(guestsDir, dir)
      await gate
        .read(turn(id), () => adopt(id, process))
        .catch((error) => log.error({ guest: id, pid: process.pid, error: String(error) }, 'a running guest does not answer'))
    }),
  )
  await taken
  for (const id of await guestIds(guestsDir)) {
    await closeConsole(engine.dirOf(id))
    if (!engine.live.has(id) && !engine.hanging.has(id)) await giveDisks(engine.dirOf(id), users.of(id))
  }
  const stopLooking = lookAfter({ engine, guestsDir, clock, log, goOn: (id) => gate.read(turn(id), () => goOn(engine.live.get(id))), tell })

  const enter = <T>(id: string, call: Call, work: (check: () => void) => Promise<T>): Promise<T> => {
    if (!/^[0-9A-Za-z][0-9A-Za-z-]{0,63}$/.test(id)) throw new HostError('failed', 'a guest has an id that is none')
    return gate.enter(turn(id), call, (check) =>
      work(check).catch((error) => {
        throw fileFailure(error)
      }),
    )
  }
  const stateOf = async (id: string): Promise<GuestState> => {
    const state = await readState(engine.dirOf(id))
    if (!state) throw new HostError('not_found', `the guest ${id} is not on this host`)
    return state
  }
  const runningOf = async (id: string): Promise<{ guest: LiveGuest; state: GuestState }> => {
    const state = await stateOf(id)
    const guest = engine.live.get(id)
    if (!guest || guest.runState === 'shutdown') throw new HostError('conflict', `the guest ${id} does not run`)
    return { guest, state }
  }

  const shutDown = async (id: string): Promise<void> => {
    const guest = engine.live.get(id)
    if (guest) await askToShutDown(guest, { clock, timeoutMs: context.shutdownTimeoutMs })
    await engine.end(id)
    await writeState(engine.dirOf(id), { ...(await stateOf(id)), power: 'stopped', endedWithHost: true })
  }

  return {
    apply: (spec: GuestSpec, call) =>
      enter(spec.id, call, async (check) => {
        await applier.apply(atHome(spec, volumesDir), call, check)
        return observe(spec.id)
      }),
    remove: (id, call) => enter(id, call, () => applier.remove(id)),
    reboot: (spec, kind, call) =>
      enter(spec.id, call, async (check) => {
        await applier.reboot(atHome(spec, volumesDir), kind, { call, check })
        return observe(spec.id)
      }),
    snapshot: (id, call) => enter(id, call, async () => snapshotRoot(context, await stateOf(id), { id, call })),
    async consoleLog(id, lines) {
      await stateOf(id)
      return readConsole(engine.dirOf(id), lines)
    },
    async consoleSocket(id, kind) {
      await runningOf(id)
      const path = engine.socketOf(id, kind === 'vnc' ? runFiles.vnc : runFiles.serial)
      if (!(await isSocket(path))) throw new HostError('failed', `the console of the guest ${id} is not a socket`)
      return path
    },
    async diagnostics(id) {
      const { guest, state } = await runningOf(id)
      if (!state.machine) throw new HostError('conflict', `the guest ${id} is being started`)
      return readDiagnostics(guest, state.machine, state.machine.accelerator === 'kvm' ? 'kvm' : 'qemu')
    },
    injectNmi: (id, call) => enter(id, call, async () => void (await (await runningOf(id)).guest.qmp.execute('inject-nmi'))),
    observe,
    list: async () => Promise.all((await guestIds(guestsDir)).map(observe)),
    watch(onChange) {
      watchers.add(onChange)
      return () => void watchers.delete(onChange)
    },
    liveDisks: liveDisksOf(context, (id, work) => gate.read(turn(id), work)),
    async imagesInUse() {
      const states = await Promise.all((await guestIds(guestsDir)).map((id) => readState(engine.dirOf(id))))
      return states.flatMap((state) => state?.imageIds ?? [])
    },
    diskBytes: () => diskUseBytes(guestsDir),
    async shutDownAll(tell) {
      const ids = [...engine.live.keys()]
      if (ids.length > 0)
        tell(
          `asking ${ids.length} guest${ids.length === 1 ? '' : 's'} to shut down, and waiting up to ${context.shutdownTimeoutMs / 1000} s for each`,
        )
      const end = async (id: string) => {
        await gate.read(turn(id), () => shutDown(id))
        tell(`stopped: guest ${id}`)
      }
      await Promise.all(ids.map(end))
    },
    async close() {
      isClosed = true
      stopLooking()
      engine.close()
      await directory.close()
    },
  }
}
