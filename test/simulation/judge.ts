// One seed from plan to verdict: what was seen in its run, in words for whoever started it.
import { planOf, type Plan, type PlanOptions } from './plan.ts'
import { run, type Outcome } from './run.ts'
import { shrink } from './shrink.ts'

export interface Judging extends Omit<PlanOptions, 'seed'> {
  /** prints every step */
  trace: boolean
  /** looks for the shortest plan with which a violation still happens */
  shrink: boolean
}

export interface Verdict {
  text: string
  isViolated: boolean
  /** user and system, of all threads */
  cpuSeconds: number
}

const shownLines = 120

export async function judge(seed: number, about: Judging): Promise<Verdict> {
  const plan = planOf({ ...about, seed })
  const before = process.cpuUsage()
  const outcome = await run(plan, about.trace ? { everyLine: (line) => console.log(line) } : {})
  const { user, system } = process.cpuUsage(before)
  const cpuSeconds = (user + system) / 1e6
  const isViolated = outcome.violations.length > 0
  const line = `seed ${seed}: ${outcome.violations.length} violations, ${outcome.steps} steps, trace ${outcome.digest}, ${cpuSeconds.toFixed(1)} CPU s`
  if (isViolated && about.shrink) console.error(`${line}; now looking for the shortest run that shows it`)
  const text = isViolated ? [line, ...lines(plan, about.shrink ? await shrink(plan, outcome) : [plan, outcome])].join('\n') : line
  return { text, isViolated, cpuSeconds }
}

const lines = (plan: Plan, [smaller, told]: [Plan, Outcome]): string[] => [
  ...told.lines.slice(-shownLines),
  `violated with seed ${plan.seed}, ${smaller.items.length} of ${plan.items.length} requests and faults:`,
  ...told.violations.map((violation) => `  ${violation}`),
]
