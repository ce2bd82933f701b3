// Guests outlive the process that serves the APIs; `down` asks them to shut down, and the next `up` finds all again.
// Two clouds run side by side on one machine.
import assert from 'node:assert/strict'
import { chmodSync, cpSync, lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { guestImage } from '../../src/server/guest-image.ts'
import { silentLog } from '../../src/platform/log.ts'
import { boot } from './boot.ts'
import { openClient } from './client.ts'
import { storyCloud } from './cloud.ts'
import { guest, type Guest } from './guest.ts'
import { openLab, run, type Place } from './place.ts'
import { runSteps } from './run-steps.ts'
import { traces } from './traces.ts'
import { untilWithin } from '../support/until.ts'

const bootLimitMs = 120_000

/** The same place on a machine that is called otherwise now. */
const renamed = (place: Place): Place => {
  const prefix = [...place.prefix, 'unshare', '--uts', 'sh', '-c', 'hostname renamed && exec "$@"', 'sh']
  return { ...place, prefix, run: (words, options) => run([...prefix, ...words], options) }
}

test('guests outlive control, and down and up bring all to rest and back', { timeout: 600_000 }, async (t) => {
  const scratch = mkdtempSync(join(tmpdir(), 'stackling-e2e-'))
  const dataDir = join(scratch, 'data')
  // made here, outside the lab, which has no way to Debian's packages
  await guestImage({ dataDir: scratch, drivers: 'real' }, silentLog) // its packages come from outside
  const place = await openLab()
  t.after(async () => {
    await place.close()
    rmSync(scratch, { recursive: true, force: true })
  })
  const moved = join(scratch, 'elsewhere', 'moved')
  mkdirSync(join(scratch, 'elsewhere'))
  let cloud = storyCloud(place, { dataDir, listen: '127.0.0.1:9000', drivers: 'real' })
  const other = storyCloud(place, { dataDir: join(scratch, 'other'), listen: '127.0.0.1:9100', drivers: 'real' })
  const key = join(scratch, 'key')
  let first: Guest | undefined
  let bootId = ''
  const inside = (): Guest => first ?? assert.fail('there is no guest')
  const openDemo = () => openClient(place, { cloud: 'stackling-demo', cloudsYaml: cloud.cloudsYaml, home: scratch })
  let client = openDemo()
  t.after(() => client.close())
  const guestProcesses = () => place.processes().filter((line) => line.includes('qemu-system'))
  const status = async (): Promise<string> => (await client.json('server show first')).status

  await runSteps(t, [
    {
      name: 'two clouds come up side by side',
      async run() {
        await cloud.up()
        await other.up()
        assert.equal((await other.command('status', '--data', other.dataDir)).code, 0)
      },
    },
    {
      name: 'a server of the demo project boots from the image that is there',
      async run() {
        await client.do(`keypair create --private-key ${key} key`)
        chmodSync(key, 0o600)
        await client.json('security group rule create --protocol tcp --dst-port 22 default')
        first = guest(place, await boot(client, 'first', '--image stackling-linux --flavor m1.tiny --network demo --key-name key'), key)
        await inside().ready()
        bootId = await inside().sh('echo kept >/root/note; sync; cat /proc/sys/kernel/random/boot_id')
      },
    },
    {
      name: 'the control process ends, the guest goes on',
      async run() {
        const { stdout } = await cloud.command('status', '--data', dataDir)
        const pid = /process\s+(\d+)/.exec(stdout)?.[1]
        assert.ok(pid, stdout)
        await place.run(['kill', pid])
        await untilWithin('control to end', 60_000, async () => (await cloud.command('status', '--data', dataDir)).code === 3 || undefined)
        assert.equal(guestProcesses().length, 1)
        assert.equal(await inside().sh('cat /proc/sys/kernel/random/boot_id'), bootId)
      },
    },
    {
      name: 'up again finds it',
      async run() {
        client.close()
        await cloud.up()
        client = openDemo()
        assert.equal(await status(), 'ACTIVE')
        assert.match(await client.text('console log show first'), /stackling-linux: ready/)
        assert.equal(await inside().sh('cat /proc/sys/kernel/random/boot_id'), bootId)
      },
    },
    {
      name: 'down of the other cloud leaves this one alone',
      async run() {
        await other.down()
        assert.equal(guestProcesses().length, 1)
        assert.equal(await inside().sh('cat /proc/sys/kernel/random/boot_id'), bootId)
      },
    },
    {
      name: 'down asks the guest to shut down and leaves nothing that runs',
      async run() {
        client.close()
        const said = await cloud.down()
        assert.match(said, /asking 1 guest to shut down, and waiting up to 60 s for each\nstopped: guest [0-9a-f-]+\n/)
        const left = await traces(place, dataDir)
        assert.deepEqual({ ...left, files: [] }, { links: ['lo'], namespaces: [], rules: [], processes: [], files: [] })
      },
    },
    {
      name: 'first use 1 and 4: on a machine of another name and at another place the next up starts it again, with its disk as it was',
      async run() {
        renameSync(dataDir, moved)
        cloud = storyCloud(renamed(place), { dataDir: moved, listen: '127.0.0.1:9000', drivers: 'real' })
        await cloud.up()
        client = openDemo()
        await untilWithin('the server to run', bootLimitMs, async () =>
          (await status()) === 'ACTIVE' && guestProcesses().length === 1 ? true : undefined,
        )
        assert.match(await client.text('console log show first'), /power button/)
        await inside().ready()
        assert.equal(await inside().sh('cat /root/note'), 'kept')
        assert.notEqual(await inside().sh('cat /proc/sys/kernel/random/boot_id'), bootId)
      },
    },
    {
      name: 'first use 12: a copy does not start beside it, and takes nothing from it',
      async run() {
        const copy = join(scratch, 'copy')
        cpSync(moved, copy, { recursive: true, filter: (path) => !lstatSync(path).isSocket() })
        const beside = storyCloud(place, { dataDir: copy, listen: '127.0.0.1:9002', drivers: 'real' })
        const { code, stderr } = await beside.command('up', '--data', copy, '--listen', '127.0.0.1:9002', '--drivers', 'real', '--detach')
        assert.equal(code, 1)
        assert.match(stderr, /one is a copy of the other/)
        assert.equal((await beside.command('down', '--data', copy)).code, 1)
        assert.equal(guestProcesses().length, 1)
        assert.equal(await inside().sh('cat /root/note'), 'kept')
      },
    },
    {
      name: 'first use 11: status and the metrics say how much room there is',
      async run() {
        assert.match((await cloud.command('status', '--data', moved)).stdout, /^ {2}disk {6}\d+(\.\d)? GiB free of \d+/m)
      },
    },
    {
      name: 'down again',
      async run() {
        client.close()
        await cloud.down()
        assert.deepEqual(place.processes(), [])
      },
    },
  ])
})
