// Runs the steps of a story as tests of their own, in order; after the first that fails the rest is left out, since
// each stands on the ones before it.
import type { TestContext } from 'node:test'
import type { Step } from './story.ts'

const stepTimeoutMs = 300_000

export async function runSteps(t: TestContext, steps: Step[]): Promise<void> {
  for (const { name, run } of steps) {
    let passed = false
    await t.test(name, { timeout: stepTimeoutMs }, async () => {
      await run()
      passed = true
    })
    if (!passed) return
  }
}
