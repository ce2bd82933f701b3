// What is to happen, earliest first: a binary heap in which each event knows its place, so that one that is cancelled
// (most are: whoever waits for an answer gets it) leaves at once, and what it would have done with it.
import type { Timer } from '../../src/platform/clock.ts'

/** A process that can die or be stopped: what waits on its behalf is then dropped, or kept for later. */
export interface Owner {
  readonly name: string
  readonly dead: boolean
  readonly frozen: boolean
}

const nowhere = -1
const nothing = () => {}

export class Event implements Timer {
  readonly owner: Owner
  readonly label: string
  happen: () => void
  atMs = 0
  /** of two at the same time, the one that was put in first */
  order = 0
  place = nowhere
  #queue: Queue

  constructor(queue: Queue, owner: Owner, label: string, happen: () => void) {
    this.#queue = queue
    this.owner = owner
    this.label = label
    this.happen = happen
  }

  get isCancelled(): boolean {
    return this.happen === nothing
  }

  cancel(): void {
    this.happen = nothing
    if (this.place !== nowhere) this.#queue.remove(this)
  }
}

export class Queue {
  #heap: Event[] = []
  #order = 0

  get first(): Event | undefined {
    return this.#heap[0]
  }

  push(event: Event, atMs: number): void {
    event.atMs = atMs
    event.order = this.#order++
    this.#rise(event, this.#heap.length)
  }

  remove(event: Event): void {
    const { place } = event
    const last = this.#heap.pop()
    event.place = nowhere
    if (last === undefined || last === event) return
    if (place > 0 && isBefore(last, this.#heap[parentOf(place)] as Event)) this.#rise(last, place)
    else this.#sink(last, place)
  }

  #rise(event: Event, from: number): void {
    const heap = this.#heap
    let at = from
    while (at > 0) {
      const above = heap[parentOf(at)] as Event
      if (!isBefore(event, above)) break
      heap[at] = above
      above.place = at
      at = parentOf(at)
    }
    heap[at] = event
    event.place = at
  }

  #sink(event: Event, from: number): void {
    const heap = this.#heap
    let at = from
    for (let child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++
      const below = heap[child] as Event
      if (!isBefore(below, event)) break
      heap[at] = below
      below.place = at
      at = child
    }
    heap[at] = event
    event.place = at
  }
}

const parentOf = (place: number): number => (place - 1) >> 1
const isBefore = (a: Event, b: Event): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
