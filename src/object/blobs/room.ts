// The room that object storage leaves to everybody else on the disk: guests that write, and the rows. When there is less, nothing
// more is taken in; reading and deleting go on.
import type { Platform } from '../../platform/context.ts'
import { ObjectRefusal } from '../refusal.ts'
import type { BlobDriver } from './backends/driver.ts'

const believedMs = 1_000

export class Room {
  #platform: Platform
  #driver: () => Promise<BlobDriver>
  #known: { freeBytes: number | null; atMs: number } | null = null

  constructor(platform: Platform, driver: () => Promise<BlobDriver>) {
    this.#platform = platform
    this.#driver = driver
  }

  /** null: nobody knows, as of a bucket elsewhere */
  async freeBytes(): Promise<number | null> {
    const atMs = this.#platform.clock.nowMs()
    if (this.#known && Math.abs(atMs - this.#known.atMs) < believedMs) return this.#known.freeBytes
    const freeBytes = await (await this.#driver()).freeBytes()
    this.#known = { freeBytes, atMs }
    return freeBytes
  }

  async isFull(bytes = 0): Promise<boolean> {
    const freeBytes = await this.freeBytes()
    return freeBytes !== null && freeBytes - bytes < this.#platform.config.object.reserveFreeMib * 2 ** 20
  }

  async check(bytes: number): Promise<void> {
    if (await this.isFull(bytes)) throw new ObjectRefusal('full')
  }
}
