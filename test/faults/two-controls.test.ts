// Two control processes on one PostgreSQL and one host. One of them is stopped (SIGSTOP) past its lease in the midst of
// work; the other takes the work over and ends it; the first goes on (SIGCONT): what it says and writes is refused.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { createFakeHost, type FakeHost } from '../../src/host/index.ts'
import { tinyQcow2 } from '../../src/platform/disk-image/tiny-qcow2.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { systemIds } from '../../src/platform/ids.ts'
import { silentLog } from '../../src/platform/log.ts'
import { openPostgres } from '../../src/platform/store/postgres.ts'
import { createStore, sql, type Store } from '../../src/platform/store/store.ts'
import { freePort } from '../support/free-port.ts'
import { createDatabase, postgresMissing, postgresUrl } from '../support/postgres.ts'
import { Control } from './controls.ts'
import { serveHost, type SharedHost } from './shared-host.ts'
import { untilWithin } from '../support/until.ts'

const skip = postgresMissing
const leaseMs = 1_500
const idleInTransactionMs = 2_000
const limitMs = 30_000
const image = tinyQcow2(1 << 20)
const dataDir = mkdtempSync(join(tmpdir(), 'stackling-controls-'))
let host: FakeHost
let shared: SharedHost
let store: Store
let first: Control
let second: Control
let flavorId: string
let imageId: string
/** The host's fetch of this image stands still until it is let go, and with it the spawn of a guest. */
const held = { imageId: '', begun: Promise.withResolvers<void>(), letGo: Promise.withResolvers<void>() }

before(async () => {
  if (skip) return
  host = await createFakeHost({ name: 'shared', clock: systemClock, ids: systemIds, log: silentLog, images: { open: openImage } })
  const hostSocket = join(dataDir, 'host.socket')
  shared = await serveHost(host, hostSocket)
  const databaseUrl = `${postgresUrl(await createDatabase())}&idle_in_transaction_session_timeout=${idleInTransactionMs}`
  const start = async (name: string) =>
    Control.start({
      name,
      dataDir,
      port: await freePort(),
      databaseUrl,
      hostSocket,
      hostName: 'shared',
      leaseMs,
      logFile: join(dataDir, `${name}.log`),
    })
  first = await start('first')
  second = await start('second')
  store = createStore('postgres', await openPostgres(databaseUrl, 1), { clock: systemClock, ids: systemIds })
  flavorId = (await first.client.must('GET', '/compute/v2.1/flavors?sort_key=memory_mb')).flavors[0].id
  imageId = await makeImage('small')
})
after(async () => {
  await first?.close()
  await second?.close()
  await store?.close()
  shared?.close()
  await host?.close()
  rmSync(dataDir, { recursive: true, force: true })
})

test('a process that goes on after its lease makes no host call: the server that another has built stays as it is', { skip }, async () => {
  first.stopAt({ before: 'guests.apply' })
  // its answer may come only when the process goes on
  const asked = createServer(first, 'taken-over')
  await first.stopped()
  const { id } = (await second.client.must('GET', '/compute/v2.1/servers?name=taken-over')).servers[0] as { id: string }
  const claimed = await itemOf(id)
  assert.equal(claimed?.worker?.startsWith('first-'), true, 'the first process owned the build')
  await serverIs(second, id, 'ACTIVE')
  first.goOn()
  assert.equal(await asked, id)
  await untilWithin('the late host call to be refused', limitMs, async () =>
    shared.refusals.find(({ method, fence }) => method === 'guests.apply' && Math.floor(fence / 1_000) === claimed?.fence),
  )
  await losesItsLease(first, claimed)
  await isThereOnce(id)
  await deleteServer(id)
})

test(
  'a process that is stopped while the host spawns, and goes on after its lease, gets its late result refused: one server, one guest, one allocation',
  { skip },
  async (t) => {
    t.after(() => held.letGo.resolve())
    held.imageId = await makeImage('held')
    first.stopAt({ during: 'guests.apply' })
    const asked = createServer(first, 'taken-over-at-the-host', held.imageId)
    await first.stopped()
    await held.begun.promise
    const begun = shared.calls.findLast(({ method }) => method === 'guests.apply')
    assert.ok(begun)
    const { id } = (await second.client.must('GET', '/compute/v2.1/servers?name=taken-over-at-the-host')).servers[0] as { id: string }
    const work = await itemOf(id)
    assert.ok(work)
    const later = await untilWithin('the call of another who has taken the build over', limitMs, async () =>
      shared.calls.find(({ method, fence }) => method === 'guests.apply' && fence > begun.fence),
    )
    held.letGo.resolve()
    const refused = await untilWithin('the host to refuse what it had begun for the first', limitMs, async () =>
      shared.refusals.find(({ fence }) => fence === begun.fence),
    )
    assert.deepEqual(
      [refused.method, refused.message],
      ['guests.apply', `guest/${id}: fence ${begun.fence} was overtaken by ${later.fence}`],
    )
    await serverIs(second, id, 'ACTIVE')
    await isThereOnce(id)
    first.goOn()
    assert.equal(await asked, id)
    await losesItsLease(first, work)
    await serverIs(first, id, 'ACTIVE')
    await isThereOnce(id)
    await deleteServer(id)
  },
)

test(
  'a process that goes on after its lease writes no row: the volume that another has made and deleted stays deleted',
  { skip },
  async () => {
    first.stopAt({ after: 'volumes.create' })
    const asked = first.client.must('POST', '/volume/v3/volumes', { volume: { name: 'taken-over', size: 1 } })
    await first.stopped()
    const { id } = (await second.client.must('GET', '/volume/v3/volumes?name=taken-over')).volumes[0] as { id: string }
    const claimed = await itemOf(id)
    assert.equal(claimed?.worker?.startsWith('first-'), true, 'the first process owned the work')
    await untilWithin('the volume to be there', limitMs, async () =>
      (await second.client.must('GET', `/volume/v3/volumes/${id}`)).volume.status === 'available' ? true : undefined,
    )
    await second.client.must('DELETE', `/volume/v3/volumes/${id}`)
    await untilWithin('the volume to be gone', limitMs, async () =>
      (await second.client.call('GET', `/volume/v3/volumes/${id}`)).status === 404 ? true : undefined,
    )
    first.goOn()
    assert.equal((await asked).volume.id, id)
    await losesItsLease(first, claimed)
    assert.equal((await first.client.call('GET', `/volume/v3/volumes/${id}`)).status, 404)
    assert.deepEqual(await host.volumes.list(), [])
    const { rows } = await sql<{
      action: string
      n: number
    }>`select action, count(*) as n from events where resource_id = ${id} and result = 'success' group by action order by action`.execute(
      store.as(),
    )
    assert.deepEqual(
      rows.map(({ action, n }) => [action, Number(n)]),
      [
        ['create', 1],
        ['delete', 1],
      ],
    )
  },
)

test('a process that stands still inside a transaction does not hold up the others, and cannot commit', { skip }, async () => {
  const fence = async () =>
    Number((await sql<{ value: number }>`select value from counters where name = 'fence'`.execute(store.as())).rows[0]?.value)
  first.stopAt({ inTransaction: true })
  await first.stopped()
  const id = await createServer(second, 'not-held-up')
  await serverIs(second, id, 'ACTIVE')
  first.goOn()
  assert.match(await untilWithin('the outcome', limitMs, async () => first.outcome ?? undefined), /^refused: /)
  assert.ok((await fence()) < 1_000_000, 'what it had written in the transaction is not there')
  await serverIs(first, id, 'ACTIVE')
  await first.client.must('DELETE', `/compute/v2.1/servers/${id}`)
  await untilWithin('the server to be gone', limitMs, async () =>
    (await second.client.call('GET', `/compute/v2.1/servers/${id}`)).status === 404 ? true : undefined,
  )
})

test('without a word about it in the URL, a transaction that stands still is ended before a lease ends', { skip }, async () => {
  const plain = createStore('postgres', await openPostgres(postgresUrl('postgres'), 1), { clock: systemClock, ids: systemIds })
  const { rows } = await sql`show idle_in_transaction_session_timeout`.execute(plain.as())
  await plain.close()
  assert.deepEqual(rows, [{ idle_in_transaction_session_timeout: '10s' }])
})

async function makeImage(name: string): Promise<string> {
  const { id } = await first.client.must('POST', '/image/v2/images', { name, disk_format: 'qcow2', container_format: 'bare' })
  await first.client.must('PUT', `/image/v2/images/${id}/file`, image, { 'content-type': 'application/octet-stream' })
  return id as string
}

async function createServer(control: Control, name: string, imageRef = imageId): Promise<string> {
  return (await control.client.must('POST', '/compute/v2.1/servers', { server: { name, flavorRef: flavorId, imageRef, networks: 'none' } }))
    .server.id as string
}

/** One guest, which runs; one allocation, of the flavor's size, which is all that the host has given; one creation in the timeline, and no work left. */
async function isThereOnce(id: string): Promise<void> {
  assert.deepEqual(
    (await host.guests.list()).map((guest) => [guest.id, guest.power]),
    [[id, 'running']],
    'one guest, and it runs',
  )
  const { vcpus, ram, disk } = (await second.client.must('GET', `/compute/v2.1/flavors/${flavorId}`)).flavor
  const { allocations } = await second.client.must('GET', `/placement/allocations/${id}`)
  const [provider, ...others] = Object.entries(allocations as Record<string, { resources: Record<string, number> }>)
  assert.deepEqual([provider?.[1].resources, others], [{ VCPU: vcpus, MEMORY_MB: ram, DISK_GB: disk }, []], 'one allocation')
  const { usages } = await second.client.must('GET', `/placement/resource_providers/${provider?.[0]}/usages`)
  assert.deepEqual(usages, { VCPU: vcpus, MEMORY_MB: ram, DISK_GB: disk }, 'nothing else is allocated')
  const { instanceActions } = await second.client.must('GET', `/compute/v2.1/servers/${id}/os-instance-actions`)
  assert.deepEqual(
    (instanceActions as { action: string; message: string | null }[]).map(({ action, message }) => [action, message]),
    [['create', null]],
  )
  assert.equal(await itemOf(id), undefined, 'the work is done')
}

/** And with it everything that it held. */
async function deleteServer(id: string): Promise<void> {
  await second.client.must('DELETE', `/compute/v2.1/servers/${id}`)
  await untilWithin('the server to be gone', limitMs, async () =>
    (await first.client.call('GET', `/compute/v2.1/servers/${id}`)).status === 404 ? true : undefined,
  )
  assert.deepEqual(await host.guests.list(), [])
  assert.deepEqual((await second.client.must('GET', `/placement/allocations/${id}`)).allocations, {})
}

async function serverIs(control: Control, id: string, status: string): Promise<void> {
  await untilWithin(`${id} to be ${status}`, limitMs, async () =>
    (await control.client.must('GET', `/compute/v2.1/servers/${id}`)).server.status === status ? true : undefined,
  )
}

interface Claimed {
  id: string
  worker: string | null
  fence: number
}

/** The work that is under way for a resource, as the database has it. */
async function itemOf(resourceId: string): Promise<Claimed | undefined> {
  const { rows } = await sql<Claimed>`select id, worker, fence from work_items where resource_id = ${resourceId}`.execute(store.as())
  return rows[0]
}

/** Its log says that the work which it had claimed is somebody else's now. */
async function losesItsLease(control: Control, work: Claimed | undefined): Promise<void> {
  const said = (line: string) => line.includes('the lease was lost; somebody else goes on') && line.includes(`"${work?.id}"`)
  await untilWithin(`${control.options.name} to lose its lease`, limitMs, async () =>
    control.log().split('\n').some(said) ? true : undefined,
  )
}

/** The shared host fetches every image from here. */
async function openImage(id: string) {
  if (id === held.imageId) {
    held.begun.resolve()
    await held.letGo.promise
  }
  return {
    stream: Readable.from([Buffer.from(image)]),
    sizeBytes: image.length,
    diskFormat: 'qcow2' as const,
    hashAlgorithm: 'sha512',
    hashValue: createHash('sha512').update(image).digest('hex'),
  }
}
