// What an operator reads and does at the command line when something does not go on: `why` and `work`, of a cloud with
// fake drivers that runs in a process of its own.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Victim } from '../crash/victim.ts'
import { run } from '../e2e/place.ts'
import { logIn, type Client } from '../support/client.ts'
import { untilWithin } from '../support/until.ts'

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts')
const dataDir = mkdtempSync(join(tmpdir(), 'stackling-cli-work-'))
const limitMs = 120_000
let cloud: Victim
let client: Client
let imageRef: string
let flavorRef: string

before(async () => {
  cloud = new Victim(dataDir, 'fake')
  await cloud.start()
  client = await logIn(dataDir)
  imageRef = (await client.must('GET', '/image/v2/images')).images[0].id
  flavorRef = (await client.must('GET', '/compute/v2.1/flavors?sort_key=memory_mb')).flavors[0].id
})
after(async () => {
  await cloud.kill()
  rmSync(dataDir, { recursive: true, force: true })
})

const stackling = (...words: string[]) => run([process.execPath, main, ...words, '--data', dataDir])

async function said(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await stackling(...words)
  assert.equal(code, 0, stderr)
  return stdout
}

async function refused(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await stackling(...words)
  assert.notEqual(code, 0, stdout)
  assert.equal(stderr.trimEnd().split('\n').length, 1, stderr)
  return stderr
}

async function create(name: string, metadata: Record<string, string> = {}, more: object = {}): Promise<string> {
  return (
    await client.must('POST', '/compute/v2.1/servers', { server: { name, imageRef, flavorRef, networks: 'none', metadata, ...more } })
  ).server.id as string
}

const becomes = (id: string, status: string) =>
  untilWithin(`${id} to be ${status}`, limitMs, async () => {
    const { server } = await client.must('GET', `/compute/v2.1/servers/${id}`)
    return server.status === status ? server : undefined
  })

/** The work of a resource, as soon as it is so. */
const workOf = (id: string, isSo: (item: { id: string; step: string; state: string; reason: string | null }) => boolean) =>
  untilWithin(`the work of ${id}`, limitMs, async () =>
    ((await client.must('GET', `/operations/why/${id}`)).work as Parameters<typeof isSo>[0][]).find(isSo),
  )

test('why tells of a server that was built: who asked, what was decided on which grounds, that nothing is left to do', async () => {
  const id = await create('built')
  await becomes(id, 'ACTIVE')
  const text = await said('why', id)
  assert.match(text, new RegExp(`^server 'built' \\(${id}\\)\\n {2}of project 'admin' .*, last seen on host `))
  assert.match(text, /create, asked for by user 'admin' \(.*\) \(req-/)
  assert.match(text, /schedule: decided: Chose host .*\n +Placement left 1\n/)
  assert.match(text, /done on .*\n\nNothing is under way for it\.\n$/)
})

test('why tells of a server that found no host which filter removed it', async () => {
  const { flavor } = await client.must('POST', '/compute/v2.1/flavors', { flavor: { name: 'giant', ram: 64, vcpus: 1, disk: 100_000_000 } })
  const id = await create('too-large', {}, { flavorRef: flavor.id })
  await becomes(id, 'ERROR')
  assert.match(
    await said('why', id),
    /decided: No valid host was found\. .*Placement removed .*\n +Placement left 0, removed .*\n(?: +\S+ lacks .*\n)+.* began\n.*FAILED: No valid host was found\./,
  )
})

test('work that is under way is listed, and is undone when it is cancelled', async () => {
  assert.equal(await said('work'), 'No work is dead.\n')
  const id = await create('hanging', { 'fake:spawn': 'hang' })
  const item = await workOf(id, ({ step, state }) => step === 'guest' && state === 'running')
  assert.match(
    await said('work', 'list', '--state', 'running'),
    new RegExp(`^${item.id} {2}'hanging' \\(${id}\\) of project 'admin' .*\\n {2}Under way: server-create at step 'guest'`, 'm'),
  )
  assert.equal(
    await said('work', 'cancel', item.id, '--reason', 'the host is being moved'),
    `server-create is undone: './stackling why ${id} --data ${dataDir}' tells how it goes on\n`,
  )
  const { fault } = await becomes(id, 'ERROR')
  assert.equal(fault.message, 'cancelled by operator: the host is being moved')
  assert.match(await said('why', id), /cancel, asked for by user operator.*\n.*: cancelled by operator: the host is being moved/)
})

test('work that was abandoned is listed as dead, with the command that runs it again', async () => {
  const { volume } = await client.must('POST', '/volume/v3/volumes', {
    volume: { name: 'kept', size: 1, metadata: { 'fake:disconnect': 'error:conflict:somebody holds it' } },
  })
  await untilWithin('the volume to be there', limitMs, async () =>
    (await client.must('GET', `/volume/v3/volumes/${volume.id}`)).volume.status === 'available' ? true : undefined,
  )
  const device = { boot_index: -1, source_type: 'volume', destination_type: 'volume', uuid: volume.id }
  const root = { boot_index: 0, source_type: 'image', destination_type: 'local', uuid: imageRef }
  const id = await create('half', { 'fake:spawn': 'error:bad_image:the image is broken' }, { block_device_mapping_v2: [root, device] })
  const item = await workOf(id, ({ state }) => state === 'dead')
  assert.match(item.reason ?? '', /^the image is broken; undoing '.* volumes' failed too: somebody holds it$/)
  assert.match(
    await said('work'),
    new RegExp(
      `^${item.id} {2}'half' .*\\n {2}DEAD: server-create undoing step '.* volumes' .*\\n {4}because: the image is broken; .*\\n.*: \\./stackling work retry ${item.id}\\n`,
    ),
  )
  assert.match(
    await refused('work', 'cancel', item.id),
    /^stackling: .* answers 409: The work .* was abandoned while it was undone: retry it\.$/m,
  )
  assert.equal(
    await said('work', 'retry', item.id),
    `server-create runs again: './stackling why ${id} --data ${dataDir}' tells how it goes on\n`,
  )
  assert.match(await said('why', id), /retry, asked for by user operator/)
})

test('why tells of a server whose host is away what it waits for, and what becomes of it then', async () => {
  const id = await create('away', { 'fake:host': 'partition:600000' })
  await workOf(id, ({ reason }) => reason !== null)
  assert.match(
    await said('why', id),
    /Under way: server-create (at|undoing) step 'guest' since .*\n(.*\n)* {2}It (waits|is undone) because: fake: the host does not answer\n/,
  )
})

test('an id that nothing has, and a command that does not exist, are said in one line', async () => {
  assert.match(await refused('why', 'nobody'), /^stackling: nothing is known of nobody/)
  assert.match(await refused('work', 'retry', 'nothing'), /answers 404: There is no work nothing: it has ended, or never was\.$/m)
  assert.match(await refused('work', 'retry'), /^stackling: retry which\?/)
  assert.match((await stackling('work', 'revive', 'x')).stderr, /Allowed choices are list, retry, cancel/)
})
