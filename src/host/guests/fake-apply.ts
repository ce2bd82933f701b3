// How the fake hypervisor makes a guest as its spec says: devices and disks first, then its power, under its fate's rules.
import type { GuestPower, GuestReport, GuestSpec } from '../../contract/guests.ts'
import { type Call, HostError } from '../../contract/call.ts'
import type { HostNetwork } from '../../contract/network.ts'
import type { FakeWorld } from '../fake-world.ts'
import { holdBases } from '../images/hold-bases.ts'
import type { BaseImage, LocalImages } from '../images/local-images.ts'
import { isUp, type FakeGuest, type FakeRecords } from './fake-records.ts'
import { mustRestart } from './made.ts'

export interface FakeGuestsOptions {
  images: LocalImages
  network: Pick<HostNetwork, 'ensureTap' | 'removeTap'>
}

export interface FakeTools extends FakeGuestsOptions {
  world: FakeWorld
  records: FakeRecords
}

export const GiB = 2 ** 30

/** What is refused is refused before anything changes. */
function roomCheck({ freeGib }: FakeWorld, { root }: GuestSpec, bases: Map<string, BaseImage>): void {
  if (root.kind === 'image') {
    const neededBytes = bases.get(root.imageId)?.virtualSizeBytes ?? 0
    const sizeBytes = root.sizeGib * GiB
    if (sizeBytes > 0 && neededBytes > sizeBytes)
      throw new HostError('bad_image', `the image needs ${neededBytes} bytes, the root disk has ${sizeBytes}`)
  }
  if (freeGib <= 0) throw new HostError('no_space', 'fake: no space left on device')
}

/** Ports and volumes as the spec says. */
async function devicesMake(
  { world, network, records }: FakeTools,
  spec: GuestSpec,
  before: FakeGuest | undefined,
  call: Call,
): Promise<void> {
  const of = (operation: string) => ({ resource: records.key(spec.id), operation, fate: spec.fate, call })
  const had = new Set(before?.spec.ports.map((port) => port.portId))
  const has = new Set(spec.ports.map((port) => port.portId))
  const plugged = before && spec.ports.some((port) => !had.has(port.portId))
  if (plugged) await world.under(of('port'), () => undefined)
  await Promise.all(spec.ports.filter((port) => !had.has(port.portId)).map((port) => network.ensureTap(port)))
  for (const portId of had) if (!has.has(portId)) await network.removeTap(portId)
  const volumes = (volumes: { volumeId: string }[]) => volumes.map((volume) => volume.volumeId).join()
  if (before && volumes(before.spec.volumes) !== volumes(spec.volumes)) await world.under(of('volume'), () => undefined)
}

function start({ world, records }: FakeTools, guest: FakeGuest, reason: string): FakeGuest {
  const nowMs = world.clock.nowMs()
  const rule = world.rules({ operation: 'spawn', fate: guest.spec.fate }).find((rule) => rule.kind === 'crash' || rule.kind === 'shutdown')
  const ends: FakeGuest['ends'] = rule ? { atMs: nowMs + rule.afterMs, power: rule.kind === 'crash' ? 'crashed' : 'stopped' } : null
  records.scheduleEnd(guest.spec.id, ends)
  return { ...guest, power: 'running', fault: null, ends, boots: [...guest.boots, { atMs: nowMs, reason }].slice(-20) }
}

/** The power that is wanted; a guest that must be stopped has to be asked first. */
function withPower(tools: FakeTools, guest: FakeGuest, wanted: GuestPower, reason: string): FakeGuest {
  if (guest.power === wanted) return guest
  if (wanted === 'stopped') return { ...guest, power: 'stopped', ends: null, fault: null }
  const up = isUp(guest.power) || guest.power === 'suspended' ? guest : start(tools, guest, reason)
  return { ...up, power: wanted, fault: null }
}

/** A guest that its fate made deaf to the power button takes the whole time that it may. */
export async function shutdownWait({ clock, rules }: FakeWorld, guest: FakeGuest): Promise<void> {
  if (guest.power !== 'running') return
  const deaf = rules({ operation: 'acpi', fate: guest.spec.fate }).some((rule) => rule.kind === 'ignored')
  const ms = deaf ? Number(guest.spec.properties['os_shutdown_timeout'] ?? 60) * 1000 : 0
  if (ms > 0) await new Promise<void>((resolve) => clock.after(ms, resolve))
}

export async function fakeApply(tools: FakeTools, spec: GuestSpec, call: Call, check: () => void): Promise<GuestReport> {
  const { world, records, images } = tools
  const before = records.load(spec.id)
  if (before && spec.generation < before.spec.generation) {
    throw new HostError('stale_fence', `the guest ${spec.id} has generation ${before.spec.generation}, ${spec.generation} is older`)
  }
  const { configDrive: _, ...kept } = spec
  const of = (operation: string) => ({ resource: records.key(spec.id), operation, fate: spec.fate, call })
  for (const rule of before ? [] : world.rules(of('host'))) {
    if (rule.kind === 'dies' || rule.kind === 'partition') world.goAway({ dead: rule.kind === 'dies', forMs: rule.forMs })
  }
  world.reach()
  if (spec.power === 'suspended' && !(before && (isUp(before.power) || before.power === 'suspended'))) {
    throw new HostError('conflict', `the guest ${spec.id} does not run`)
  }
  const settleOn = async (bases: Map<string, BaseImage>) => {
    roomCheck(world, spec, bases)
    await devicesMake(tools, spec, before, call)
    check()
    const fresh = records.load(spec.id) ?? { spec: kept, power: 'stopped', boots: [], ends: null, fault: null }
    if (fresh.power !== spec.power && spec.power === 'stopped') await shutdownWait(world, fresh)
    let next: FakeGuest = { ...(records.load(spec.id) ?? fresh), spec: kept, endedWithHost: false }
    if (before && mustRestart(before.spec, kept) && next.power !== 'stopped') next = { ...next, power: 'stopped' }
    records.put(withPower(tools, next, spec.power, before ? 'started' : 'spawned'))
  }
  const settle = () => holdBases(images, spec, { call, work: settleOn })
  if (!before) await world.under(of('spawn'), settle)
  // a guest that has ended needs nobody to stop it
  else if ((before.power === 'crashed' ? 'stopped' : before.power) !== spec.power) await world.under(of('power'), settle)
  else await settle()
  return records.report(spec.id)
}
