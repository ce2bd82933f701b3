// `npm run simulate -- --seed N [--seeds M] [--jobs J] [--hosts H] [--hours T] [--operations K] [--objects O] [--servers S] [--stress NAME]`:
// runs seeds one after another, in J processes, and says what was seen of each when it is through. It ends at the first
// violation that comes: prints it, its seed, and the shortest plan found with which it still happens (unless --no-shrink), told line
// by line.
// Exit code 0: nothing was violated.
import { parseArgs } from 'node:util'
import { spread } from './children.ts'
import { stresses, type Stress } from './plan.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    forever: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '1' },
    hosts: { type: 'string', default: '20' },
    hours: { type: 'string', default: '1' },
    operations: { type: 'string', default: '200' },
    objects: { type: 'string', default: '60' },
    servers: { type: 'string', default: '0' },
    stress: { type: 'string' },
    trace: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: true },
  },
  allowNegative: true,
})
const stressOf = (name: string | undefined): Stress | undefined => {
  if (name === undefined || name in stresses) return name as Stress | undefined
  throw new Error(`there is no stress named '${name}': ${Object.keys(stresses).join(', ')}`)
}
const first = Number(values.seed)
const last = values.forever ? Infinity : first + Number(values.seeds) - 1
const size = {
  hosts: Number(values.hosts),
  hours: Number(values.hours),
  operations: Number(values.operations),
  objects: Number(values.objects),
  servers: Number(values.servers),
  stress: stressOf(values.stress),
}

function* seeds(): Generator<number> {
  for (let seed = first; seed <= last; seed++) yield seed
}

const startedMs = performance.now()
let count = 0
let cpuSeconds = 0
await spread(
  seeds(),
  Math.min(Number(values.jobs), last - first + 1),
  { ...size, trace: values.trace, shrink: values.shrink },
  (verdict) => {
    console.log(verdict.text)
    if (verdict.isViolated) process.exit(1)
    count++
    cpuSeconds += verdict.cpuSeconds
  },
)
console.log(`${count} seeds, no violation, ${cpuSeconds.toFixed(1)} CPU s, ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
