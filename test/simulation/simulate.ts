// `npm run simulate -- --seed N [--seeds M] [--hosts H] [--hours T] [--operations K]`: runs seeds one after another and
// says what was seen. It stops at the first seed with a violation: prints it, the seed, and the shortest plan with which it
// still happens (--shrink), told line by line. Exit code 0: nothing was violated.
import { parseArgs } from 'node:util'
import { planOf, type Plan } from './plan.ts'
import { run, type Outcome } from './run.ts'
import { shrink } from './shrink.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' }, seeds: { type: 'string', default: '1' }, forever: { type: 'boolean', default: false },
    hosts: { type: 'string', default: '20' }, hours: { type: 'string', default: '1' }, operations: { type: 'string', default: '200' },
    trace: { type: 'boolean', default: false }, shrink: { type: 'boolean', default: false },
  },
})
const first = Number(values.seed)
const last = values.forever ? Infinity : first + Number(values.seeds) - 1
const shownLines = 120

for (let seed = first; seed <= last; seed++) {
  const plan = planOf({ seed, hosts: Number(values.hosts), hours: Number(values.hours), operations: Number(values.operations) })
  const before = process.cpuUsage()
  const outcome = await run(plan, values.trace ? { everyLine: (line) => console.log(line) } : {})
  const { user, system } = process.cpuUsage(before)
  console.log(`seed ${seed}: ${outcome.violations.length} violations, ${outcome.steps} steps, trace ${outcome.digest}, ${((user + system) / 1e6).toFixed(1)} CPU s`)
  if (outcome.violations.length === 0) continue
  const [smaller, told] = values.shrink ? await shrunk(plan, outcome) : [plan, outcome]
  console.log(told.lines.slice(-shownLines).join('\n'))
  console.log(`violated with seed ${seed}, ${smaller.items.length} of ${plan.items.length} requests and faults:`)
  for (const violation of told.violations) console.log(`  ${violation}`)
  process.exit(1)
}
process.exit(0)

async function shrunk(plan: Plan, outcome: Outcome): Promise<[Plan, Outcome]> {
  console.log('looking for a shorter way there …')
  return shrink(plan, outcome)
}
