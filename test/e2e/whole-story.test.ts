// Bar 2: the same story on simulated drivers, as a user without rights, less the ssh.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { findProgram } from '../../src/cli/debian-packages.ts'
import { tinyQcow2 } from '../../src/platform/disk-image/tiny-qcow2.ts'
import { leftovers, leftoversAtFirst, type Holdings } from '../crash/leftovers.ts'
import { openClient } from './client.ts'
import { storyCloud } from './cloud.ts'
import { openUserPlace } from './place.ts'
import { runSteps } from './run-steps.ts'
import { story } from './story.ts'
import { untilWithin } from '../support/until.ts'

const skip = findProgram('openstack') ? false : 'python3-openstackclient is not installed'

test('the official client takes simulated guests through the whole story, without root', { timeout: 600_000, skip }, async (t) => {
  const scratch = mkdtempSync(join(tmpdir(), 'stackling-e2e-'))
  const dataDir = join(scratch, 'data')
  const home = join(scratch, 'home')
  mkdirSync(home)
  const imageFile = join(scratch, 'image.qcow2')
  writeFileSync(imageFile, tinyQcow2(64 * 1024 * 1024))
  const place = openUserPlace()
  const listen = `127.0.0.1:${await freePort()}`
  const cloud = storyCloud(place, { dataDir, listen, drivers: 'fake', home })
  const client = openClient(place, { cloud: 'stackling-demo', cloudsYaml: cloud.cloudsYaml, home })
  t.after(async () => {
    client.close()
    // before its directory goes: without it nobody knows which process to end
    await cloud.command('down', '--data', dataDir)
    rmSync(scratch, { recursive: true, force: true })
  })
  let before: Holdings | undefined
  await runSteps(t, [
    {
      name: 'up --detach says that guests are simulated',
      async run() {
        assert.match(await cloud.up(), /simulated/)
        before = await leftoversAtFirst(dataDir)
      },
    },
    {
      name: 'status tells what runs',
      async run() {
        const { code, stdout } = await cloud.command('status', '--data', dataDir)
        assert.equal(code, 0, stdout)
        assert.ok(stdout.includes(listen), stdout)
        assert.match(stdout, /0 servers/)
      },
    },
    ...story({ place, client, imageFile, scratch, real: false }),
    {
      name: 'no row, file, guest, volume or tap is left',
      async run() {
        await untilWithin(
          'a clean slate',
          30_000,
          async () => JSON.stringify(leftovers(dataDir)) === JSON.stringify(before) || undefined,
        ).catch(() => assert.deepEqual(leftovers(dataDir), before))
      },
    },
    {
      name: 'down ends it, and may be called again',
      async run() {
        await cloud.down()
        assert.match(await cloud.down(), /nothing runs/)
        assert.equal((await cloud.command('status', '--data', dataDir)).code, 3)
      },
    },
  ])
})
