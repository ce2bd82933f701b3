// A host: what control asks of a machine and what the machine reports. The ground floor: types, and no code but what tells
// them apart. Both sides of the line import this folder; the drivers behind it live in host/guests, host/network, host/volumes
// and host/images, each as a real and a `fake` one that pass the same conformance suite.
import type { ImageCache } from './images.ts'
import type { VolumePool, Volumes } from './volumes.ts'
import type { Guests } from './guests.ts'
import type { SegmentType, HostNetwork } from './network.ts'

/** What not every machine's guests can: asked for instead of what drives them. */
export interface HostCapabilities {
  /** images of any hypervisor type and machine mode boot */
  anyImageType: boolean
  /** an agent in the guest sets passwords */
  guestAgent: boolean
  /** something answers behind a console's URL */
  consoles: boolean
}

export interface HostInventory {
  hostname: string
  vcpus: number
  ramMib: number
  /** of the file system with the guests' disks */
  diskGib: number
  /** what others than guests' disks take of it: no server can have that */
  diskReservedGib: number
  /** what can still be written to it */
  diskFreeGib: number
  hypervisorType: 'QEMU' | 'fake'
  hypervisorVersion: number
  cpuInfo: {
    arch: string
    model: string
    vendor: string
    topology: { cells: number; sockets: number; cores: number; threads: number }
    features: string[]
  }
  accelerator: 'kvm' | 'tcg' | 'fake'
  hostIp: string
  uptimeSeconds: number
  /** processes that run or want to: of the last minute, five and fifteen */
  loadAverage: number[]
  /** placement traits that hold here: COMPUTE_…, HW_… */
  traits: string[]
  /** segment types that this machine can make */
  segmentTypes: SegmentType[]
  capabilities: HostCapabilities
  /** builds that may run at once */
  buildLimit: number
}

/** What a host says with each heartbeat: one answer for all who want to know how it is. */
export interface HostReport extends HostInventory {
  volumePool: VolumePool
}

export interface Host {
  name: string
  inventory(): Promise<HostReport>
  guests: Guests
  images: ImageCache
  volumes: Volumes
  network: HostNetwork
  /** stops listening and timers; guests and network daemons go on */
  close(): Promise<void>
}
