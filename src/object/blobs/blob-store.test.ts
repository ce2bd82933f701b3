// Bodies as they come in and are read again: bounded, checked, encrypted, durable, and removed when nobody names them.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { startTestCloud, type TestCloud } from '../../../test/support/cloud.ts'
import { createTestClock } from '../../../test/support/test-clock.ts'
import { until } from '../../../test/support/until.ts'
import { eventsOf } from '../../platform/events.ts'
import { blobFetch, blobInsert, blobsRelease } from '../store/blobs.ts'
import { blobsOf, type Body, type BlobStore, type TakeRequest } from './index.ts'
import { storeOfObjects } from './store-of-objects.ts'
import { unnamedBlobs } from './sweep.ts'
import { garbageReclaim } from './work/blob-reclaim.ts'

const mib = 1_048_576
const dataDir = mkdtempSync(join(tmpdir(), 'stackling-blobs-'))
let cloud: TestCloud
let blobs: BlobStore
before(async () => {
  cloud = await startTestCloud({ config: { dataDir } })
  blobs = blobsOf(cloud.platform)
})
after(async () => {
  await cloud.stop()
  rmSync(dataDir, { recursive: true })
})

const store = () => storeOfObjects(cloud.platform)
const all = (bytes: Buffer, request: Partial<TakeRequest> = {}) => blobs.take(piecewise(bytes), { maxBytes: 2 ** 33, ...request })

function piecewise(bytes: Buffer): Readable {
  return Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += 60_000) yield bytes.subarray(at, at + 60_000)
    })(),
  )
}

async function kept(body: Body): Promise<string> {
  await store().transaction((db) => blobInsert(db, body, 1_000))
  assert.ok(body.id)
  return body.id
}

async function read(id: string, start: number, end: number, customerKey?: Buffer): Promise<Buffer> {
  const row = await blobFetch(store(), id)
  assert.ok(row)
  return buffer(await blobs.read(row, { start, end, customerKey }))
}

const pathOf = ({ directory, id }: Body) => join(dataDir, 'blobs', directory, id ?? '')
const refused = (kind: string) => (error: { kind?: string }) => error.kind === kind || assert.fail(String(error))

for (const length of [1, 65_536, 65_537, mib, 3 * mib + 5]) {
  test(`a body of ${length} bytes is read as it came, whole and in part, with its digests`, async () => {
    const bytes = randomBytes(length)
    const body = await all(bytes, { bytes: length, digests: ['sha256', 'crc32', 'crc64nvme'] })
    assert.equal(body.md5, createHash('md5').update(bytes).digest('hex'))
    assert.deepEqual(body.digests.sha256, createHash('sha256').update(bytes).digest())
    assert.equal(body.digests.crc64nvme?.length, 8)
    assert.equal(body.crcs.length, 4 * Math.ceil(length / mib))
    assert.equal(body.place, length <= 65_536 ? 'small' : 'files')
    const id = await kept(body)
    assert.ok((await read(id, 0, length)).equals(bytes))
    const [start, end] = [Math.floor(length / 3), Math.ceil((2 * length) / 3)]
    assert.ok((await read(id, start, end)).equals(bytes.subarray(start, end)))
    assert.equal(blobs.pending.size, 0)
  })
}

test('an empty body has no blob', async () => {
  const body = await all(Buffer.alloc(0))
  assert.deepEqual([body.id, body.bytes, body.md5], [null, 0, 'd41d8cd98f00b204e9800998ecf8427e'])
  await store().transaction((db) => blobInsert(db, body, 1_000))
  await blobs.discard(body)
})

test('what is too long, too short, or breaks leaves nothing', async () => {
  const bytes = randomBytes(2 * mib)
  await assert.rejects(all(bytes, { maxBytes: mib }), refused('too-large'))
  await assert.rejects(all(bytes, { maxBytes: mib, bytes: 2 * mib }), refused('too-large'))
  await assert.rejects(blobs.take(bytes, { maxBytes: mib }), refused('too-large'))
  await assert.rejects(all(bytes, { bytes: 2 * mib + 1 }), refused('short'))
  await assert.rejects(all(bytes, { bytes: 2 * mib - 1 }), refused('short'))
  const own = new Error('a chunk’s signature is wrong')
  const broken = Readable.from(
    (function* () {
      yield bytes
      throw own
    })(),
  )
  await assert.rejects(blobs.take(broken, { maxBytes: 2 ** 33 }), own)
  const left = []
  for await (const one of unnamedBlobs(cloud.platform, store())) left.push(one)
  assert.deepEqual(left, [])
})

test('a body whose row was refused is discarded, and its file with it', async () => {
  const body = await all(randomBytes(mib))
  assert.ok(existsSync(pathOf(body)))
  assert.equal(blobs.pending.size, 1)
  await blobs.discard(body)
  assert.ok(!existsSync(pathOf(body)))
  assert.equal(blobs.pending.size, 0)
})

test('a body encrypted by the root key does not lie in the clear, and is read in any part', async () => {
  for (const length of [100, 2 * mib + 100]) {
    const bytes = Buffer.alloc(length, 'a secret that everybody would see ')
    const body = await all(bytes, { encryption: 'root' })
    const stored = body.small ?? readFileSync(pathOf(body))
    assert.ok(!stored.includes('secret'))
    const id = await kept(body)
    assert.ok((await read(id, 0, length)).equals(bytes))
    assert.ok((await read(id, length - 77, length - 7)).equals(bytes.subarray(length - 77, length - 7)))
  }
})

test('what a customer’s key encrypted is read with that key alone', async () => {
  const [bytes, customerKey] = [randomBytes(mib + 9), randomBytes(32)]
  const id = await kept(await all(bytes, { encryption: { customerKey } }))
  assert.ok((await read(id, 0, bytes.length, customerKey)).equals(bytes))
  await assert.rejects(read(id, 0, 9), refused('bad-key'))
  await assert.rejects(read(id, 0, 9, randomBytes(32)), refused('bad-key'))
  assert.equal((await blobFetch(store(), id))?.state, 'kept')
})

test('rot is found by whoever reads that block: the stream breaks, the blob is put aside, and the timeline says so', async () => {
  const body = await all(randomBytes(3 * mib))
  const id = await kept(body)
  const file = readFileSync(pathOf(body))
  file.writeUInt8(file.readUInt8(2 * mib + 3) ^ 1, 2 * mib + 3)
  writeFileSync(pathOf(body), file)
  assert.equal((await read(id, 0, 2 * mib)).length, 2 * mib)
  await assert.rejects(read(id, 2 * mib + 100, 2 * mib + 101))
  await until(async () => (await blobFetch(store(), id))?.state === 'rotten')
  await assert.rejects(read(id, 0, 1), refused('rotten'))
  const [line] = await eventsOf(store(), id)
  assert.equal(line?.action, 'audit')
  assert.equal(line?.result, 'error')
  await until(() => existsSync(join(dataDir, 'blobs', 'quarantine', id)))
  assert.ok(!existsSync(pathOf(body)))
})

test('a blob whose file was cut short is rotten', async () => {
  const body = await all(randomBytes(2 * mib))
  const id = await kept(body)
  truncateSync(pathOf(body), mib + 7)
  await assert.rejects(read(id, 0, 2 * mib), /ends at byte/)
  await until(async () => (await blobFetch(store(), id))?.state === 'rotten')
})

test('a blob whose file is gone is rotten', async () => {
  const body = await all(randomBytes(mib))
  const id = await kept(body)
  const { fileBlobs } = await import('./backends/files.ts')
  await fileBlobs(join(dataDir, 'blobs')).remove({ id, directory: body.directory })
  await assert.rejects(read(id, 0, 1), refused('rotten'))
  await until(async () => (await blobFetch(store(), id))?.state === 'rotten')
})

test('garbage is reclaimed a minute later, and who reads it then goes on', async () => {
  const clock = createTestClock()
  const apart = await startTestCloud({ clock, config: { dataDir } })
  const [theirs, own] = [blobsOf(apart.platform), storeOfObjects(apart.platform)]
  const bytes = randomBytes(4 * mib)
  const body = await theirs.take(bytes, { maxBytes: 2 ** 33 })
  const small = await theirs.take(Buffer.from('small'), { maxBytes: 10 })
  await own.transaction(async (db) => {
    for (const one of [body, small]) await blobInsert(db, one, 1_000)
  })
  const row = await blobFetch(own, body.id ?? '')
  assert.ok(row)
  await own.transaction((db) => blobsRelease(db, [body.id, small.id], clock.nowMs() * 1_000))
  const work = { ctx: apart.systemContext(), itemId: '', call: { fence: 0, requestId: 'req-x' }, attempt: 1 }
  await garbageReclaim(work)
  const stream = await theirs.read(row, { start: 0, end: bytes.length })
  await clock.advance(61_000)
  await garbageReclaim(work)
  assert.equal(await blobFetch(own, body.id ?? ''), undefined)
  assert.equal(await blobFetch(own, small.id ?? ''), undefined)
  assert.ok(!existsSync(join(dataDir, 'blobs', body.directory, body.id ?? '')))
  assert.ok((await buffer(stream)).equals(bytes))
  await apart.stop()
})

test('what became garbage at a time that is to come, before the clock was set back, does not wait for it', async () => {
  const clock = createTestClock()
  const apart = await startTestCloud({ clock, config: { dataDir } })
  const own = storeOfObjects(apart.platform)
  const [ahead, justNow] = await Promise.all(
    ['ahead', 'now'].map((text) => blobsOf(apart.platform).take(Buffer.from(text), { maxBytes: 10 })),
  )
  assert.ok(ahead && justNow)
  await own.transaction(async (db) => {
    for (const one of [ahead, justNow]) await blobInsert(db, one, 1_000)
    await blobsRelease(db, [ahead.id], (clock.nowMs() + 300_000) * 1_000)
    await blobsRelease(db, [justNow.id], clock.nowMs() * 1_000 + 10)
  })
  await garbageReclaim({ ctx: apart.systemContext(), itemId: '', call: { fence: 0, requestId: 'req-x' }, attempt: 1 })
  assert.deepEqual([await blobFetch(own, ahead.id ?? ''), (await blobFetch(own, justNow.id ?? ''))?.state], [undefined, 'garbage'])
  await apart.stop()
})
