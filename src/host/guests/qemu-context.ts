// What the parts of the QEMU driver share: set once when the driver is made.
import type { Clock } from '../../platform/clock.ts'
import type { HostNetwork } from '../../contract/network.ts'
import type { LocalImages } from '../images/local-images.ts'
import type { GuestUsers } from '../guest-users.ts'
import type { Accelerator } from './accelerator.ts'
import type { Engine } from './engine.ts'

export interface QemuContext {
  engine: Engine
  images: LocalImages
  network: Pick<HostNetwork, 'ensureTap' | 'removeTap'>
  clock: Clock
  users: GuestUsers
  accelerator: Accelerator
  /** 'pc-q35-7.2' */
  machineType: string
  shutdownTimeoutMs: number
  unplugTimeoutMs: number
  /** Connects to a process of the guest that nobody is connected to; HostError 'unreachable' when it does not answer. */
  reconnect(id: string): Promise<void>
  /** Ends such a process. */
  endStray(id: string): Promise<void>
}
