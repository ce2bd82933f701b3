// What fsck finds in object storage, and mends; and what the workers find by themselves.
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startTestCloud, type TestCloud } from '../../../test/support/cloud.ts'
import { createTestClock } from '../../../test/support/test-clock.ts'
import { until } from '../../../test/support/until.ts'
import { systemClock } from '../../platform/clock.ts'
import { fsck } from '../../platform/fsck/fsck.ts'
import { systemIds } from '../../platform/ids.ts'
import { openBulkStore } from '../../platform/store/sqlite.ts'
import type { Store } from '../../platform/store/store.ts'
import { blobsOf } from '../blobs/index.ts'
import { storeOfObjects } from '../blobs/store-of-objects.ts'
import { blobsAudit } from '../blobs/work/blob-audit.ts'
import { blobsSweep } from '../blobs/work/blob-sweep.ts'
import { objectsEnd } from '../blobs/work/object-expire.ts'
import {
  containerPut,
  engineOf,
  objectCopy,
  objectDelete,
  objectPut,
  uploadCreate,
  uploadFind,
  partPut,
  type Engine,
} from '../engine/index.ts'
import { blobFetch } from '../store/blobs.ts'
import { markFetch, markSet } from '../store/marks.ts'
import type { BlobRow } from '../store/tables.ts'
import { blobsCheck, countersCheck } from './checks.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'stackling-checks-'))
const by = { userId: 'user', projectId: 'acc', requestId: 'req-test' }
const account = 'acc'
const draft = { contentType: 'text/plain', metadata: {}, system: {} }
const clock = createTestClock(1_796_000_000_000)
let cloud: TestCloud
let engine: Engine
let store: Store
before(async () => {
  cloud = await startTestCloud({ config: { dataDir }, clock })
  engine = engineOf(cloud.platform)
  store = storeOfObjects(cloud.platform)
  await containerPut(engine, { by, account, name: 'c' })
})
after(async () => {
  await cloud.stop()
  rmSync(dataDir, { recursive: true })
})

const work = () => ({ ctx: cloud.systemContext(), itemId: '', call: { fence: 0, requestId: 'req-x' }, attempt: 1 })
const check = async (repair = false) => (await fsck(cloud.systemContext(), [blobsCheck, countersCheck], { repair })).differences

async function put(name: string, bytes: number | Buffer, expiresUs?: number): Promise<BlobRow> {
  const body = await blobsOf(cloud.platform).take(Buffer.isBuffer(bytes) ? bytes : randomBytes(bytes), { maxBytes: 2 ** 33 })
  const { object } = await objectPut(engine, { by, account, container: 'c', name, ...draft, body, expiresUs: expiresUs ?? null })
  const row = await blobFetch(store, object.blob_id ?? '')
  assert.ok(row)
  return row
}
const pathOf = ({ directory, id }: { directory: string; id: string }) => join(dataDir, 'blobs', directory, id)
const remove = (name: string) => objectDelete(engine, { by, account, container: 'c', name })

test('what is as it should be differs in nothing: small and large, copied, overwritten, versions, parts', async () => {
  await put('small', 10)
  await put('large', 100_000)
  await objectCopy(engine, { by, from: { account, container: 'c', name: 'large' }, to: { account, container: 'c', name: 'copy' } })
  await put('large', 200_000)
  await containerPut(engine, { by, account, name: 'v', versioning: 'enabled' })
  for (let n = 0; n < 3; n++) {
    const body = await blobsOf(cloud.platform).take(randomBytes(70_000), { maxBytes: 2 ** 33 })
    await objectPut(engine, { by, account, container: 'v', name: 'versions', ...draft, body })
  }
  await objectDelete(engine, { by, account, container: 'v', name: 'versions' })
  const upload = await uploadCreate(engine, { by, account, container: 'c', name: 'upload', ...draft, owner: 'user' })
  const part = await blobsOf(cloud.platform).take(randomBytes(80_000), { maxBytes: 2 ** 33 })
  await partPut(engine, { by, uploadId: upload.id, number: 1, body: part })
  assert.deepEqual(await check(), [])
})

test('counters and references that differ are found, and set to what there is', async () => {
  const blob = await put('counted', 90_000)
  const tables = store.as<{ containers: { name: string; bytes_used: number }; blobs: { id: string; refs: number } }>()
  await tables.updateTable('containers').set({ bytes_used: 1 }).where('name', '=', 'c').execute()
  await tables.updateTable('blobs').set({ refs: 5 }).where('id', '=', blob.id).execute()
  const found = await check(true)
  assert.deepEqual(found.map(({ resourceType, outcome }) => [resourceType, outcome]).sort(), [
    ['account', 'mended'],
    ['blob', 'mended'],
    ['container', 'mended'],
  ])
  assert.deepEqual(await check(), [])
  assert.equal((await blobFetch(store, blob.id))?.refs, 1)
})

test('bytes that are missing or short are told; bytes that no row names are removed', async () => {
  const [gone, cut] = [await put('gone', 90_000), await put('cut', 90_000)]
  unlinkSync(pathOf(gone))
  writeFileSync(pathOf(cut), 'short')
  const stray = { id: randomUUID(), directory: cut.directory }
  writeFileSync(pathOf(stray), 'a crash left it')
  const found = await check(true)
  assert.deepEqual(
    new Map(found.map(({ resourceId, outcome }) => [resourceId, outcome])),
    new Map([
      [gone.id, null],
      [cut.id, null],
      [stray.id, 'mended'],
    ]),
  )
  assert.ok(!existsSync(pathOf(stray)))
  for (const name of ['gone', 'cut']) await remove(name)
  assert.deepEqual(await check(), [])
})

test('the auditor finds rot that nobody has read, at its own pace', async () => {
  const blob = await put('rot', 3 * 2 ** 20)
  const bytes = readFileSync(pathOf(blob))
  bytes[1_500_000] = (bytes[1_500_000] ?? 0) ^ 4
  writeFileSync(pathOf(blob), bytes)
  await store.transaction((db) => markSet(db, 'audit', JSON.stringify({ beganMs: 0, after: null })))
  let over = false
  const audit = (async () => {
    while (await blobsAudit(work())) continue
  })().finally(() => (over = true))
  while (!over) await clock.advance(500)
  await audit
  assert.equal((await blobFetch(store, blob.id))?.state, 'rotten')
  assert.ok(existsSync(join(dataDir, 'blobs', 'quarantine', blob.id)))
  await remove('rot')
})

test('what expires, and uploads that nobody completes, end by themselves', async () => {
  await put('brief', 70_000, clock.nowMs() * 1_000 + 5_000_000)
  const upload = await uploadCreate(engine, { by, account, container: 'c', name: 'never', ...draft, owner: 'user' })
  await clock.advance(6_000)
  await objectsEnd(work())
  assert.deepEqual(
    await store.as<{ objects: { name: string } }>().selectFrom('objects').select('name').where('name', '=', 'brief').execute(),
    [],
  )
  assert.ok(await uploadFind(engine, { id: upload.container_id }, 'never', upload.id))
  await store
    .as<{ uploads: { created_us: number } }>()
    .updateTable('uploads')
    .set({ created_us: (clock.nowMs() - 8 * 86_400_000) * 1_000 })
    .execute()
  await objectsEnd(work())
  assert.equal(await uploadFind(engine, { id: upload.container_id }, 'never', upload.id), undefined)
  assert.deepEqual(await check(), [])
})

test('a body that waits for its row is no rubbish, whoever sweeps', async () => {
  const body = await blobsOf(cloud.platform).take(randomBytes(90_000), { maxBytes: 2 ** 33 })
  await store.transaction((db) => markSet(db, 'swept', '0'))
  await blobsSweep(work())
  assert.deepEqual(await check(), [])
  assert.ok(existsSync(pathOf({ id: body.id ?? '', directory: body.directory })))
  await objectPut(engine, { by, account, container: 'c', name: 'late', ...draft, body })
  assert.deepEqual(blobsOf(cloud.platform).pending, new Set())
})

test('what a process left without a row is swept when the next begins, in the hours of that process alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stackling-crash-'))
  const openOwn = async (name: string) => openBulkStore(join(folder, `${name}.db`), { clock: systemClock, ids: systemIds })
  const live = () => startTestCloud({ config: { dataDir: folder }, openOwn })
  const files = (hour: string) => (existsSync(join(folder, 'blobs', hour)) ? readdirSync(join(folder, 'blobs', hour)) : [])
  const old = '2026010100'
  const first = await live()
  // the weekly sweep is over
  await until(async () => (await markFetch(storeOfObjects(first.platform), 'swept')) !== undefined)
  mkdirSync(join(folder, 'blobs', old), { recursive: true })
  writeFileSync(join(folder, 'blobs', old, randomUUID()), 'older than the process')
  const { directory } = await blobsOf(first.platform).take(randomBytes(90_000), { maxBytes: 2 ** 33 })
  assert.equal(files(directory).length, 1)
  await first.stop()
  const second = await live()
  await until(() => files(directory).length === 0)
  assert.equal(files(old).length, 1)
  await second.stop()
  const third = await live()
  assert.equal(await markFetch(storeOfObjects(third.platform), 'running'), undefined)
  await third.stop()
  rmSync(folder, { recursive: true })
})
