// Virtual time, and the order of everything. Whoever waits (for a query, an answer of a host, a timer) waits here; the
// seed draws how long each wait takes, and so decides what happens before what. One thing happens at a time: the next
// begins when all that it set going waits again. The same seed gives the same order, and the same trace of it.
import type { Timer } from '../../src/platform/clock.ts'
import type { Trace } from './trace.ts'
import { repeat } from './turns.ts'

/** A process that can die or be stopped: what waits on its behalf is then dropped, or kept for later. */
export interface Owner {
  readonly name: string
  readonly dead: boolean
  readonly frozen: boolean
}

interface Event {
  atMs: number
  order: number
  owner: Owner
  label: string
  happen: () => void
}

export class Scheduler {
  #events: Event[] = []
  #kept = new Map<Owner, Event[]>()
  #order = 0
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
    const event: Event = { atMs: this.#nowMs + Math.max(0, ms), order: this.#order++, owner, label, happen }
    push(this.#events, event)
    return { cancel: () => void (event.happen = cancelled) }
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
    for (const event of kept) push(this.#events, { ...event, atMs: this.#nowMs, order: this.#order++ })
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
    const next = this.#events[0]
    if (next === undefined || next.atMs > untilMs) {
      this.#nowMs = Math.max(this.#nowMs, untilMs)
      return false
    }
    pop(this.#events)
    if (next.happen === cancelled || next.owner.dead) return true
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

const cancelled = () => {}

function keep(kept: Map<Owner, Event[]>, event: Event): void {
  const list = kept.get(event.owner)
  if (list) list.push(event)
  else kept.set(event.owner, [event])
}

const before = (a: Event, b: Event): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)

/** A binary heap, earliest first. */
function push(heap: Event[], event: Event): void {
  let at = heap.push(event) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!before(event, heap[parent] as Event)) break
    heap[at] = heap[parent] as Event
    at = parent
  }
  heap[at] = event
}

function pop(heap: Event[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && before(heap[child + 1] as Event, heap[child] as Event)) child++
    if (!before(heap[child] as Event, last)) break
    heap[at] = heap[child] as Event
    at = child
  }
  heap[at] = last
}
