// Makes a failing plan smaller: leaves out parts of its requests and faults, halves first and single ones last, as long as
// the same kind of violation still comes.
import type { Plan } from './plan.ts'
import { run, type Outcome } from './run.ts'

/** of all runs: some 150 of the usual size, two of a world with a thousand hosts */
const mostSteps = 4_000_000

/** The smallest plan found, and what it did. */
export async function shrink(plan: Plan, outcome: Outcome): Promise<[Plan, Outcome]> {
  const wanted = kindOf(outcome)
  let best: [Plan, Outcome] = [plan, outcome]
  let steps = 0
  for (let part = Math.ceil(plan.items.length / 2); part >= 1; part = Math.floor(part / 2)) {
    for (let start = 0; start < best[0].items.length && steps < mostSteps;) {
      const items = best[0].items.filter((_, index) => index < start || index >= start + part)
      const smaller = { ...plan, items }
      const tried = await run(smaller)
      steps += tried.steps
      if (tried.violations.length > 0 && kindOf(tried) === wanted) best = [smaller, tried]
      else start += part
    }
  }
  return best
}

/** The first violation without its ids and numbers. */
const kindOf = ({ violations }: Outcome): string =>
  (violations[0] ?? '').split('\n', 1)[0]?.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|ask\d+|\d+/g, '#') ?? ''
