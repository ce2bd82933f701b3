// A story's steps in a process that is no test itself: one line of output for each, which the test reads.
import { inspect } from 'node:util'

export interface StepDone {
  name: string
  seconds: number
  failure: string | null
}

export const stepMark = '@@step '

/** Runs the step; the first that fails ends the process, since the next stand on it. */
export async function step(name: string, work: () => Promise<void>): Promise<void> {
  const started = performance.now()
  const done = (failure: string | null) => {
    const line: StepDone = { name, seconds: Math.round((performance.now() - started) / 100) / 10, failure }
    console.log(stepMark + JSON.stringify(line))
  }
  try {
    await work()
    done(null)
  } catch (error) {
    done(inspect(error, { depth: 4 }))
    process.exit(1)
  }
}
