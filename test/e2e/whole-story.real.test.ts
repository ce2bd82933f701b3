// Bar 1: one command gives a cloud, and the official client takes real guests through the whole story. In a network
// namespace of its own with no route out.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { guestImage } from '../../src/server/guest-image.ts'
import { silentLog } from '../../src/platform/log.ts'
import { storedHoldings } from '../crash/leftovers.ts'
import { openClient } from './client.ts'
import { storyCloud } from './cloud.ts'
import { openLab } from './place.ts'
import { runSteps } from './run-steps.ts'
import { story } from './story.ts'
import { traces } from './traces.ts'
import { untilWithin } from '../support/until.ts'

test('the official client takes real guests through the whole story', { timeout: 900_000 }, async (t) => {
  const scratch = mkdtempSync(join(tmpdir(), 'stackling-e2e-'))
  const dataDir = join(scratch, 'data')
  const image = await guestImage({ dataDir: scratch, drivers: 'real' }, silentLog)
  const place = await openLab()
  t.after(async () => {
    await place.close()
    rmSync(scratch, { recursive: true, force: true })
  })
  const cloud = storyCloud(place, { dataDir, listen: '127.0.0.1:9000', drivers: 'real' })

  const client = openClient(place, { cloud: 'stackling-demo', cloudsYaml: cloud.cloudsYaml, home: scratch })
  t.after(() => client.close())
  const look = async () => ({ traces: await traces(place, dataDir), stored: storedHoldings(dataDir) })
  let before: Awaited<ReturnType<typeof look>> | undefined
  await runSteps(t, [
    {
      name: 'up --detach prints where and how to log in',
      async run() {
        const greeting = await cloud.up()
        assert.match(greeting, /http:\/\/127\.0\.0\.1:9000/)
        assert.ok(greeting.includes(cloud.cloudsYaml), greeting)
        // what a cloud makes at its first use (token keys) and for its demo project belongs to it
        await client.json('token issue')
        before = await look()
        await untilWithin('the new cloud to settle', 60_000, async () => {
          const [earlier, later] = [before, await look()]
          before = later
          return JSON.stringify(earlier) === JSON.stringify(later) || undefined
        })
      },
    },
    ...story({ place, client, imageFile: image.path, scratch, real: true }),
    {
      name: 'no process, tap, bridge, namespace, rule, file, row or allocation is left',
      async run() {
        let last = await look()
        const same = async () => {
          last = await look()
          return JSON.stringify(last) === JSON.stringify(before) || undefined
        }
        await untilWithin('a clean slate', 60_000, same).catch(() => assert.deepEqual(last, before))
      },
    },
    {
      name: 'down leaves nothing that runs',
      async run() {
        client.close()
        await cloud.down()
        await cloud.down()
        const left = await traces(place, dataDir)
        assert.deepEqual({ ...left, files: [] }, { links: ['lo'], namespaces: [], rules: [], processes: [], files: [] })
      },
    },
  ])
})
