// The power fails while a cloud on fake drivers is written to, at seeded random moments: a new process on what is left
// finds every write that was acknowledged, nothing half made, and can delete everything. FAULTS_SEED replays.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { tinyQcow2 } from '../../src/platform/disk-image/tiny-qcow2.ts'
import { type Holdings, leftovers, leftoversAtFirst } from '../crash/leftovers.ts'
import { randomFrom } from '../crash/random.ts'
import { Victim } from '../crash/victim.ts'
import { logIn, type Client } from '../support/client.ts'
import { copyAfterPowerLoss, freeze } from './power-loss.ts'
import { copyOfObjects, objectsPrepare, objectsSound, objectsVerify, objectsWrite, type ObjectLedger } from './object-writers.ts'
import { copyOf, settleAndDelete, verify, write, type Ledger } from './writers.ts'
import { untilWithin } from '../support/until.ts'

const failures = Number(process.env['FAULTS_POWER'] ?? 6)
const seed = Number(process.env['FAULTS_SEED'] ?? 1)
const writers = 4
const longestBurstMs = 900

test(
  `after ${failures} power failures in the midst of writes all that was acknowledged is there, and nothing half made (seed ${seed})`,
  { timeout: 300_000 },
  async (t) => {
    const scratch = mkdtempSync(join(tmpdir(), 'stackling-power-'))
    const dataDir = join(scratch, 'data')
    const syncLog = join(scratch, 'syncs')
    const luck = randomFrom(seed)
    const watched = { SYNC_LOG: syncLog, NODE_OPTIONS: `--import ${join(import.meta.dirname, 'watch-syncs.ts')}` }
    const victim = new Victim(dataDir, 'fake', watched)
    try {
      await victim.start()
      const client = await logIn(dataDir)
      const base = await prepare(client)
      const s3 = await objectsPrepare(client, dataDir)
      const clean = withoutImages(await leftoversAtFirst(dataDir))
      const ledger: Ledger = new Map()
      const objects: ObjectLedger = new Map()
      for (let failure = 1; failure <= failures; failure++) {
        const copy = join(scratch, `copy${failure}`)
        mkdirSync(copy, { mode: 0o711 })
        const stop = new AbortController()
        const writing = Array.from({ length: writers }, (_, writer) => [
          write({ client, ledger, luck, flavorId: base.flavorId, imageId: base.imageId }, stop.signal),
          objectsWrite({ client, s3, ledger: objects, luck, writer }, stop.signal),
        ]).flat()
        await Promise.race([wait(50 + luck() * longestBurstMs), ...writing])
        await freeze(victim.pid)
        const [acknowledged, written] = [copyOf(ledger), copyOfObjects(objects)]
        const cut = copyAfterPowerLoss({ from: dataDir, to: copy, syncLog, luck })
        stop.abort()
        process.kill(victim.pid, 'SIGCONT')
        await Promise.all(writing)
        t.diagnostic(`failure ${failure}: ${acknowledged.size} resources, ${written.size} objects, ${cut}`)
        await liveOn(copy, { acknowledged, written, keep: base.keep, clean })
        rmSync(copy, { recursive: true })
      }
      await verify(client, ledger)
      await objectsVerify(client, objects)
    } finally {
      await victim.stop()
      rmSync(scratch, { recursive: true, force: true })
    }
  },
)

/** The host may keep the base image, which is still there. */
const withoutImages = (all: Holdings): Holdings => ({ ...all, fakeHost: all.fakeHost.filter((key) => !key.startsWith('image/')) })

interface Expected {
  acknowledged: Ledger
  written: ObjectLedger
  keep: Set<string>
  clean: Holdings
}

/** A new process takes the copy over. */
async function liveOn(copy: string, { acknowledged, written, keep, clean }: Expected): Promise<void> {
  const next = new Victim(copy, 'fake')
  try {
    await next.start()
    const client = await logIn(copy)
    await verify(client, acknowledged)
    await objectsVerify(client, written)
    await objectsSound(client)
    await settleAndDelete(client, keep)
    await untilWithin('a clean slate', 15_000, async () =>
      JSON.stringify(withoutImages(leftovers(copy))) === JSON.stringify(clean) ? true : undefined,
    ).catch(() => assert.deepEqual(withoutImages(leftovers(copy)), clean))
  } finally {
    await next.stop()
  }
}

/** An image to boot from, room to write, and the ids of what was there before. */
async function prepare(client: Client) {
  await client.must('PUT', `/volume/v3/os-quota-sets/${client.projectId}`, { quota_set: { volumes: -1, gigabytes: -1 } })
  await client.must('PUT', `/compute/v2.1/os-quota-sets/${client.projectId}`, { quota_set: { instances: -1, cores: -1, ram: -1 } })
  await client.must('PUT', `/network/v2.0/quotas/${client.projectId}`, { quota: { network: -1 } })
  const image = await client.must('POST', '/image/v2/images', { name: 'base', disk_format: 'qcow2', container_format: 'bare' })
  await client.must('PUT', `/image/v2/images/${image.id}/file`, tinyQcow2(1 << 20), { 'content-type': 'application/octet-stream' })
  const { images } = await client.must('GET', '/image/v2/images')
  const { networks } = await client.must('GET', '/network/v2.0/networks')
  const { flavors } = await client.must('GET', '/compute/v2.1/flavors?sort_key=memory_mb')
  return {
    flavorId: flavors[0].id as string,
    imageId: image.id as string,
    keep: new Set([...images, ...networks].map(({ id }: { id: string }) => id)),
  }
}
