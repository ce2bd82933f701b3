// A whole real host: QEMU guests, files as volumes and images, Linux networks. Everything lies below the data directory
// but what the kernel keeps (processes, devices, namespaces), and all of that is found again by the next process.
import { realpathSync } from 'node:fs'
import { chmod, chown, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import type { Host } from '../contract/host.ts'
import type { MetadataSource } from '../contract/network.ts'
import type { ImageSource } from '../contract/images.ts'
import { createGate } from './gate.ts'
import { type Accelerator, chooseAccelerator, probeAccelerator } from './guests/accelerator.ts'
import { createQemuGuests } from './guests/qemu.ts'
import { makeDirectory } from './guests/state.ts'
import { createGuestUsers, type GuestUsers, sameUser, storedRange } from './guest-users.ts'
import { openHypervisorDirectory } from './hypervisor-directory.ts'
import { createImageFiles } from './images/files.ts'
import { probeInventory, qemuVersion } from './inventory.ts'
import { fileJournal, type Journal, readJournal } from './journal.ts'
import { holdIdentity } from './one-of-a-kind.ts'
import { createRealNetwork, type RealNetworkOptions } from './network/index.ts'
import { claimRange, usersJournal } from './uid-ranges.ts'
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
  network?: Partial<RealNetworkOptions>
}

export interface RealHost extends Host {
  /** Ends what outlives this process: guests (asked first), network daemons and devices; tells of each what is waited for and what is over. */
  shutDown(tell: (line: string) => void): Promise<void>
}

/** Opens the host and takes up what still runs. HostError 'unsupported' when QEMU is not installed. */
export async function assembleRealHost(options: RealHostOptions): Promise<RealHost> {
  const { name, clock, log } = options
  const version = await qemuVersion()
  const accelerator = chooseAccelerator(probeAccelerator(), options.accelerator)
  const dataDir = realpathSync(options.dataDir)
  await makeDirectory(join(dataDir, 'host'), 0o700)
  const hypervisor = openHypervisorDirectory(dataDir)
  const journal = fileJournal(join(dataDir, 'host', 'fences'))
  const given = fileJournal(usersJournal(dataDir))
  const users = usersOf(dataDir, given)
  const gate = createGate(journal)

  const network = createRealNetwork({ dataDir, metadata: options.metadata, clock, log, ...options.network })
  const guestsDir = join(hypervisor, 'guests')
  const identity = holdIdentity({ instance: network.instance, dataDir, guestsDir, guestIds: await readdir(guestsDir) })
  const bases = join(hypervisor, 'bases')
  const images = await createImageFiles({
    directory: bases,
    source: options.images,
    clock,
    user: users.bases,
    inUse: () => guests.imagesInUse(),
  })
  await openBases(bases, users)
  const guests = await createQemuGuests({ dataDir: hypervisor, images, network, clock, log, gate, users, accelerator, version })
  const volumes = await createVolumeFiles({ directory: join(hypervisor, 'volumes'), images, live: guests.liveDisks, gate, users })
  const close = async () => {
    await guests.close()
    await network.close()
    journal.close()
    given.close()
    identity.release()
  }
  return {
    name,
    guests,
    images,
    volumes,
    network,
    inventory: async () =>
      probeInventory({
        name,
        dataDir,
        guestDiskBytes: await guests.diskBytes(),
        accelerator,
        version,
        segmentTypes: await network.segmentTypes(),
        volumePool: await volumes.capacity(),
      }),
    close,
    async shutDown(tell) {
      await guests.shutDownAll(tell)
      await network.removeAll()
      tell('stopped: networks')
    },
  }
}

/** Root gives each guest a user of its own, from a range that no other cloud of this machine has. */
function usersOf(dataDir: string, journal: Journal): GuestUsers {
  if (process.getuid?.() !== 0) return sameUser
  const holds = (other: string, { start }: { start: number }) => storedRange(readJournal(usersJournal(other)))?.start === start
  return createGuestUsers(claimRange({ dataDir, stored: storedRange(journal), holds }), journal)
}

/** Guests read base images by the group that they have in common, whichever that was when the image came. */
async function openBases(directory: string, { bases }: GuestUsers): Promise<void> {
  if (!bases) return
  for (const file of await readdir(directory)) {
    await chown(join(directory, file), 0, bases.gid)
    await chmod(join(directory, file), file.endsWith('.json') ? 0o600 : 0o640)
  }
}
