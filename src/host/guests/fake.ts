// The fake hypervisor: the whole interface of contract/guests.ts over a journal instead of processes. Fast enough for a
// boot storm, honest about being fake, and its guests suffer the fate that their flavor or metadata names (fate.ts).
// Its counterpart is qemu.ts; both pass conformance.ts.
import { Readable } from 'node:stream'
import type { GuestDiagnostics, Guests, GuestSpec } from '../../contract/guests.ts'
import { HostError } from '../../contract/call.ts'
import { type FakeWorld, forgetTries } from '../fake-world.ts'
import { tinyQcow2 } from '../../platform/disk-image/tiny-qcow2.ts'
import { fakeApply, GiB, shutdownWait, type FakeGuestsOptions, type FakeTools } from './fake-apply.ts'
import { fakeBootLog, lastLines } from './fake-boot-log.ts'
import { createFakeRecords, type FakeGuest } from './fake-records.ts'
import { madeOf } from './made.ts'

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

export function createFakeGuests(world: FakeWorld, options: FakeGuestsOptions): FakeGuests {
  const tools: FakeTools = { world, records: createFakeRecords(world), ...options }
  return { ...changing(tools), ...asking(tools), ...byThemselves(tools) }
}

type Changing = 'apply' | 'remove' | 'reboot' | 'snapshot' | 'injectNmi'

/** What is done to one guest, one at a time, by whoever has its newest fence. */
function changing(tools: FakeTools): Pick<Guests, Changing> {
  const { world, records, images, network } = tools
  const { gate } = world
  const { key } = records
  return {
    apply: (spec, call) => gate.enter(key(spec.id), call, (check) => fakeApply(tools, spec, call, check)),
    remove: (id, call) =>
      gate.enter(key(id), call, async () => {
        world.reach()
        const guest = records.load(id)
        if (!guest) return
        await world.under({ resource: key(id), operation: 'remove', fate: guest.spec.fate, call }, async () => {
          for (const port of guest.spec.ports) await network.removeTap(port.portId)
          world.journal.put(key(id), undefined)
        })
        forgetTries(world.journal, key(id))
      }),
    reboot: (spec, kind, call) =>
      gate.enter(key(spec.id), call, async (check) => {
        world.reach()
        const before = records.mustLoad(spec.id)
        await world.under({ resource: key(spec.id), operation: 'reboot', fate: spec.fate, call }, async () => {
          if (kind === 'soft') await shutdownWait(world, before)
          records.put({ ...records.mustLoad(spec.id), power: 'stopped', ends: null })
          await fakeApply(tools, { ...spec, power: 'running', fate: withoutSpawn(spec.fate) }, call, check)
        })
        return records.report(spec.id)
      }),
    snapshot: (id, call) =>
      gate.enter(key(id), call, async () => {
        world.reach()
        const { spec } = records.mustLoad(id)
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
    injectNmi: (id, call) =>
      gate.enter(key(id), call, async () => {
        world.reach()
        records.mustRun(id)
      }),
  }
}

/** What is asked of guests. */
function asking({ world, records }: FakeTools): Omit<Guests, Changing> {
  const nowMs = () => world.clock.nowMs()
  return {
    consoleLog: async (id, lines) => {
      world.reach()
      const { spec, boots } = records.mustLoad(id)
      const imageId = spec.root.kind === 'image' ? spec.root.imageId : `volume ${spec.root.volumeId}`
      const macs = spec.ports.map((port) => port.mac)
      return lastLines(
        fakeBootLog({ name: spec.name, vcpus: spec.vcpus, ramMib: spec.ramMib, imageId, macs, boots, nowMs: nowMs() }),
        lines,
      )
    },
    consoleSocket: async (id) => {
      world.reach()
      records.mustRun(id)
      throw new HostError('unsupported', 'a fake guest has no console to connect to')
    },
    diagnostics: async (id) => {
      world.reach()
      return fakeDiagnostics(records.mustRun(id), nowMs())
    },
    observe: async (id) => {
      world.reach()
      return records.report(id)
    },
    list: async () => {
      world.reach()
      return records.ids().map(records.report)
    },
    watch: records.watch,
  }
}

function byThemselves({ records }: FakeTools): Omit<FakeGuests, keyof Guests> {
  return {
    crash: (id) => records.change(id, 'crashed', 'fake: the process died'),
    endWithHost: (id) => records.change(id, 'stopped', null, true),
    shutdownFromInside: (id) => records.change(id, 'stopped', null),
    specOf: (id) => records.mustLoad(id).spec,
    imagesInUse: () => records.ids().flatMap((id) => madeOf(records.mustLoad(id).spec).imageIds),
  }
}

const withoutSpawn = (fate: Record<string, string>) =>
  Object.fromEntries(Object.entries(fate).filter(([operation]) => operation !== 'spawn'))

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
