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
import { mustRestart } from './made.ts'
import { guestFiles, type Machine, nodeName, planMachine } from './machine.ts'
import { dropMemory, hasMemory, loadMemory, saveMemory } from './memory.ts'
import { absolutePath } from './observe.ts'
import { askToShutDown, pause, proceed } from './power.ts'
import type { QemuContext } from './qemu-context.ts'
import { syncDirectory } from '../../platform/durable-file.ts'
import { type GuestState, machineBoot, makeDirectory, readState, writeState } from './state.ts'

export interface Applier {
  apply(spec: GuestSpec, call: Call, check: () => void): Promise<void>
  reboot(spec: GuestSpec, kind: 'soft' | 'hard', of: { call: Call; check: () => void }): Promise<void>
  remove(id: string): Promise<void>
}

/** The three calls that change a guest. Callers hold the guest's turn. */
export const createApplier = (context: QemuContext): Applier => ({
  apply: (spec, call, check) => apply(context, spec, call, check),
  reboot: (spec, kind, of) => reboot(context, spec, kind, of),
  remove: (id) => remove(context, id),
})

interface Step {
  spec: GuestSpec
  call: Call
  check: () => void
  state: GuestState
  save: (change: Partial<GuestState>) => Promise<void>
  bases: Map<string, BaseImage>
}

const memoryOf = ({ engine, clock }: QemuContext, id: string, call: Call) => ({
  dir: engine.dirOf(id),
  socket: engine.socketOf(id, runFiles.memory),
  clock,
  call,
})

/** A port's tap, which the guest's user may open. */
const tapFor = ({ network, engine }: QemuContext, port: GuestPort, id: string): Promise<string> =>
  network.ensureTap(port, undefined, engine.userOf(id) ?? undefined)

/** Ends a guest after it had its chance to shut down. */
async function shutDown(context: QemuContext, guest: LiveGuest, { spec, call }: Pick<Step, 'spec' | 'call'>): Promise<void> {
  const { clock, engine } = context
  const own = Number(spec.properties['os_shutdown_timeout'])
  const timeoutMs = own > 0 ? own * 1000 : context.shutdownTimeoutMs
  await askToShutDown(guest, { clock, timeoutMs, signal: call.signal })
  await engine.end(guest.id)
}

const apply = (context: QemuContext, spec: GuestSpec, call: Call, check: () => void): Promise<void> =>
  holdBases(context.images, spec, { call, work: (bases) => applyOn(context, bases, { spec, call, check }) })

async function applyOn(
  context: QemuContext,
  bases: Map<string, BaseImage>,
  { spec, call, check }: Pick<Step, 'spec' | 'call' | 'check'>,
): Promise<void> {
  const { engine } = context
  const { id } = spec
  const dir = engine.dirOf(id)
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
    if (live && spec.power === 'stopped') await shutDown(context, live, { spec, call })
    await engine.end(id)
    await context.endStray(id)
    await dropMemory(dir)
  }
  await save({ imageIds: [...new Set([...(engine.live.has(id) ? state.imageIds : []), ...bases.keys()])] })
  const step: Step = { spec, call, check, state, save, bases }
  await toPower(context, step)
  await save({ spec: kept, power: spec.power, fault: null, endedWithHost: false })
}

async function toPower(context: QemuContext, step: Step): Promise<void> {
  const { engine } = context
  const { spec, call } = step
  const dir = engine.dirOf(spec.id)
  if (!engine.live.has(spec.id)) await context.reconnect(spec.id) // never a second process beside one that hangs
  let guest = engine.live.get(spec.id)
  if (guest && ['shutdown', 'inmigrate', 'guest-panicked', 'internal-error'].includes(guest.runState)) {
    await engine.end(spec.id)
    guest = undefined
  }
  const isSuspended = !guest && (await hasMemory(dir))
  if (spec.power === 'stopped') {
    if (guest) await shutDown(context, guest, step)
    if (isSuspended) await dropMemory(dir)
    step.check()
    return ensureDisks(spec, { dir, bases: step.bases, user: context.users.of(spec.id), call })
  }
  if (spec.power === 'suspended') {
    if (isSuspended) return
    if (!guest) throw new HostError('conflict', `the guest ${spec.id} does not run`)
    return suspend(context, guest, step)
  }
  if (isSuspended) guest = await wake(context, step)
  else if (!guest) guest = await boot(context, step)
  await change(context, guest, step)
  if (spec.power === 'paused') await pause(guest)
  else if (guest.runState !== 'running') await proceed(guest)
}

/** A cold start: everything is made anew from the spec. */
async function boot(context: QemuContext, { spec, call, check, state, save, bases }: Step): Promise<LiveGuest> {
  const dir = context.engine.dirOf(spec.id)
  await ensureDisks(spec, { dir, bases, user: context.users.of(spec.id), call })
  check()
  const taps = new Map<string, string>()
  for (const port of spec.ports) taps.set(port.portId, await tapFor(context, port, spec.id))
  await removeOldTaps(context, state.machine, spec)
  check()
  const machine = planMachine(spec, { guestDir: dir, type: context.machineType, accelerator: context.accelerator, taps, bases })
  await save({ machine, power: spec.power, bootId: machineBoot() })
  return launch(context, machine, spec.power === 'paused' ? 'halted' : 'run', { save })
}

async function launch(
  { engine }: QemuContext,
  machine: Machine,
  start: 'run' | 'halted' | 'incoming',
  { save }: Pick<Step, 'save'>,
): Promise<LiveGuest> {
  try {
    return await engine.launch(machine, start)
  } catch (error) {
    await save({ power: start === 'incoming' ? 'suspended' : 'stopped', fault: (error as Error).message })
    throw error
  }
}

async function wake(context: QemuContext, { spec, call, state, save }: Step): Promise<LiveGuest> {
  const { machine } = state
  if (!machine) throw new HostError('failed', `the guest ${spec.id} has a memory but no machine`)
  for (const nic of machine.nics) await tapFor(context, nic, spec.id)
  const guest = await launch(context, machine, 'incoming', { save })
  try {
    await loadMemory(guest, memoryOf(context, spec.id, call))
  } catch (error) {
    await context.engine.end(spec.id) // the file is still there: it may be tried again
    throw error
  }
  guest.runState = 'paused'
  await save({ power: spec.power, bootId: machineBoot() })
  return guest
}

async function suspend(context: QemuContext, guest: LiveGuest, { spec, call, save }: Step): Promise<void> {
  const { engine } = context
  const ran = guest.runState === 'running'
  await pause(guest)
  try {
    await saveMemory(guest, memoryOf(context, spec.id, call))
  } catch (error) {
    if (ran && engine.live.has(spec.id)) await proceed(guest)
    throw error
  }
  await engine.end(spec.id)
  await save({ power: 'suspended' })
}

/** What can change while it runs: cards, volumes, a larger root disk. */
async function change(context: QemuContext, guest: LiveGuest, { spec, check, state, save, bases }: Step): Promise<void> {
  const { engine, network, clock } = context
  const dir = engine.dirOf(spec.id)
  if (!state.machine) throw new HostError('failed', `the guest ${spec.id} runs, but its machine is not known`)
  await hotPlug(guest, state.machine, spec, {
    guestDir: dir,
    clock,
    ensureTap: (port) => tapFor(context, port, spec.id),
    giveDisk: (disk) => giveFile(absolutePath(dir, disk.path), engine.userOf(spec.id)),
    removeTap: (portId) => network.removeTap(portId),
    unplugTimeoutMs: context.unplugTimeoutMs,
    check,
    save: (machine) => save({ machine }),
  })
  const { root } = spec
  const base = root.kind === 'image' ? bases.get(root.imageId) : undefined
  if (root.kind !== 'image' || !base) return
  const size = rootSizeBytes(root.sizeGib, base)
  if ((await virtualSize(join(dir, guestFiles.root(root.epoch)))) < size) {
    await guest.qmp.execute('block_resize', { 'node-name': nodeName('root'), size })
  }
}

async function removeOldTaps({ network }: QemuContext, machine: Machine | null, spec: GuestSpec | null): Promise<void> {
  const kept = new Set(spec?.ports.map((port) => port.portId))
  for (const nic of machine?.nics ?? []) if (nic.portId !== '' && !kept.has(nic.portId)) await network.removeTap(nic.portId)
}

async function reboot(
  context: QemuContext,
  spec: GuestSpec,
  kind: 'soft' | 'hard',
  { call, check }: Pick<Step, 'call' | 'check'>,
): Promise<void> {
  const { engine } = context
  const dir = engine.dirOf(spec.id)
  const guest = engine.live.get(spec.id)
  if (!(await readState(dir))) throw new HostError('not_found', `the guest ${spec.id} is not on this host`)
  if (guest && kind === 'soft') await shutDown(context, guest, { spec, call })
  else await engine.end(spec.id)
  await context.endStray(spec.id) // a process that hangs is what a hard reboot is for
  await dropMemory(dir)
  check()
  await apply(context, { ...spec, power: 'running' }, call, check)
}

async function remove(context: QemuContext, id: string): Promise<void> {
  const { engine, network, clock } = context
  const dir = engine.dirOf(id)
  await engine.end(id)
  await context.endStray(id)
  const state = await readState(dir).catch(() => null) // damaged or not: it goes
  await removeOldTaps(context, state?.machine ?? null, null)
  for (const port of state?.spec.ports ?? []) await network.removeTap(port.portId)
  await removeCgroup(id, clock)
  if (await stat(dir).catch(() => null)) {
    await rm(dir, { recursive: true, force: true })
    await syncDirectory(join(dir, '..'))
  }
  context.users.forget(id)
}
