// Attachments as the compute service drives them: rows and the host together.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fakeHosts, startTestCloud, type TestCloud } from '../../test/support/cloud.ts'
import { settled } from '../../test/support/saga.ts'
import { sql } from '../platform/store/store.ts'
import type { WorkContext } from '../platform/work/definition.ts'
import {
  attachmentComplete,
  attachmentConnect,
  attachmentBeginDetaching,
  attachmentRollDetaching,
  attachmentDisconnect,
  attachmentRelease,
  attachmentDetach,
  attachmentReserve,
  attachmentsOfServers,
  volumeAccept,
  volumeCreateAccepted,
  volumeDeleteAccepted,
  volumesByIds,
  volumeWatch,
} from './index.ts'
import { volumeUploadSaga } from './work/volume-upload.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud({ hosts: await fakeHosts(1) })))
after(() => cloud.stop())

/** As a saga would call: with a fence no older than the last and no newer than the next. */
async function work(): Promise<WorkContext> {
  const { rows } = await sql<{ value: number }>`select value from counters where name = 'fence'`.execute(cloud.platform.store.as())
  return {
    ctx: cloud.systemContext(),
    itemId: 'test',
    attempt: 1,
    call: { fence: 1_000 * (rows[0]?.value ?? 0) + 999, requestId: 'req-test' },
  }
}
const inTransaction = <T>(body: (tx: WorkContext['ctx']) => Promise<T>): Promise<T> => cloud.systemContext().transaction(body)
const as = 'admin@p1'
const statusOf = async (id: string) => (await volumesByIds(cloud.systemContext(), [id])).get(id)?.status
const at = { 'openstack-api-version': 'volume 3.70' }

async function volume(body: object = {}): Promise<string> {
  const made = await cloud.request('POST', '/volume/v3/volumes', { as, body: { volume: { size: 1, ...body } }, headers: at })
  assert.equal(made.status, 202, made.text)
  await settled(cloud)
  return made.body.volume.id
}

test('attack-21 reserve, connect, complete, detach: the volume’s status follows, and only the compute service lets go', async () => {
  const volumeId = await volume()
  const reserved = await inTransaction((tx) => attachmentReserve(tx, { volumeId, serverId: 's1', mountpoint: '/dev/vdb' }))
  assert.equal(await statusOf(volumeId), 'reserved')
  await assert.rejects(
    inTransaction((tx) => attachmentReserve(tx, { volumeId, serverId: 's2' })),
    /must be available/,
  )
  const connection = await attachmentConnect(await work(), reserved.attachmentId)
  assert.deepEqual(await attachmentConnect(await work(), reserved.attachmentId), connection)
  assert.equal(await statusOf(volumeId), 'attaching')
  await inTransaction((tx) => attachmentComplete(tx, reserved.attachmentId, '/dev/vdc'))
  assert.equal(await statusOf(volumeId), 'in-use')
  const found = (await attachmentsOfServers(cloud.systemContext(), ['s1', 's2'])).get('s1')
  assert.deepEqual(
    found?.map(({ mountpoint, status, connection: known }) => [mountpoint, status, known]),
    [['/dev/vdc', 'attached', connection]],
  )
  // nobody takes it away behind the guest's back: not by an attachment, not by an action, not by a reset
  const refusals = [
    await cloud.request('DELETE', `/volume/v3/attachments/${reserved.attachmentId}`, { as, headers: at }),
    await cloud.request('POST', `/volume/v3/volumes/${volumeId}/action`, {
      as,
      headers: at,
      body: { 'os-detach': { attachment_id: reserved.attachmentId } },
    }),
    await cloud.request('POST', `/volume/v3/volumes/${volumeId}/action`, {
      as,
      headers: at,
      body: { 'os-force_detach': { attachment_id: reserved.attachmentId } },
    }),
    await cloud.request('POST', `/volume/v3/volumes/${volumeId}/action`, {
      as,
      headers: at,
      body: { 'os-terminate_connection': { connector: {} } },
    }),
  ]
  assert.deepEqual(
    refusals.map(({ status }) => status),
    [409, 409, 409, 409],
  )
  const reset = await cloud.request('POST', `/volume/v3/volumes/${volumeId}/action`, {
    as,
    headers: at,
    body: { 'os-reset_status': { status: 'available', attach_status: 'detached' } },
  })
  assert.equal(reset.status, 400)
  await inTransaction((tx) => attachmentBeginDetaching(tx, reserved.attachmentId))
  assert.equal(await statusOf(volumeId), 'detaching')
  await assert.rejects(
    inTransaction((tx) => attachmentBeginDetaching(tx, reserved.attachmentId)),
    /Unable to detach/,
  )
  await inTransaction((tx) => attachmentRollDetaching(tx, reserved.attachmentId))
  assert.equal(await statusOf(volumeId), 'in-use')
  for (let twice = 0; twice < 2; twice++) await attachmentDetach(await work(), reserved.attachmentId)
  assert.equal(await statusOf(volumeId), 'available')
  // the host let go of it: another may connect
  const next = await inTransaction((tx) => attachmentReserve(tx, { volumeId, serverId: 's2' }))
  await attachmentConnect(await work(), next.attachmentId)
  await attachmentDetach(await work(), next.attachmentId)
  await volumeDeleteAccepted(cloud.systemContext(), volumeId, 'p1')
  await settled(cloud)
  assert.equal(await statusOf(volumeId), undefined)
})

test('a volume that is taken from its host stays reserved for its server', async () => {
  const volumeId = await volume()
  const { attachmentId } = await inTransaction((tx) => attachmentReserve(tx, { volumeId, serverId: 's1' }))
  await attachmentConnect(await work(), attachmentId)
  await inTransaction((tx) => attachmentComplete(tx, attachmentId))
  for (let twice = 0; twice < 2; twice++) await attachmentDisconnect(await work(), attachmentId)
  assert.equal(await statusOf(volumeId), 'reserved')
  assert.deepEqual(
    (await cloud.platform.hosts.get('host1').volumes.list()).map((data) => data.attachmentId),
    [null],
  )
  await assert.rejects(
    inTransaction((tx) => attachmentReserve(tx, { volumeId, serverId: 's2' })),
    /must be available/,
  )
  await attachmentConnect(await work(), attachmentId)
  await attachmentDetach(await work(), attachmentId)
  await volumeDeleteAccepted(cloud.systemContext(), volumeId, 'p1')
  await settled(cloud)
})

test('an upload ends in the state that attachments have come to meanwhile', async () => {
  const volumeId = await volume()
  const { attachmentId } = await inTransaction((tx) => attachmentReserve(tx, { volumeId, serverId: 's1' }))
  await attachmentConnect(await work(), attachmentId)
  await inTransaction((tx) => attachmentComplete(tx, attachmentId))
  const [upload] = volumeUploadSaga.steps
  const run = upload?.run
  assert.ok(run)
  const held = Promise.withResolvers<void>()
  upload.run = async (...args) => held.promise.then(() => run(...args))
  try {
    const asked = await cloud.request('POST', `/volume/v3/volumes/${volumeId}/action`, {
      as,
      headers: at,
      body: { 'os-volume_upload_image': { image_name: 'up', disk_format: 'qcow2', force: true } },
    })
    assert.equal(asked.status, 202, asked.text)
    await attachmentDetach(await work(), attachmentId)
    assert.equal(await statusOf(volumeId), 'uploading')
    held.resolve()
    await settled(cloud)
  } finally {
    upload.run = run
  }
  assert.equal(await statusOf(volumeId), 'available')
  await volumeDeleteAccepted(cloud.systemContext(), volumeId, 'p1')
  await settled(cloud)
})

test('a multiattach volume has several writers, and is free when the last has gone', async () => {
  await cloud.request('POST', '/volume/v3/types', {
    as,
    body: { volume_type: { name: 'many', extra_specs: { multiattach: '<is> True' } } },
  })
  const volumeId = await volume({ volume_type: 'many' })
  const [first, second] = [
    await inTransaction((tx) => attachmentReserve(tx, { volumeId, serverId: 's1' })),
    await inTransaction((tx) => attachmentReserve(tx, { volumeId, serverId: 's2' })),
  ]
  for (const { attachmentId } of [first, second]) {
    await attachmentConnect(await work(), attachmentId)
    await inTransaction((tx) => attachmentComplete(tx, attachmentId))
  }
  await attachmentDetach(await work(), first.attachmentId)
  assert.equal(await statusOf(volumeId), 'in-use')
  await attachmentDetach(await work(), second.attachmentId)
  assert.equal(await statusOf(volumeId), 'available')
  await volumeDeleteAccepted(cloud.systemContext(), volumeId, 'p1')
  await settled(cloud)
})

test('what was only reserved is released in a transaction; an extended volume’s server is told', async () => {
  const volumeId = await volume()
  const reserved = await inTransaction((tx) =>
    attachmentReserve(tx, { volumeId, serverId: 's1', attachmentId: '22222222-2222-4222-8222-222222222222' }),
  )
  assert.equal(
    (await inTransaction((tx) => attachmentReserve(tx, { volumeId, serverId: 's1', attachmentId: reserved.attachmentId }))).attachmentId,
    reserved.attachmentId,
  )
  await inTransaction((tx) => attachmentRelease(tx, reserved.attachmentId))
  assert.equal(await statusOf(volumeId), 'available')
  const told: unknown[] = []
  volumeWatch(cloud.platform, { extended: async (_tx, what) => void told.push(what) })
  const { attachmentId } = await inTransaction((tx) => attachmentReserve(tx, { volumeId, serverId: 's3' }))
  await attachmentConnect(await work(), attachmentId)
  await inTransaction((tx) => attachmentComplete(tx, attachmentId))
  await cloud.request('POST', `/volume/v3/volumes/${volumeId}/action`, { as, headers: at, body: { 'os-extend': { new_size: 2 } } })
  await settled(cloud)
  assert.deepEqual(told, [{ volumeId, serverId: 's3', sizeGib: 2 }])
  assert.equal(await statusOf(volumeId), 'in-use')
  await attachmentDetach(await work(), attachmentId)
  await volumeDeleteAccepted(cloud.systemContext(), volumeId, 'p1')
  await settled(cloud)
})

test('a volume is part of the caller’s commit, or is not there at all', async () => {
  const ctx = cloud.systemContext()
  const caller = ctx.asCloud('a test')
  Object.assign(caller.actor, { projectId: 'p1' })
  let id = ''
  const failing = caller.transaction(async (tx) => {
    id = (await volumeCreateAccepted(tx, await volumeAccept(tx, { sizeGib: 1 }))).id
    throw new Error('the caller thought better of it')
  })
  await assert.rejects(failing, /thought better/)
  assert.equal(await statusOf(id), undefined)
  await settled(cloud)
  assert.deepEqual(await cloud.platform.hosts.get('host1').volumes.list(), [])
})
