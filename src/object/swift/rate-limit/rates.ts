// How many requests a second something may have, and how long one of them waits for its turn: each takes its share of time from a
// lane, and what was not used within some seconds is lost. Pure, but for what it remembers.

/** Rates by the least size they are for, in order. */
export type Rates = readonly [size: number, rate: number][]

export const ratesOf = (settings: Readonly<Record<string, number>>): Rates =>
  Object.entries(settings)
    .map(([size, rate]): [number, number] => [Number(size), rate])
    .filter(([size, rate]) => Number.isFinite(size) && Number.isFinite(rate))
    .sort(([a], [b]) => a - b)

/** The rate for a size: between two that are set a straight line; null: as many as come. */
export function rateFor(rates: Rates, size: number): number | null {
  const above = rates.findIndex(([least]) => least > size)
  const before = rates[above < 0 ? rates.length - 1 : above - 1]
  if (!before) return null
  const after = above < 0 ? undefined : rates[above]
  if (!after) return before[1]
  return before[1] + ((size - before[0]) * (after[1] - before[1])) / (after[0] - before[0])
}

/** Time that was not used and may be made up for. */
const bufferMs = 5_000
const mostLanes = 10_000

/** Turns in lanes by name; a name that was not asked for long ago is forgotten. */
export class Lanes {
  readonly #nextMs = new Map<string, number>()

  /** How long to wait for the turn; null: longer than that, and no turn was taken. */
  turn(name: string, { rate, nowMs, mostMs }: { rate: number; nowMs: number; mostMs: number }): number | null {
    const shareMs = 1000 / rate
    const known = this.#nextMs.get(name) ?? 0
    const startMs = nowMs - known > bufferMs ? nowMs : known
    const waitMs = Math.max(0, startMs - nowMs)
    if (waitMs > mostMs * 0.99) return null
    this.#nextMs.delete(name)
    this.#nextMs.set(name, startMs + shareMs)
    // the one that was asked for longest ago goes
    if (this.#nextMs.size > mostLanes) this.#forgetOldest()
    return waitMs
  }

  #forgetOldest(): void {
    const { value, done } = this.#nextMs.keys().next()
    if (!done) this.#nextMs.delete(value)
  }
}
