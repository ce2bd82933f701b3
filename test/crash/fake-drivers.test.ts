// kill -9 at 50 seeded random moments of the story, on fake drivers, and `up` again: every operation finishes or
// ends in ERROR with a reason, and nothing is left over. CRASH_SEED replays, CRASH_KILLS sets how many.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { tinyQcow2 } from '../../src/platform/disk-image/tiny-qcow2.ts'
import { leftovers, leftoversAtFirst } from './leftovers.ts'
import { randomFrom } from './random.ts'
import { tellStory } from './story.ts'
import { Victim } from './victim.ts'
import { untilWithin } from '../support/until.ts'

const kills = Number(process.env['CRASH_KILLS'] ?? 50)
const seed = Number(process.env['CRASH_SEED'] ?? 1)
const longestLifeMs = 600

test(`kill -9 at ${kills} random moments loses nothing and leaves nothing (seed ${seed})`, { timeout: 600_000 }, async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'stackling-crash-'))
  const victim = new Victim(dataDir, 'fake')
  const next = randomFrom(seed)
  try {
    await victim.start()
    const before = await leftoversAtFirst(dataDir)
    for (let telling = 1; victim.kills < kills; telling++) {
      const story = tellStory({ dataDir, tag: `story${telling}`, image: tinyQcow2(1 << 30) })
      let told = false
      const done = story.finally(() => void (told = true))
      done.catch(() => {})
      while (!told && victim.kills < kills) {
        await Promise.race([wait(next() * longestLifeMs), done.catch(() => {})])
        if (told) break
        await victim.kill()
        await victim.start()
      }
      t.diagnostic(`telling ${telling}, ${victim.kills} kills: ${JSON.stringify(await done)}`)
      // a cached image that something held when its image was deleted goes in the next round, a minute later
      const same = async () => JSON.stringify(leftovers(dataDir)) === JSON.stringify(before) || undefined
      await untilWithin('a clean slate', 90_000, same).catch(() =>
        assert.deepEqual(leftovers(dataDir), before, `after telling ${telling}, ${victim.kills} kills`),
      )
    }
  } finally {
    await victim.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
})
