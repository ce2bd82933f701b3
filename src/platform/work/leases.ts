// The signs of life of all work that runs in this process: one update for all of it, three in the time of a lease. Whoever
// does not own its item any more learns it then. Before a first sign is due most work is over, and none is sent.
import type { Timer } from '../clock.ts'
import type { Platform } from '../context.ts'
import { itemsRenew, type ItemRow } from './items.ts'

const signsInLease = 3

interface Held {
  item: ItemRow
  lost(): void
}

export class Leases {
  #platform: Platform
  #worker: string
  #leaseMs: number
  /** by fence */
  #held = new Map<number, Held>()
  #timer: Timer | null = null

  constructor(platform: Platform, { worker, leaseMs }: { worker: string; leaseMs: number }) {
    this.#platform = platform
    this.#worker = worker
    this.#leaseMs = leaseMs
  }

  /** Keeps the lease of what was just claimed until it is released; `lost` is called when it is somebody else's. */
  hold(item: ItemRow, lost: () => void): void {
    this.#held.set(item.fence, { item, lost })
    this.#timer ??= this.#next()
  }

  release({ fence }: ItemRow): void {
    this.#held.delete(fence)
    if (this.#held.size > 0) return
    this.#timer?.cancel()
    this.#timer = null
  }

  #next(): Timer {
    return this.#platform.clock.after(this.#leaseMs / signsInLease, () => void this.#renew())
  }

  async #renew(): Promise<void> {
    this.#timer = null
    const { store, clock, log } = this.#platform
    const asked = [...this.#held.values()]
    try {
      const kept = await itemsRenew(
        store,
        asked.map(({ item }) => item.id),
        { worker: this.#worker, leaseUntil: clock.nowMs() + this.#leaseMs },
      )
      for (const { item, lost } of asked) if (!kept.has(item.fence)) lost()
    } catch (error) {
      log.error({ err: error, items: asked.length }, 'renewing leases failed; it is tried again')
    }
    if (this.#held.size > 0) this.#timer ??= this.#next()
  }
}
