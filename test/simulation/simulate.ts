// `npm run simulate -- --seed N`: runs one seed and says what it saw.
import { parseArgs } from 'node:util'
import { planOf } from './plan.ts'
import { run } from './run.ts'

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, hosts: { type: 'string', default: '20' }, hours: { type: 'string', default: '1' }, operations: { type: 'string', default: '200' }, trace: { type: 'boolean', default: false }, seeds: { type: 'string', default: '1' } },
})
const first = Number(values.seed)
for (let seed = first; seed < first + Number(values.seeds); seed++) {
  const plan = planOf({ seed, hosts: Number(values.hosts), hours: Number(values.hours), operations: Number(values.operations) })
  const cpu = process.cpuUsage()
  const outcome = await run(plan, values.trace ? { everyLine: (line) => console.log(line) } : {})
  const used = process.cpuUsage(cpu)
  console.log(`seed ${seed}: ${outcome.violations.length} violations, ${outcome.steps} steps, digest ${outcome.digest}, ${((used.user + used.system) / 1e6).toFixed(2)} CPU s`)
  for (const violation of outcome.violations.slice(0, 20)) console.log(`  ${violation}`)
  if (outcome.violations.length > 0 && first === seed && !values.trace) console.log(outcome.lines.slice(-150).join('\n'))
}
process.exit(0)
