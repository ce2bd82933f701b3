// Each bug made on purpose is found by the simulation: this shows that it can fail. What a seed shows changes whenever the
// product does; when a bug needs more than its first seed, the line that is printed tells which to write down.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hunt, without, type HuntedBug } from './hunt.ts'
import { bugs, type Shown } from './bugs.ts'

/** as many as CI has cores */
const atOnce = 2
const limitMs = 300_000

const worlds = new Map<string, Promise<string>>()

/** One run for all bugs that are shown by the same. */
function wellWithout(shown: Shown): Promise<string> {
  const key = JSON.stringify(shown)
  const known = worlds.get(key) ?? without(shown)
  worlds.set(key, known)
  return known
}

describe('the simulation finds', { concurrency: atOnce }, () => {
  for (const bug of bugs.filter((each): each is HuntedBug => each.shownBy !== undefined)) {
    test(bug.name, { timeout: limitMs }, async (t) => {
      const found = await hunt(bug)
      assert.ok(found, 'no seed shows it')
      t.diagnostic(`seed ${found.seed} (${found.tried} tried, ${found.cpuSeconds.toFixed(1)} CPU s): ${found.violation}`)
      assert.equal(await wellWithout({ ...bug.shownBy, seed: found.seed }), '', `seed ${found.seed} violates something without the bug too`)
    })
  }
})
