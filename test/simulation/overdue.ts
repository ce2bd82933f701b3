// No work outlives its time: looked at every minute, during the faults too. Work that nobody could see to, because all
// control processes were dead or stood still just now, is excused until they have had a while.
import { undoGraceMs } from '../../src/platform/work/failure.ts'
import { nature, type World } from './world.ts'

const lookEveryMs = 60_000
/** that a process must have been up and running, to be asked */
const shortestUpMs = 120_000
/** A clock that is set forward by ten minutes makes work late that is in a call; a lease lasts half a minute. */
const lateMostMs = 660_000
/** each step that is left is undone once, within a minute */
const stepsUndoneMs = 600_000

interface Late {
  name: string
  resource_id: string
  phase: string
  state: string
  deadline_at: number
}

/** Looks from now on, as long as time passes. */
export function watchDeadlines(world: World): void {
  const told = new Set<string>()
  let upSinceMs = world.scheduler.nowMs
  const tell = (texts: string[]) => {
    for (const text of texts.filter((each) => !told.has(each))) world.violation(text)
    for (const text of texts) told.add(text)
  }
  const look = () => {
    const { nowMs } = world.scheduler
    const clocks = world.controls.flatMap((control) => (control.isFrozen ? [] : (control.cloud?.platform.clock ?? [])))
    if (clocks.length < world.controls.length) upSinceMs = nowMs
    else if (nowMs - upSinceMs >= shortestUpMs) tell(overdue(world, Math.min(...clocks.map((clock) => clock.nowMs()))))
    world.scheduler.after(nature, lookEveryMs, 'look at deadlines', look)
  }
  look()
}

function overdue(world: World, nowMs: number): string[] {
  const items = world.database.rows<Late>(
    "select name, resource_id, phase, state, deadline_at from work_items where kind = 'saga' and state <> 'dead'",
  )
  const until = ({ phase, deadline_at }: Late) => deadline_at + lateMostMs + (phase === 'undo' ? undoGraceMs + stepsUndoneMs : 0)
  return items
    .filter((item) => nowMs > until(item))
    .map(({ name, resource_id, phase, state }) => `${name} of ${resource_id} is long past its deadline: ${state}, ${phase}`)
}
