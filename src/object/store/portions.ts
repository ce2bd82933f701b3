// What touches thousands of rows does it in portions, and others have their turn in between: the process serves more than this request.
import { Budget } from '../../platform/budget.ts'

/** rows at once: about 3 ms */
const portion = 500
/** steps of the budget for each, so that every second portion gives way */
const stepsAPortion = 125_000

export interface Portion {
  above: number
  upTo: number
}

/** For all numbers from 1 to `last`. */
export async function inPortions(last: number, work: (of: Portion) => Promise<unknown>): Promise<void> {
  const budget = new Budget()
  for (let above = 0; above < last; above += portion) {
    await work({ above, upTo: above + portion })
    await budget.take(stepsAPortion)
  }
}
