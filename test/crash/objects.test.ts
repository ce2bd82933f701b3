// kill -9 at seeded random moments while objects are written, copied, marked and deleted: what was acknowledged is there, byte by byte, in
// listings and counters; what was not is whole or not there, and no bytes are left that nobody names. CRASH_SEED replays.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { objectsPrepare, objectsSound, objectsVerify, objectsWrite, type ObjectLedger } from '../faults/object-writers.ts'
import { logIn } from '../support/client.ts'
import { randomFrom } from './random.ts'
import { Victim } from './victim.ts'

const kills = Number(process.env['CRASH_OBJECT_KILLS'] ?? 8)
const seed = Number(process.env['CRASH_SEED'] ?? 1)
const writers = 4
const longestLifeMs = 900

test(
  `kill -9 at ${kills} random moments of writing objects loses nothing and leaves nothing (seed ${seed})`,
  { timeout: 300_000 },
  async (t) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'stackling-crash-'))
    const victim = new Victim(dataDir, 'fake')
    const luck = randomFrom(seed)
    const ledger: ObjectLedger = new Map()
    try {
      await victim.start()
      let client = await logIn(dataDir)
      const s3 = await objectsPrepare(client, dataDir)
      while (victim.kills < kills) {
        const stop = new AbortController()
        const writing = Promise.all(
          Array.from({ length: writers }, (_, writer) => objectsWrite({ client, s3, ledger, luck, writer }, stop.signal)),
        )
        await Promise.race([wait(luck() * longestLifeMs), writing])
        await victim.kill()
        stop.abort()
        await writing
        const open = [...ledger.values()].filter(({ length }) => length > 1).length
        t.diagnostic(`kill ${victim.kills}: ${ledger.size} names, ${open} requests without an answer`)
        await victim.start()
        client = await logIn(dataDir)
        await objectsVerify(client, ledger)
        await objectsSound(client)
      }
    } finally {
      await victim.stop()
      rmSync(dataDir, { recursive: true, force: true })
    }
  },
)
