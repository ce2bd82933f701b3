// A whole fake host: guests, images, volumes and network over one world. Several may live in one process; with no data
// directory it lives in memory, for tests and the simulation.
import { join } from 'node:path'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import type { Host, HostInventory } from '../contract/host.ts'
import type { ImageSource } from '../contract/images.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { createFakeGuests, type FakeGuests } from './guests/fake.ts'
import { createFakeImages } from './images/fake.ts'
import { commonTraits } from './inventory.ts'
import { fileJournal, type Journal, memoryJournal } from './journal.ts'
import { createFakeNetwork, type FakeNetwork } from './network/index.ts'
import { createFakeVolumes } from './volumes/fake.ts'

export interface FakeHostOptions {
  name: string
  clock: Clock
  /** luck, for fates that draw a duration */
  ids: { fraction(): number }
  log: Log
  images: ImageSource
  /** what it remembers lies in <dataDir>/fake/<name>.journal; without it, in memory */
  dataDir?: string
  /** given instead of a data directory to play a restart of a host in memory */
  journal?: Journal
  /** what it says it has, over the defaults */
  inventory?: Partial<HostInventory>
}

/** What tests and the simulation hold on to beside the interface. */
export interface FakeHost extends Host {
  guests: FakeGuests
  network: FakeNetwork
  world: FakeWorld
}

/** Wires the fake drivers. */
export function assembleFakeHost(options: FakeHostOptions): FakeHost {
  const { name, clock, ids } = options
  const { dataDir } = options
  const journal =
    options.journal ?? (dataDir === undefined ? memoryJournal() : fileJournal(join(dataDir, 'fake', `${name}.journal`), { durable: false }))
  const world = createFakeWorld({ journal, clock, random: () => ids.fraction() })
  const startedMs = clock.nowMs()
  const network = createFakeNetwork({ world })
  const inventory = { ...fakeInventory(name), ...options.inventory }
  const inUse = async () => guests.imagesInUse()
  const images = createFakeImages(world, { source: options.images, inUse })
  const guests = createFakeGuests(world, { images, network })
  const volumes = createFakeVolumes(world, { images, totalGib: inventory.diskGib })
  return {
    name,
    world,
    images,
    guests,
    volumes,
    network,
    async inventory() {
      const volumePool = await volumes.capacity()
      return { ...inventory, uptimeSeconds: Math.floor((clock.nowMs() - startedMs) / 1000), volumePool }
    },
    async close() {
      world.stop()
      await network.close()
      journal.close()
    },
  }
}

/** A generous machine: a test that wants "No valid host" says so with a smaller one. */
function fakeInventory(name: string): HostInventory {
  return {
    hostname: name,
    vcpus: 256,
    ramMib: 1_048_576,
    diskGib: 100_000,
    diskReservedGib: 0,
    diskFreeGib: 100_000,
    hypervisorType: 'fake',
    hypervisorVersion: 1_000,
    cpuInfo: { arch: 'x86_64', model: 'fake', vendor: 'fake', topology: { cells: 1, sockets: 2, cores: 64, threads: 2 }, features: [] },
    accelerator: 'fake',
    hostIp: '127.0.0.1',
    uptimeSeconds: 0,
    loadAverage: [0, 0, 0],
    traits: commonTraits,
    segmentTypes: ['local', 'flat', 'vlan', 'vxlan', 'gre'],
    capabilities: { anyImageType: true, guestAgent: true, consoles: false },
    buildLimit: 100,
  }
}
