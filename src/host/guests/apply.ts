// Makes a QEMU guest what its spec says. This file decides (which step, in which order, what is written down when); the
// steps are its neighbours': disks, engine (processes), power, memory, hot-plug. A guest's directory holds all there is
// of it; state.json is written before a step that a crash could hide.
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { GuestPort, GuestSpec } from '../../contract/guests.ts'
import { type Call, HostError } from '../../contract/call.ts'
import { giveFile } from '../guest-users.ts'
import { removeCgroup } from './cgroup.ts'
import { runFiles } from './command-line.ts'
import { holdBases } from '../images/hold-bases.ts'
import type { BaseImage } from '../images/local-images.ts'
import { ensureDisks, rootSizeBytes, virtualSize } from './disks.ts'
import type { LiveGuest } from './engine.ts'
import { hotPlug } from './hot-plug.ts'
import { guestFiles, type Machine, nodeName, planMachine } from './machine.ts'
import { dropMemory, hasMemory, loadMemory, saveMemory } from './memory.ts'
import { absolutePath } from './observe.ts'
import { askToShutDown, pause, proceed } from './power.ts'
import type { QemuContext } from './qemu-context.ts'
import { type GuestState, machineBoot, makeDirectory, readState, syncDirectory, writeState } from './state.ts'

export interface Applier {
  apply(spec: GuestSpec, call: Call, check: () => void): Promise<void>
  reboot(spec: GuestSpec, kind: 'soft' | 'hard', of: { call: Call; check: () => void }): Promise<void>
  remove(id: string): Promise<void>
}

/** The three calls that change a guest. Callers hold the guest's turn. */
export function createApplier(context: QemuContext): Applier {
  const { engine, images, network, clock } = context
  const dirOf = engine.dirOf

  const memoryOf = (id: string, call: Call) => ({ dir: dirOf(id), socket: engine.socketOf(id, runFiles.memory), clock, call })

  /** A port's tap, which the guest's user may open. */
  const tapFor = (port: GuestPort, id: string): Promise<string> => network.ensureTap(port, undefined, engine.userOf(id) ?? undefined)

  /** Ends a guest after it had its chance to shut down. */
  const shutDown = async (guest: LiveGuest, spec: GuestSpec, signal: AbortSignal | undefined) => {
    const own = Number(spec.properties['os_shutdown_timeout'])
    const timeoutMs = own > 0 ? own * 1000 : context.shutdownTimeoutMs
    await askToShutDown(guest, { clock, timeoutMs, signal })
    await engine.end(guest.id)
  }

  const apply = (spec: GuestSpec, call: Call, check: () => void): Promise<void> =>
    holdBases(images, spec, { call, work: (bases) => applyOn(bases, { spec, call, check }) })

  const applyOn = async (bases: Map<string, BaseImage>, { spec, call, check }: Pick<Step, 'spec' | 'call' | 'check'>): Promise<void> => {
    const { id } = spec
    const dir = dirOf(id)
    await makeDirectory(dir)
    const { configDrive: _configDrive, ...kept } = spec
    const state: GuestState = (await readState(dir)) ?? {
      spec: { ...kept, generation: 0 },
      machine: null,
      power: 'stopped',
      imageIds: [],
      fault: null,
    }
    if (spec.generation < state.spec.generation) {
      throw new HostError('stale_fence', `the guest ${id} has generation ${state.spec.generation}, ${spec.generation} is older`)
    }
    const save = (change: Partial<GuestState>) => writeState(dir, Object.assign(state, change))
    check()
    if (state.machine && mustRestart(state.spec, spec)) {
      const live = engine.live.get(id)
      // a rescue, and its end: the guest's last words are for the disk that it still has
      if (live && spec.power === 'stopped') await shutDown(live, spec, call.signal)
      await engine.end(id)
      await context.endStray(id)
      await dropMemory(dir)
    }
    await save({ imageIds: [...new Set([...(engine.live.has(id) ? state.imageIds : []), ...bases.keys()])] })
    const step: Step = { spec, call, check, state, save, bases }
    await toPower(step)
    await save({ spec: kept, power: spec.power, fault: null, endedWithHost: false })
  }

  interface Step {
    spec: GuestSpec
    call: Call
    check: () => void
    state: GuestState
    save: (change: Partial<GuestState>) => Promise<void>
    bases: Map<string, BaseImage>
  }

  const toPower = async (step: Step): Promise<void> => {
    const { spec, call } = step
    if (!engine.live.has(spec.id)) await context.reconnect(spec.id) // never a second process beside one that hangs
    let guest = engine.live.get(spec.id)
    if (guest && ['shutdown', 'inmigrate', 'guest-panicked', 'internal-error'].includes(guest.runState)) {
      await engine.end(spec.id)
      guest = undefined
    }
    const isSuspended = !guest && (await hasMemory(dirOf(spec.id)))
    if (spec.power === 'stopped') {
      if (guest) await shutDown(guest, spec, call.signal)
      if (isSuspended) await dropMemory(dirOf(spec.id))
      step.check()
      return ensureDisks(spec, { dir: dirOf(spec.id), bases: step.bases, user: context.users.of(spec.id), call })
    }
    if (spec.power === 'suspended') {
      if (isSuspended) return
      if (!guest) throw new HostError('conflict', `the guest ${spec.id} does not run`)
      return suspend(guest, step)
    }
    if (isSuspended) guest = await wake(step)
    else if (!guest) guest = await boot(step)
    await change(guest, step)
    if (spec.power === 'paused') await pause(guest)
    else if (guest.runState !== 'running') await proceed(guest)
  }

  /** A cold start: everything is made anew from the spec. */
  const boot = async ({ spec, call, check, state, save, bases }: Step): Promise<LiveGuest> => {
    const dir = dirOf(spec.id)
    await ensureDisks(spec, { dir, bases, user: context.users.of(spec.id), call })
    check()
    const taps = new Map<string, string>()
    for (const port of spec.ports) taps.set(port.portId, await tapFor(port, spec.id))
    await removeOldTaps(state.machine, spec)
    check()
    const machine = planMachine(spec, { guestDir: dir, type: context.machineType, accelerator: context.accelerator, taps, bases })
    await save({ machine, power: spec.power, bootId: machineBoot() })
    return launch(machine, spec.power === 'paused' ? 'halted' : 'run', { save })
  }

  const launch = async (machine: Machine, start: 'run' | 'halted' | 'incoming', { save }: Pick<Step, 'save'>): Promise<LiveGuest> => {
    try {
      return await engine.launch(machine, start)
    } catch (error) {
      await save({ power: start === 'incoming' ? 'suspended' : 'stopped', fault: (error as Error).message })
      throw error
    }
  }

  const wake = async ({ spec, call, state, save }: Step): Promise<LiveGuest> => {
    const { machine } = state
    if (!machine) throw new HostError('failed', `the guest ${spec.id} has a memory but no machine`)
    for (const nic of machine.nics) await tapFor(nic, spec.id)
    const guest = await launch(machine, 'incoming', { save })
    try {
      await loadMemory(guest, memoryOf(spec.id, call))
    } catch (error) {
      await engine.end(spec.id) // the file is still there: it may be tried again
      throw error
    }
    guest.runState = 'paused'
    await save({ power: spec.power, bootId: machineBoot() })
    return guest
  }

  const suspend = async (guest: LiveGuest, { spec, call, save }: Step): Promise<void> => {
    const ran = guest.runState === 'running'
    await pause(guest)
    try {
      await saveMemory(guest, memoryOf(spec.id, call))
    } catch (error) {
      if (ran && engine.live.has(spec.id)) await proceed(guest)
      throw error
    }
    await engine.end(spec.id)
    await save({ power: 'suspended' })
  }

  /** What can change while it runs: cards, volumes, a larger root disk. */
  const change = async (guest: LiveGuest, { spec, check, state, save, bases }: Step): Promise<void> => {
    if (!state.machine) throw new HostError('failed', `the guest ${spec.id} runs, but its machine is not known`)
    await hotPlug(guest, state.machine, spec, {
      guestDir: dirOf(spec.id),
      clock,
      ensureTap: (port) => tapFor(port, spec.id),
      giveDisk: (disk) => giveFile(absolutePath(dirOf(spec.id), disk.path), engine.userOf(spec.id)),
      removeTap: (portId) => network.removeTap(portId),
      unplugTimeoutMs: context.unplugTimeoutMs,
      check,
      save: (machine) => save({ machine }),
    })
    const { root } = spec
    const base = root.kind === 'image' ? bases.get(root.imageId) : undefined
    if (root.kind !== 'image' || !base) return
    const size = rootSizeBytes(root.sizeGib, base)
    if ((await virtualSize(join(dirOf(spec.id), guestFiles.root(root.epoch)))) < size) {
      await guest.qmp.execute('block_resize', { 'node-name': nodeName('root'), size })
    }
  }

  const removeOldTaps = async (machine: Machine | null, spec: GuestSpec | null) => {
    const kept = new Set(spec?.ports.map((port) => port.portId))
    for (const nic of machine?.nics ?? []) if (nic.portId !== '' && !kept.has(nic.portId)) await network.removeTap(nic.portId)
  }

  return {
    apply,
    async reboot(spec, kind, { call, check }) {
      const guest = engine.live.get(spec.id)
      if (!(await readState(dirOf(spec.id)))) throw new HostError('not_found', `the guest ${spec.id} is not on this host`)
      if (guest && kind === 'soft') await shutDown(guest, spec, call.signal)
      else await engine.end(spec.id)
      await context.endStray(spec.id) // a process that hangs is what a hard reboot is for
      await dropMemory(dirOf(spec.id))
      check()
      await apply({ ...spec, power: 'running' }, call, check)
    },
    async remove(id) {
      const dir = dirOf(id)
      await engine.end(id)
      await context.endStray(id)
      const state = await readState(dir).catch(() => null) // damaged or not: it goes
      await removeOldTaps(state?.machine ?? null, null)
      for (const port of state?.spec.ports ?? []) await network.removeTap(port.portId)
      await removeCgroup(id, clock)
      if (await stat(dir).catch(() => null)) {
        await rm(dir, { recursive: true, force: true })
        await syncDirectory(join(dir, '..'))
      }
      context.users.forget(id)
    },
  }
}

/** True when the change cannot reach a running guest: another root disk, or rescue begun or ended. */
function mustRestart(before: GuestState['spec'], spec: GuestSpec): boolean {
  const root = (of: GuestState['spec']) => (of.root.kind === 'image' ? `${of.root.imageId} ${of.root.epoch}` : of.root.volumeId)
  return root(before) !== root(spec) || before.rescue?.imageId !== spec.rescue?.imageId
}
