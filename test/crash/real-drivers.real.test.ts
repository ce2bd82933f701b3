// kill -9 of control at seeded random moments of the story on real drivers, in a lab of its own: guests keep running
// through it, every operation finishes or says why not, and the machine ends as it was. What happens inside the lab
// stands in real-telling.ts. CRASH_SEED replays, CRASH_KILLS sets how many.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { silentLog } from '../../src/platform/log.ts'
import { guestImage } from '../../src/server/guest-image.ts'
import { openLab } from '../e2e/place.ts'

const limitMs = 840_000
const kills = process.env['CRASH_KILLS'] ?? '5'
const seed = process.env['CRASH_SEED'] ?? '1'

test(
  `kill -9 at ${kills} random moments with real guests loses nothing and leaves nothing (seed ${seed})`,
  { timeout: limitMs },
  async (t) => {
    const scratch = mkdtempSync(join(tmpdir(), 'stackling-crash-'))
    const image = await guestImage({ dataDir: scratch, drivers: 'real' }, silentLog)
    const place = await openLab()
    t.after(async () => {
      await place.close()
      rmSync(scratch, { recursive: true, force: true })
    })
    const told = await place.run(
      [process.execPath, join(import.meta.dirname, 'real-telling.ts'), join(scratch, 'data'), image.path, kills, seed],
      { timeoutMs: limitMs },
    )
    assert.equal(told.code, 0, told.stdout + told.stderr)
    t.diagnostic(told.stdout.trim())
  },
)
