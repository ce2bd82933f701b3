// Work for each of many rows, in portions: the loop says what a row costs, and after so much the loop
// is given to others. Counted in steps, not in time, so that a replayed run takes the same turns.
import { setImmediate } from 'node:timers/promises'

/** about 5 ms of the pattern engine at its slowest */
const stepsPerTurn = 250_000

export class Budget {
  #left = stepsPerTurn

  /** Takes the steps; a promise when it is time to let others go on, which the caller awaits. */
  take(steps: number): Promise<unknown> | null {
    this.#left -= steps
    if (this.#left > 0) return null
    this.#left = stepsPerTurn
    return setImmediate()
  }
}
