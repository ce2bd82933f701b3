import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startServerCloud, type ServerCloud } from '../../../test/support/server-cloud.ts'
import { systemClock } from '../../platform/clock.ts'
import { itemFetch } from '../../platform/work/items.ts'
import { until } from '../../../test/support/until.ts'

let the: ServerCloud
const admin = { as: 'admin@p1' }
before(async () => void (the = await startServerCloud()))
after(() => the.stop())

const cached = async () => (await the.host.images.list()).map(({ imageId }) => imageId).sort()

async function upload(): Promise<string> {
  const { id } = await the.api('POST', '/image/v2/images', {
    ...admin,
    body: { name: 'other', disk_format: 'raw', container_format: 'bare' },
  })
  const put = await the.cloud.request('PUT', `/image/v2/images/${id}/file`, {
    ...admin,
    body: Buffer.alloc(4096, 1),
    headers: { 'content-type': 'application/octet-stream' },
  })
  assert.equal(put.status, 204)
  return id
}

const work = () => ({ ctx: the.cloud.systemContext(), itemId: '', call: { fence: 1, requestId: 'req-test' }, attempt: 1 })

/** One round of all hosts, whenever it is due. */
async function round(): Promise<void> {
  const { imageCacheClean } = await import('./image-cache-clean.ts')
  await imageCacheClean.run(work(), '')
}

/** One of the host alone: whether it will be asked again soon. */
async function roundOfHost(): Promise<boolean> {
  const { imageCacheCleanHost } = await import('./image-cache-clean.ts')
  return (await imageCacheCleanHost.run(work(), 'host1')) !== undefined
}

/** Whether the host is to be asked alone, at once or soon. */
async function isAskedAgain(): Promise<boolean> {
  const item = await itemFetch(the.cloud.platform.store, 'image-cache-clean-host/host1')
  return item !== undefined && item.run_at < systemClock.nowMs() + 120_000
}

test('a deleted image leaves the hosts’ caches soon, others stay', async () => {
  const id = await upload()
  for (const imageId of [id, the.imageId]) await the.host.images.ensure(imageId, { fence: 1, requestId: 'req-test' })
  assert.deepEqual(await cached(), [id, the.imageId].sort())
  await the.api('DELETE', `/image/v2/images/${id}`, admin)
  await until(async () => !(await cached()).includes(id))
  assert.deepEqual(await cached(), [the.imageId])
})

test('while a server stands on it a deleted image stays, and goes after the server', async () => {
  const id = await upload()
  const server = await the.boot({ imageRef: id })
  await the.api('DELETE', `/image/v2/images/${id}`, admin)
  await round()
  assert.ok((await cached()).includes(id))
  assert.ok(await isAskedAgain())
  assert.ok(await roundOfHost())
  await the.act(server, { 'os-stop': null })
  await the.until(server, 'SHUTOFF')
  await the.act(server, { 'os-start': null })
  await the.until(server, 'ACTIVE')
  await the.drop(server)
  assert.equal(await roundOfHost(), false)
  assert.deepEqual(await cached(), [the.imageId])
})

test('an image that nobody has asked for in a day is forgotten', async (t) => {
  await the.host.images.ensure(the.imageId, { fence: 1, requestId: 'req-test' })
  const list = the.host.images.list.bind(the.host.images)
  const aged = (idleMs: number) => t.mock.method(the.host.images, 'list', async () => (await list()).map((each) => ({ ...each, idleMs })))
  aged(86_399_000)
  await round()
  assert.deepEqual(await cached(), [the.imageId])
  aged(86_401_000)
  await round()
  assert.deepEqual(await cached(), [])
})

test('a host that does not answer is passed over, and asked again', async () => {
  await the.host.images.ensure(the.imageId, { fence: 1, requestId: 'req-test' })
  the.host.world.goAway({ dead: false, forMs: null })
  await round()
  assert.ok(await roundOfHost())
  the.host.world.comeBack()
  assert.equal(await roundOfHost(), false)
  assert.deepEqual(await cached(), [the.imageId])
})

test('the id of a deleted image is not given again: hosts know the old one by it', async () => {
  const id = await upload()
  await the.api('DELETE', `/image/v2/images/${id}`, admin)
  await the.api('POST', '/image/v2/images', {
    ...admin,
    body: { id, name: 'again', disk_format: 'raw', container_format: 'bare' },
    status: 409,
  })
})
