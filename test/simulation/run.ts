// One run: a world from the template, the plan's requests and faults in it, then healing, and what must be so after it.
import { befall, heal } from './faults.ts'
import { ConnectionLost } from './control.ts'
import { Ledger } from './ledger.ts'
import { perform } from './operations.ts'
import type { Asked, Plan } from './plan.ts'
import { watchDeadlines } from './overdue.ts'
import { stream } from './random.ts'
import { templateFor, type Template } from './template.ts'
import { Trace } from './trace.ts'
import { settle, sweep, verifyAtRest, verifyClean } from './verify.ts'
import { nature, World } from './world.ts'

export interface Outcome {
  seed: number
  violations: string[]
  /** of everything that happened, in order */
  digest: string
  steps: number
  /** the last lines for a person */
  lines: string[]
}

const hourMs = 3_600_000

export async function run(plan: Plan, options: { everyLine?: (line: string) => void } = {}): Promise<Outcome> {
  const template = await templateFor(plan)
  const trace = new Trace(options.everyLine ?? null)
  const world = new World({
    seed: plan.seed,
    startMs: template.madeAtMs,
    hosts: plan.hosts,
    controls: plan.controls,
    trace,
    from: template,
  })
  const stray = (error: unknown) =>
    world.violation(`a rejection that nobody awaits: ${error instanceof Error ? error.stack : String(error)}`)
  process.on('unhandledRejection', stray)
  try {
    await live(world, plan, template)
  } catch (error) {
    world.violation(error instanceof Error ? (error.stack ?? error.message) : String(error))
  } finally {
    process.off('unhandledRejection', stray)
    // its memory is not the collector's, which would leave it for long
    for (const { raw } of world.databases) raw.close()
  }
  return { seed: plan.seed, violations: world.violations, digest: trace.digest, steps: world.scheduler.steps, lines: trace.lines }
}

async function live(world: World, plan: Plan, { base, holdings }: Template): Promise<void> {
  const ledger = new Ledger()
  let open = 0
  await world.start()
  watchDeadlines(world)
  world.weather.climate = plan.climate
  const ask = async ({ kind, tenant, name }: Asked) => {
    open++
    const client = world.client(`member@${tenant}`)
    try {
      await perform(kind, { client, ledger, random: stream(plan.seed, name), tenant, name, base, fates: plan.fates })
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error
      world.tell(`${name}: the answer was lost`)
    } finally {
      open--
    }
  }
  for (const item of plan.items) {
    world.scheduler.after(nature, item.atMs, item.kind, () => (item.what === 'fault' ? befall(world, item, plan) : void ask(item)))
  }
  await world.pass(plan.hours * hourMs)
  await heal(world)
  await settle(world, () => open === 0)
  await verifyAtRest(world, ledger)
  await sweep(world)
  await settle(world, () => true)
  verifyClean(world, holdings)
}
