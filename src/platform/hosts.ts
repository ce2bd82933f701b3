// The hosts that control can talk to, by name. In one process these are the drivers themselves; beyond it the
// same interface stands for a link over the bus. Calls carry the fence of the work item (host/contract.ts).
import type { Host } from '../host/contract.ts'
import { ApiError } from './errors.ts'

export class HostRegistry {
  #hosts = new Map<string, Host>()

  add(host: Host): void {
    this.#hosts.set(host.name, host)
  }
  remove(name: string): void {
    this.#hosts.delete(name)
  }
  names(): string[] {
    return [...this.#hosts.keys()].sort()
  }
  find(name: string): Host | undefined {
    return this.#hosts.get(name)
  }
  /** The host, or a retryable 'unavailable': it may come back. */
  get(name: string): Host {
    const host = this.#hosts.get(name)
    if (!host) throw new ApiError('unavailable', `The host ${name} is not connected.`)
    return host
  }
}
