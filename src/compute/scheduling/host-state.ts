// A compute host as the scheduler sees it. A class, so that thousands of them in a decision are of one shape to the engine; what
// is read of the machine's own report is read when a filter asks for it.
import type { HostCapabilities, HostInventory } from '../../contract/host.ts'
import { type HostFacts, type InventoryUse } from '../hosts/facts.ts'

interface Known {
  fact: HostFacts
  /** by resource class; only of hosts that placement has as candidates */
  inventories: Record<string, InventoryUse>
  /** servers on it; counted only when somebody asks for it */
  servers: number
  inventory: () => HostInventory
}

export class HostState {
  /** the service's host name */
  readonly name: string
  readonly nodeId: string
  /** the hypervisor's host name */
  readonly hostname: string
  readonly disabled: boolean
  /** its service was seen lately and is not forced down */
  readonly alive: boolean
  readonly zone: string
  /** of every aggregate that it is in, the metadata */
  readonly aggregates: Record<string, string>[]
  readonly inventories: Record<string, InventoryUse>
  readonly servers: number
  readonly #inventory: () => HostInventory

  constructor({ fact: { node, service, alive, zone, aggregates }, inventories, servers, inventory }: Known) {
    this.name = node.host
    this.nodeId = node.id
    this.hostname = node.hostname
    this.disabled = service.disabled
    this.alive = alive
    this.zone = zone
    this.aggregates = aggregates.map(({ metadata }) => metadata)
    this.inventories = inventories
    this.servers = servers
    this.#inventory = inventory
  }

  get arch(): string {
    return this.#inventory().cpuInfo.arch
  }
  get hypervisorType(): string {
    return this.#inventory().hypervisorType
  }
  get hypervisorVersion(): number {
    return this.#inventory().hypervisorVersion
  }
  get capabilities(): HostCapabilities {
    return this.#inventory().capabilities
  }
}
