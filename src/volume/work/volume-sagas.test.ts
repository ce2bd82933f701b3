// The tests of each saga of volumes, through the API, with the fake host's clean slate.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fakeHosts, startTestCloud, type TestCloud } from '../../../test/support/cloud.ts'
import { settled, testSaga } from '../../../test/support/saga.ts'
import { snapshotCreateSaga } from './snapshot-create.ts'
import { snapshotDeleteSaga } from './snapshot-delete.ts'
import { volumeCreateSaga } from './volume-create.ts'
import { volumeExtendSaga } from './volume-extend.ts'
import { volumeDeleteSaga } from './volume-delete.ts'
import { volumeRevertSaga } from './volume-revert.ts'
import { volumeUploadSaga } from './volume-upload.ts'

let cloud: TestCloud
const dataDir = mkdtempSync(join(tmpdir(), 'stackling-volume-sagas-'))
before(async () => void (cloud = await startTestCloud({ config: { dataDir }, hosts: await fakeHosts(1) })))
after(async () => {
  await cloud.stop()
  rmSync(dataDir, { recursive: true })
})

const version = { 'openstack-api-version': 'volume 3.70' }
async function api(method: string, path: string, body?: unknown, as = 'member@p1') {
  const answer = await cloud.request(method, path.startsWith('/image') ? path : `/volume/v3${path}`, { as, body, headers: version })
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`)
  return answer.body
}
const statusOf = async (kind: 'volume' | 'snapshot', id: string): Promise<string> => {
  const answer = await cloud.request('GET', `/volume/v3/${kind}s/${id}`, { as: 'member@p1', headers: version })
  return answer.status === 404 ? 'gone' : answer.body[kind].status
}
const action = (id: string, body: object, as?: string) => api('POST', `/volumes/${id}/action`, body, as)
const volume = async (more: object = {}): Promise<string> => (await api('POST', '/volumes', { volume: { size: 1, ...more } })).volume.id

interface Subject {
  volumeId: string
  snapshotId: string
}

async function prepareVolume(): Promise<Subject> {
  return { volumeId: await volume(), snapshotId: '' }
}
async function prepareSnapshot(): Promise<Subject> {
  const volumeId = await volume()
  await settled(cloud)
  return { volumeId, snapshotId: (await api('POST', '/snapshots', { snapshot: { volume_id: volumeId } })).snapshot.id }
}

/** Everything of the project goes, in whatever state it is, and the messages that failures left. */
async function tidy(): Promise<void> {
  for (const { id, status } of (await api('GET', '/volumes/detail')).volumes) {
    if (status !== 'deleting') await action(id, { 'os-reset_status': { status: 'error' } }, 'admin@p1')
  }
  for (const { id } of (await api('GET', '/snapshots')).snapshots)
    await api('POST', `/snapshots/${id}/action`, { 'os-force_delete': {} }, 'admin@p1')
  await settled(cloud)
  for (const { id } of (await api('GET', '/volumes')).volumes) await api('DELETE', `/volumes/${id}`)
  for (const { id } of (await api('GET', '/image/v2/images?visibility=all')).images)
    await cloud.request('DELETE', `/image/v2/images/${id}`, { as: 'member@p1' })
  for (const { id } of (await api('GET', '/messages')).messages) await api('DELETE', `/messages/${id}`)
}

const common = { cloud: () => cloud, tidy }
const is =
  (kind: 'volume' | 'snapshot', wanted: string) =>
  async ({ volumeId, snapshotId }: Subject) =>
    assert.equal(await statusOf(kind, kind === 'volume' ? volumeId : snapshotId), wanted)
const reasons = async () => (await api('GET', '/messages')).messages.map((message: any) => message.user_message)

testSaga<Subject>({
  ...common,
  name: 'volume-create',
  saga: volumeCreateSaga,
  prepare: async () => ({ volumeId: '', snapshotId: '' }),
  start: async (subject) => void (subject.volumeId = await volume()),
  succeeded: is('volume', 'available'),
  async unwound(subject) {
    await is('volume', 'error')(subject)
    assert.match((await reasons())[0], /sabotaged/)
    // nothing is left at the host
    assert.deepEqual(await cloud.platform.hosts.get('host1').volumes.list(), [])
  },
})

testSaga<Subject>({
  ...common,
  name: 'volume-remove',
  saga: volumeDeleteSaga,
  prepare: prepareSnapshot,
  start: async ({ volumeId }) => void (await api('DELETE', `/volumes/${volumeId}?cascade=true`)),
  succeeded: is('volume', 'gone'),
  unwound: is('volume', 'error_deleting'),
})

testSaga<Subject>({
  ...common,
  name: 'volume-extend',
  saga: volumeExtendSaga,
  prepare: prepareVolume,
  start: ({ volumeId }) => action(volumeId, { 'os-extend': { new_size: 2 } }),
  async succeeded(subject) {
    await is('volume', 'available')(subject)
    assert.equal((await api('GET', `/volumes/${subject.volumeId}`)).volume.size, 2)
  },
  unwound: is('volume', 'error_extending'),
})

testSaga<Subject>({
  ...common,
  name: 'volume-revert',
  saga: volumeRevertSaga,
  prepare: prepareSnapshot,
  start: ({ volumeId, snapshotId }) => action(volumeId, { revert: { snapshot_id: snapshotId } }),
  async succeeded(subject) {
    await is('volume', 'available')(subject)
    await is('snapshot', 'available')(subject)
  },
  async unwound(subject) {
    await is('volume', 'error')(subject)
    await is('snapshot', 'available')(subject)
  },
})

testSaga<Subject>({
  ...common,
  name: 'volume-upload',
  saga: volumeUploadSaga,
  prepare: prepareVolume,
  start: ({ volumeId }) => action(volumeId, { 'os-volume_upload_image': { image_name: 'up', disk_format: 'qcow2' } }),
  async succeeded(subject) {
    await is('volume', 'available')(subject)
    const { images } = await api('GET', '/image/v2/images')
    assert.deepEqual(
      images.map((image: any) => [image.name, image.status, image.disk_format]),
      [['up', 'active', 'qcow2']],
    )
  },
  async unwound(subject) {
    await is('volume', 'available')(subject)
    assert.deepEqual((await api('GET', '/image/v2/images')).images, [])
  },
})

testSaga<Subject>({
  ...common,
  name: 'snapshot-create',
  saga: snapshotCreateSaga,
  prepare: prepareVolume,
  start: async (subject) =>
    void (subject.snapshotId = (await api('POST', '/snapshots', { snapshot: { volume_id: subject.volumeId } })).snapshot.id),
  succeeded: is('snapshot', 'available'),
  unwound: is('snapshot', 'error'),
})

testSaga<Subject>({
  ...common,
  name: 'snapshot-remove',
  saga: snapshotDeleteSaga,
  prepare: prepareSnapshot,
  start: async ({ snapshotId }) => void (await api('DELETE', `/snapshots/${snapshotId}`)),
  succeeded: is('snapshot', 'gone'),
  unwound: is('snapshot', 'error_deleting'),
})

test('a host that fails once, or whose answer is lost, costs time and nothing else', async () => {
  for (const fate of ['fail-once', 'lost']) {
    const id = await volume({ metadata: { 'fake:create': fate } })
    await settled(cloud)
    assert.equal(await statusOf('volume', id), 'available')
  }
  await tidy()
  await settled(cloud)
})

test('a volume that is deleted while it is made leaves nothing', async () => {
  const id = await volume({ metadata: { 'fake:create': 'slow:200' } })
  await action(id, { 'os-force_delete': {} }, 'admin@p1')
  await settled(cloud)
  assert.equal(await statusOf('volume', id), 'gone')
  assert.deepEqual(await cloud.platform.hosts.get('host1').volumes.list(), [])
})

test('a full disk is told to the user, and leaves nothing', async () => {
  const id = await volume({ metadata: { 'fake:create': 'no-space' } })
  await settled(cloud)
  assert.equal(await statusOf('volume', id), 'error')
  assert.match((await reasons())[0], /no space/)
  await tidy()
  await settled(cloud)
})
