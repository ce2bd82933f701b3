// The fake hypervisor: the whole interface of contract/guests.ts over a journal instead of processes. Fast enough for a
// boot storm, honest about being fake, and its guests suffer the fate that their flavor or metadata names (fate.ts).
// Its counterpart is qemu.ts; both pass conformance.ts.
import { Readable } from 'node:stream'
import type { HostNetwork } from '../../contract/network.ts'
import type { GuestDiagnostics, GuestPower, GuestReport, Guests, GuestSpec } from '../../contract/guests.ts'
import { type Call, HostError } from '../../contract/call.ts'
import { type FakeWorld, forgetTries } from '../fake-world.ts'
import { holdBases } from '../images/hold-bases.ts'
import type { BaseImage, LocalImages } from '../images/local-images.ts'
import { tinyQcow2 } from '../../platform/disk-image/tiny-qcow2.ts'
import { fakeBootLog, lastLines } from './fake-boot-log.ts'
import { madeOf } from './made.ts'

/** What the journal keeps of a guest. */
interface FakeGuest {
  spec: Omit<GuestSpec, 'configDrive'>
  power: GuestPower | 'crashed'
  boots: { atMs: number; reason: string }[]
  /** when it will end by itself, and how */
  ends: { atMs: number; power: 'crashed' | 'stopped' } | null
  fault: string | null
  endedWithHost?: boolean
}

export interface FakeGuestsOptions {
  images: LocalImages
  network: Pick<HostNetwork, 'ensureTap' | 'removeTap'>
}

/** How tests make a guest do something by itself. */
export interface FakeGuests extends Guests {
  /** the guest's process dies */
  crash(id: string): void
  /** its host is shut down under it, and is back */
  endWithHost(id: string): void
  /** somebody types `poweroff` in the guest */
  shutdownFromInside(id: string): void
  /** images that some guest's disks stand on */
  imagesInUse(): string[]
  /** what a guest is made of now */
  specOf(id: string): Omit<GuestSpec, 'configDrive'>
}

const GiB = 2 ** 30

export function createFakeGuests(world: FakeWorld, { images, network }: FakeGuestsOptions): FakeGuests {
  const { journal, clock, gate } = world
  const watchers = new Set<(report: GuestReport) => void>()
  const key = (id: string) => `guest/${id}`
  const load = (id: string) => journal.get<FakeGuest>(key(id))
  const mustLoad = (id: string) => {
    const guest = load(id)
    if (!guest) throw new HostError('not_found', `the guest ${id} is not on this host`)
    return guest
  }
  const mustRun = (id: string) => {
    const guest = mustLoad(id)
    if (guest.power !== 'running') throw new HostError('conflict', `the guest ${id} is ${guest.power}`)
    return guest
  }
  const report = (id: string): GuestReport => {
    const guest = load(id)
    if (!guest) return { id, generation: 0, power: 'absent', pid: null, fault: null, made: null }
    return {
      id,
      generation: guest.spec.generation,
      power: guest.power,
      pid: null,
      fault: guest.fault,
      made: madeOf(guest.spec),
      ...(guest.endedWithHost ? { endedWithHost: true } : {}),
    }
  }
  /** The guest changes by itself: everybody who watches hears of it. */
  const change = (id: string, power: 'crashed' | 'stopped', fault: string | null, endedWithHost = false) => {
    const guest = load(id)
    // the memory of a suspended one is a file, and outlives its host
    if (!guest || !isUp(guest.power)) return
    journal.put(key(id), { ...guest, power, fault, ends: null, endedWithHost } satisfies FakeGuest)
    for (const tell of watchers) tell(report(id))
  }
  const scheduleEnd = (id: string, ends: FakeGuest['ends']) => {
    if (!ends) return
    world.later(ends.atMs - clock.nowMs(), () => {
      if (load(id)?.ends?.atMs === ends.atMs) change(id, ends.power, ends.power === 'crashed' ? 'fake: crashed as asked' : null)
    })
  }
  for (const each of journal.keys('guest/')) scheduleEnd(each.slice('guest/'.length), journal.get<FakeGuest>(each)?.ends ?? null)
  world.onReturn((dead) => {
    if (dead) for (const each of journal.keys('guest/')) change(each.slice('guest/'.length), 'crashed', 'fake: the host lost its power')
  })

  /** Devices and disks as the spec says; what is refused is refused before anything changes. */
  const makeDevices = async (
    spec: GuestSpec,
    before: FakeGuest | undefined,
    { bases, call }: { bases: Map<string, BaseImage>; call: Call },
  ) => {
    const of = (operation: string) => ({ resource: key(spec.id), operation, fate: spec.fate, call })
    if (spec.root.kind === 'image') {
      const neededBytes = bases.get(spec.root.imageId)?.virtualSizeBytes ?? 0
      const sizeBytes = spec.root.sizeGib * GiB
      if (sizeBytes > 0 && neededBytes > sizeBytes) {
        throw new HostError('bad_image', `the image needs ${neededBytes} bytes, the root disk has ${sizeBytes}`)
      }
    }
    if (world.freeGib <= 0) throw new HostError('no_space', 'fake: no space left on device')
    const had = new Set(before?.spec.ports.map((port) => port.portId))
    const has = new Set(spec.ports.map((port) => port.portId))
    const plugged = before && spec.ports.some((port) => !had.has(port.portId))
    if (plugged) await world.under(of('port'), () => undefined)
    await Promise.all(spec.ports.filter((port) => !had.has(port.portId)).map((port) => network.ensureTap(port)))
    for (const portId of had) if (!has.has(portId)) await network.removeTap(portId)
    const volumes = (volumes: { volumeId: string }[]) => volumes.map((volume) => volume.volumeId).join()
    if (before && volumes(before.spec.volumes) !== volumes(spec.volumes)) await world.under(of('volume'), () => undefined)
  }

  const start = (guest: FakeGuest, reason: string): FakeGuest => {
    const nowMs = clock.nowMs()
    const rule = world
      .rules({ operation: 'spawn', fate: guest.spec.fate })
      .find((rule) => rule.kind === 'crash' || rule.kind === 'shutdown')
    const ends: FakeGuest['ends'] = rule ? { atMs: nowMs + rule.afterMs, power: rule.kind === 'crash' ? 'crashed' : 'stopped' } : null
    scheduleEnd(guest.spec.id, ends)
    return { ...guest, power: 'running', fault: null, ends, boots: [...guest.boots, { atMs: nowMs, reason }].slice(-20) }
  }

  /** The power that is wanted; a guest that must be stopped has to be asked first. */
  const power = (guest: FakeGuest, wanted: GuestPower, reason: string): FakeGuest => {
    if (guest.power === wanted) return guest
    if (wanted === 'stopped') return { ...guest, power: 'stopped', ends: null, fault: null }
    const up = isUp(guest.power) || guest.power === 'suspended' ? guest : start(guest, reason)
    return { ...up, power: wanted, fault: null }
  }
  const shutdownMs = (guest: FakeGuest) => {
    const deaf = world.rules({ operation: 'acpi', fate: guest.spec.fate }).some((rule) => rule.kind === 'ignored')
    return deaf ? Number(guest.spec.properties['os_shutdown_timeout'] ?? 60) * 1000 : 0
  }
  const waitForShutdown = async (guest: FakeGuest) => {
    const ms = guest.power === 'running' ? shutdownMs(guest) : 0
    if (ms > 0) await new Promise<void>((resolve) => clock.after(ms, resolve))
  }

  const apply = async (spec: GuestSpec, call: Call, check: () => void): Promise<GuestReport> => {
    const before = load(spec.id)
    if (before && spec.generation < before.spec.generation) {
      throw new HostError('stale_fence', `the guest ${spec.id} has generation ${before.spec.generation}, ${spec.generation} is older`)
    }
    const { configDrive: _, ...kept } = spec
    const of = (operation: string) => ({ resource: key(spec.id), operation, fate: spec.fate, call })
    for (const rule of before ? [] : world.rules(of('host'))) {
      if (rule.kind === 'dies' || rule.kind === 'partition') world.goAway({ dead: rule.kind === 'dies', forMs: rule.forMs })
    }
    world.reach()
    if (spec.power === 'suspended' && !(before && (isUp(before.power) || before.power === 'suspended'))) {
      throw new HostError('conflict', `the guest ${spec.id} does not run`)
    }
    const settle = () => holdBases(images, spec, { call, work: settleOn })
    const settleOn = async (bases: Map<string, BaseImage>) => {
      await makeDevices(spec, before, { bases, call })
      check()
      const fresh = load(spec.id) ?? { spec: kept, power: 'stopped', boots: [], ends: null, fault: null }
      if (fresh.power !== spec.power && spec.power === 'stopped') await waitForShutdown(fresh)
      let next: FakeGuest = { ...(load(spec.id) ?? fresh), spec: kept, endedWithHost: false }
      if (before && mustRestart(before.spec, kept) && next.power !== 'stopped') next = { ...next, power: 'stopped' }
      journal.put(key(spec.id), power(next, spec.power, before ? 'started' : 'spawned'))
    }
    if (!before) await world.under(of('spawn'), settle)
    // a guest that has ended needs nobody to stop it
    else if ((before.power === 'crashed' ? 'stopped' : before.power) !== spec.power) await world.under(of('power'), settle)
    else await settle()
    return report(spec.id)
  }

  return {
    apply: (spec, call) => gate.enter(key(spec.id), call, (check) => apply(spec, call, check)),
    remove: (id, call) =>
      gate.enter(key(id), call, async () => {
        world.reach()
        const guest = load(id)
        if (!guest) return
        await world.under({ resource: key(id), operation: 'remove', fate: guest.spec.fate, call }, async () => {
          for (const port of guest.spec.ports) await network.removeTap(port.portId)
          journal.put(key(id), undefined)
        })
        forgetTries(journal, key(id))
      }),
    reboot: (spec, kind, call) =>
      gate.enter(key(spec.id), call, async (check) => {
        world.reach()
        const before = mustLoad(spec.id)
        await world.under({ resource: key(spec.id), operation: 'reboot', fate: spec.fate, call }, async () => {
          if (kind === 'soft') await waitForShutdown(before)
          journal.put(key(spec.id), { ...mustLoad(spec.id), power: 'stopped', ends: null } satisfies FakeGuest)
          await apply({ ...spec, power: 'running', fate: withoutSpawn(spec.fate) }, call, check)
        })
        return report(spec.id)
      }),
    snapshot: (id, call) =>
      gate.enter(key(id), call, async () => {
        world.reach()
        const { spec } = mustLoad(id)
        const { root } = spec
        if (root.kind !== 'image') throw new HostError('unsupported', 'the root disk is a volume: take a snapshot of the volume')
        return world.under({ resource: key(id), operation: 'snapshot', fate: spec.fate, call }, async () => {
          const base = await images.ensure(root.imageId, call)
          const image = tinyQcow2(Math.max(root.sizeGib * GiB, base.virtualSizeBytes))
          const virtualSizeBytes = Number(image.readBigUInt64BE(24))
          call.progress?.(100)
          return { stream: Readable.from([image]), sizeBytes: image.length, virtualSizeBytes, diskFormat: 'qcow2' as const }
        })
      }),
    consoleLog: async (id, lines) => {
      world.reach()
      const { spec, boots } = mustLoad(id)
      const imageId = spec.root.kind === 'image' ? spec.root.imageId : `volume ${spec.root.volumeId}`
      const macs = spec.ports.map((port) => port.mac)
      return lastLines(
        fakeBootLog({ name: spec.name, vcpus: spec.vcpus, ramMib: spec.ramMib, imageId, macs, boots, nowMs: clock.nowMs() }),
        lines,
      )
    },
    consoleSocket: async (id) => {
      world.reach()
      mustRun(id)
      throw new HostError('unsupported', 'a fake guest has no console to connect to')
    },
    diagnostics: async (id) => {
      world.reach()
      return fakeDiagnostics(mustRun(id), clock.nowMs())
    },
    injectNmi: (id, call) =>
      gate.enter(key(id), call, async () => {
        world.reach()
        mustRun(id)
      }),
    observe: async (id) => {
      world.reach()
      return report(id)
    },
    list: async () => {
      world.reach()
      return journal.keys('guest/').map((each) => report(each.slice('guest/'.length)))
    },
    watch(onChange) {
      watchers.add(onChange)
      return () => void watchers.delete(onChange)
    },
    crash: (id) => change(id, 'crashed', 'fake: the process died'),
    endWithHost: (id) => change(id, 'stopped', null, true),
    shutdownFromInside: (id) => change(id, 'stopped', null),
    specOf: (id) => mustLoad(id).spec,
    imagesInUse() {
      return journal
        .keys('guest/')
        .flatMap((each) => journal.get<FakeGuest>(each)?.spec ?? [])
        .flatMap((spec) => madeOf(spec).imageIds)
    },
  }
}

const isUp = (power: FakeGuest['power']) => power === 'running' || power === 'paused'
const withoutSpawn = (fate: Record<string, string>) =>
  Object.fromEntries(Object.entries(fate).filter(([operation]) => operation !== 'spawn'))

/** True when the change cannot reach a running guest: another root disk, or rescue begun or ended. */
function mustRestart(before: FakeGuest['spec'], spec: FakeGuest['spec']): boolean {
  const root = (of: FakeGuest['spec']) => (of.root.kind === 'image' ? `${of.root.imageId} ${of.root.epoch}` : of.root.volumeId)
  return root(before) !== root(spec) || before.rescue?.imageId !== spec.rescue?.imageId
}

function fakeDiagnostics({ spec, boots }: FakeGuest, nowMs: number): GuestDiagnostics {
  const uptimeSeconds = Math.max(0, Math.floor((nowMs - (boots.at(-1)?.atMs ?? nowMs)) / 1000))
  return {
    uptimeSeconds,
    cpuTimesNs: Array.from({ length: spec.vcpus }, () => 1_000_000_000 + uptimeSeconds * 5_000_000),
    memoryMib: { maximum: spec.ramMib, used: Math.ceil(spec.ramMib / 4) },
    disks: [...Array(1 + spec.volumes.length).keys()].map(() => ({
      readBytes: 262_144,
      readRequests: 112,
      writeBytes: 0,
      writeRequests: 0,
      errors: 0,
    })),
    nics: spec.ports.map((port) => ({
      mac: port.mac,
      rxBytes: 2_070,
      txBytes: 1_380,
      rxPackets: 26,
      txPackets: 18,
      rxDrop: 0,
      txDrop: 0,
      rxErrors: 0,
      txErrors: 0,
    })),
    driver: 'fake',
    hypervisor: 'fake',
  }
}
