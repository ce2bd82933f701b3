// Virtual time, and the order of everything. Whoever waits (for a query, an answer of a host, a timer) waits here; the
// seed draws how long each wait takes, and so decides what happens before what. One thing happens at a time: the next
// begins when all that it set going waits again. The same seed gives the same order, and the same trace of it.
import type { Timer } from '../../src/platform/clock.ts'
import { Event, Queue, type Owner } from './queue.ts'
import type { Trace } from './trace.ts'
import { repeat } from './turns.ts'

export type { Owner } from './queue.ts'

export class Scheduler {
  #events = new Queue()
  #kept = new Map<Owner, Event[]>()
  #nowMs: number
  #random: () => number
  readonly trace: Trace
  /** how many things have happened */
  steps = 0
  /** looks at the world after each thing that happened; throws when it is not as it must be */
  inspect: () => void = () => {}

  constructor(startMs: number, { random, trace }: { random: () => number; trace: Trace }) {
    this.#nowMs = startMs
    this.#random = random
    this.trace = trace
  }

  /** milliseconds, never backwards */
  get nowMs(): number {
    return this.#nowMs
  }

  after(owner: Owner, ms: number, label: string, happen: () => void): Timer {
    const event = new Event(this.#events, owner, label, happen)
    this.#events.push(event, this.#nowMs + Math.max(0, ms))
    return event
  }

  /** Waits for its turn: mostly about a millisecond, now and then much longer. */
  pause(owner: Owner, label: string): Promise<void> {
    return new Promise((resolve) => void this.after(owner, this.#latencyMs(), label, resolve))
  }

  #latencyMs(): number {
    const kind = this.#random()
    if (kind < 0.97) return 2 * this.#random()
    return kind < 0.998 ? 50 * this.#random() : 3_000 * this.#random()
  }

  /** What was kept while the owner was stopped goes on. */
  thaw(owner: Owner): void {
    const kept = this.#kept.get(owner) ?? []
    this.#kept.delete(owner)
    for (const event of kept) if (!event.isCancelled) this.#events.push(event, this.#nowMs)
  }

  /** Lets things happen until `done` says so, or until the virtual time. Returns whether it was done. */
  async run(untilMs: number, done: () => boolean = () => false): Promise<boolean> {
    let isDone = false
    await repeat(() => {
      this.inspect()
      isDone = done()
      return !isDone && this.#step(untilMs)
    })
    return isDone
  }

  /** False when nothing more is to happen until then. */
  #step(untilMs: number): boolean {
    const next = this.#events.first
    if (next === undefined || next.atMs > untilMs) {
      this.#nowMs = Math.max(this.#nowMs, untilMs)
      return false
    }
    this.#events.remove(next)
    if (next.owner.dead) return true
    if (next.owner.frozen) {
      keep(this.#kept, next)
      return true
    }
    this.#nowMs = Math.max(this.#nowMs, next.atMs)
    this.steps++
    this.trace.step(this.#nowMs, next.owner.name, next.label)
    next.happen()
    return true
  }
}

function keep(kept: Map<Owner, Event[]>, event: Event): void {
  const list = kept.get(event.owner)
  if (list) list.push(event)
  else kept.set(event.owner, [event])
}
