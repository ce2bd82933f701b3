import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startTestCloud, type TestCloud } from '../../../test/support/cloud.ts'
import { openTestStore } from '../../../test/support/postgres.ts'
import { imageBootstrap } from '../index.ts'
import { imageAdvance } from '../store/images.ts'
import { until } from '../../../test/support/until.ts'

let cloud: TestCloud
const dataDir = mkdtempSync(join(tmpdir(), 'stackling-image-clean-'))
const images = join(dataDir, 'images')
const store = await openTestStore()
before(async () => void (cloud = await startTestCloud({ store, config: { dataDir } })))
after(async () => {
  await cloud.stop()
  rmSync(dataDir, { recursive: true })
})

test('what a crash in the midst of an upload left is queued again, and its file goes; what counts stays', async () => {
  const created = async () =>
    (await cloud.request('POST', '/image/v2/images', { as: 'member@p1', body: { disk_format: 'raw', container_format: 'bare' } })).body
      .id as string
  const [broken, whole] = [await created(), await created()]
  const put = await cloud.request('PUT', `/image/v2/images/${whole}/file`, {
    as: 'member@p1',
    body: Buffer.from('whole'),
    headers: { 'content-type': 'application/octet-stream' },
  })
  assert.equal(put.status, 204)
  // as a process that was killed leaves it: a row that is saving, and parts of files; the lease still runs, unless another process could hold it
  const leaseUntil = cloud.platform.exclusive ? Number.MAX_SAFE_INTEGER - 1 : 1
  await cloud
    .systemContext()
    .transaction((tx) =>
      imageAdvance(tx.db, broken, { status: ['queued'] }, { status: 'saving', upload_token: 'dead', upload_lease_until: leaseUntil }),
    )
  mkdirSync(images, { recursive: true })
  for (const name of [`${broken}.dead.part`, `${broken}.dead`, 'nobody.knows']) writeFileSync(join(images, name), 'x')
  const before = readdirSync(images).filter((name) => name.startsWith(whole))
  const { imageStoreClean } = await import('./image-store-clean.ts')
  await cloud.platform.work.signal(cloud.systemContext(), imageStoreClean)
  await until(
    async () =>
      (await cloud.request('GET', `/image/v2/images/${broken}`, { as: 'member@p1' })).body.status === 'queued' &&
      readdirSync(images).length === 1,
  )
  assert.deepEqual(readdirSync(images), before)
  // and again, each time that it is asked for: of an image that was deleted in the midst of its upload there is no row to requeue
  writeFileSync(join(images, 'deleted.meanwhile.part'), 'x')
  await cloud.platform.work.signal(cloud.systemContext(), imageStoreClean)
  await until(async () => readdirSync(images).length === 1)
  assert.deepEqual(readdirSync(images), before)
})

test('the first image is uploaded once', async () => {
  const path = join(dataDir, 'first.img')
  writeFileSync(path, Buffer.alloc(3_000_000, 'x'))
  const ctx = cloud.systemContext()
  const id = await imageBootstrap(ctx, { name: 'first', path, diskFormat: 'raw', properties: { os_distro: 'none' } })
  assert.equal(await imageBootstrap(ctx, { name: 'first', path, diskFormat: 'raw' }), id)
  const shown = (await cloud.request('GET', `/image/v2/images/${id}`, { as: 'reader@p9' })).body
  assert.deepEqual([shown.status, shown.visibility, shown.size, shown.os_distro], ['active', 'public', 3_000_000, 'none'])
})
