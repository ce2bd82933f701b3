// A whole real host: QEMU guests, files as volumes and images, Linux networks. Everything lies below the data directory
// but what the kernel keeps (processes, devices, namespaces), and all of that is found again by the next process.
import { realpathSync } from 'node:fs'
import { chmod, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import type { Host, ImageSource, MetadataSource } from './contract.ts'
import { createGate } from './gate.ts'
import { type Accelerator, chooseAccelerator, probeAccelerator } from './guests/accelerator.ts'
import { createQemuGuests } from './guests/qemu.ts'
import { makeDirectory } from './guests/state.ts'
import { createImageFiles } from './images/files.ts'
import { probeInventory, qemuVersion } from './inventory.ts'
import { fileJournal } from './journal.ts'
import { createRealNetwork, type RealNetworkOptions } from './network/index.ts'
import { type GuestUser, nobody } from './tools.ts'
import { createVolumeFiles } from './volumes/files.ts'

export interface RealHostOptions {
  name: string
  dataDir: string
  clock: Clock
  log: Log
  images: ImageSource
  metadata: MetadataSource
  /** instead of what probing finds */
  accelerator?: 'auto' | Accelerator
  /** whom guests run as; default: nobody, or whoever runs this when that is not root */
  user?: GuestUser | null
  network?: Partial<RealNetworkOptions>
}

export interface RealHost extends Host {
  /** Ends what outlives this process: guests (asked first), network daemons and devices. Returns a line for each. */
  shutDown(): Promise<string[]>
}

/** Opens the host and takes up what still runs. HostError 'unsupported' when QEMU is not installed. */
export async function assembleRealHost(options: RealHostOptions): Promise<RealHost> {
  const { name, clock, log } = options
  const user = options.user === undefined ? (process.getuid?.() === 0 ? nobody : null) : options.user
  const version = await qemuVersion()
  const accelerator = chooseAccelerator(probeAccelerator(), options.accelerator)
  const dataDir = realpathSync(options.dataDir)
  if (user) await letThrough(dataDir)
  await makeDirectory(join(dataDir, 'host'), 0o700)
  const journal = fileJournal(join(dataDir, 'host', 'fences'))
  const gate = createGate(journal)

  const tapOwner = user ? { tapOwner: user } : {}
  const network = createRealNetwork({ dataDir, metadata: options.metadata, clock, log, ...tapOwner, ...options.network })
  const images = await createImageFiles({ directory: join(dataDir, 'bases'), source: options.images, clock, user, inUse: () => guests.imagesInUse() })
  const guests = await createQemuGuests({ dataDir, images, network, clock, log, gate, user, accelerator, version })
  const volumes = await createVolumeFiles({ directory: join(dataDir, 'volumes'), images, live: guests.liveDisks, gate, user })
  const close = async () => {
    await guests.close()
    await network.close()
    journal.close()
  }
  return {
    name,
    guests,
    images,
    volumes,
    network,
    inventory: async () => probeInventory({ name, dataDir, accelerator, version, segmentTypes: await network.segmentTypes(), volumePool: await volumes.capacity() }),
    close,
    async shutDown() {
      const ended = await guests.shutDownAll()
      await network.removeAll()
      return [...ended.map((id) => `guest ${id}`), 'networks']
    },
  }
}

/** Guests' user must be able to pass through the data directory; to read what is in it is another matter. */
async function letThrough(dataDir: string): Promise<void> {
  const { mode } = await stat(dataDir)
  if ((mode & 0o001) === 0) await chmod(dataDir, (mode & 0o777) | 0o001)
}
