// Files of the pool become volumes and volumes files; snapshots within a file too.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fakeHosts, startTestCloud, type TestCloud } from '../../test/support/cloud.ts'
import { testSaga } from '../../test/support/saga.ts'
import { volumeClient } from '../../test/support/volumes.ts'
import { snapshotManageSaga, snapshotUnmanageSaga } from './work/snapshot-manage.ts'
import { volumeManageSaga, volumeUnmanageSaga } from './work/volume-manage.ts'
import { until } from '../../test/support/until.ts'

let cloud: TestCloud
before(async () => {
  cloud = await startTestCloud({ hosts: await fakeHosts(1) })
  await until(async () => (await ask('GET', '/os-services', { as: 'admin@p1' })).body.services.length >= 2)
})
after(() => cloud.stop())
const { ask, act, volume, snapshot, show, limits, rest, type } = volumeClient(() => cloud)

const admin = { as: 'admin@p1' }
const host = 'host1@fake#fake'
const strangers = () => cloud.platform.hosts.get('host1').volumes.strangers()
const listed = async (what: 'volumes' | 'snapshots', query = '') =>
  (await ask('GET', `/manageable_${what}/detail?host=${encodeURIComponent(host)}${query}`, admin)).body[`manageable-${what}`]

/** A file in the pool, by its name. */
async function file(sizeGib = 2): Promise<string> {
  const id = await volume({ size: sizeGib })
  assert.equal((await act(id, { 'os-unmanage': {} }, admin)).status, 202)
  await rest()
  return `volume-${id}`
}
const manage = (more: object = {}, options: object = admin) =>
  ask('POST', '/manageable_volumes', { ...options, body: { volume: { host, ...more } } })

interface Subject {
  volumeId: string
  snapshotId: string
  name: string
}
const nothing: Subject = { volumeId: '', snapshotId: '', name: '' }
async function tidy(): Promise<void> {
  for (const { id } of (await ask('GET', '/snapshots')).body.snapshots)
    await ask('POST', `/snapshots/${id}/action`, { ...admin, body: { 'os-force_delete': {} } })
  await rest()
  for (const { id } of (await ask('GET', '/volumes')).body.volumes) {
    await act(id, { 'os-reset_status': { status: 'error' } }, admin)
    await ask('DELETE', `/volumes/${id}`)
  }
  await rest()
  for (const { reference } of (await strangers()).files) {
    await manage({ ref: { 'source-name': reference } })
    await rest()
  }
  for (const { id } of (await ask('GET', '/volumes')).body.volumes) await ask('DELETE', `/volumes/${id}`)
  await rest()
  for (const { id } of (await ask('GET', '/messages')).body.messages) await ask('DELETE', `/messages/${id}`)
}
const common = { cloud: () => cloud, tidy }

testSaga<Subject>({
  ...common,
  name: 'clients 16 volume-manage',
  saga: volumeManageSaga,
  prepare: async () => ({ ...nothing, name: await file() }),
  async start(subject) {
    // clients send null for what they were not told
    const untold = { availability_zone: null, volume_type: null, description: null, metadata: null }
    const made = await manage({ ref: { 'source-name': subject.name }, name: ' taken ', bootable: true, ...untold })
    assert.equal(made.status, 202, made.text)
    subject.volumeId = made.body.volume.id
  },
  async succeeded({ volumeId }) {
    const shown = await show(volumeId)
    assert.deepEqual(
      [shown.status, shown.size, shown.name, shown.bootable, shown['os-vol-host-attr:host']],
      ['available', 2, 'taken', 'true', host],
    )
    assert.deepEqual((await strangers()).files, [])
  },
  async unwound({ volumeId, name }) {
    assert.deepEqual([(await show(volumeId)).status, (await show(volumeId)).size], ['error_managing', 0])
    assert.deepEqual((await strangers()).files, [{ reference: name, sizeGib: 2, fault: null }])
  },
})

testSaga<Subject>({
  ...common,
  name: 'clients 16 volume-unmanage',
  saga: volumeUnmanageSaga,
  prepare: async () => ({ ...nothing, volumeId: await volume() }),
  async start({ volumeId }) {
    assert.equal((await act(volumeId, { 'os-unmanage': {} }, admin)).status, 202)
  },
  async succeeded({ volumeId }) {
    assert.equal(await show(volumeId), undefined)
    assert.deepEqual((await strangers()).files, [{ reference: `volume-${volumeId}`, sizeGib: 1, fault: null }])
  },
  unwound: async ({ volumeId }) => assert.equal((await show(volumeId)).status, 'error'),
})

testSaga<Subject>({
  ...common,
  name: 'clients 16 snapshot-unmanage',
  saga: snapshotUnmanageSaga,
  async prepare() {
    const volumeId = await volume()
    return { ...nothing, volumeId, snapshotId: await snapshot(volumeId) }
  },
  async start({ snapshotId }) {
    assert.equal((await ask('POST', `/snapshots/${snapshotId}/action`, { ...admin, body: { 'os-unmanage': {} } })).status, 202)
  },
  async succeeded({ volumeId, snapshotId }) {
    assert.equal((await ask('GET', `/snapshots/${snapshotId}`)).status, 404)
    assert.deepEqual((await strangers()).snapshots, [{ volumeId, name: snapshotId, sizeGib: 1 }])
  },
  unwound: async ({ snapshotId }) => assert.equal((await ask('GET', `/snapshots/${snapshotId}`)).body.snapshot.status, 'error'),
})

testSaga<Subject>({
  ...common,
  name: 'clients 16 snapshot-manage',
  saga: snapshotManageSaga,
  async prepare() {
    const volumeId = await volume()
    const name = await snapshot(volumeId)
    await ask('POST', `/snapshots/${name}/action`, { ...admin, body: { 'os-unmanage': {} } })
    await rest()
    return { ...nothing, volumeId, name }
  },
  async start(subject) {
    const made = await ask('POST', '/manageable_snapshots', {
      ...admin,
      body: {
        snapshot: { volume_id: subject.volumeId, ref: { 'source-name': `_snapshot-${subject.name}` }, name: 'again', metadata: { a: 'b' } },
      },
    })
    assert.equal(made.status, 202, made.text)
    subject.snapshotId = made.body.snapshot.id
  },
  async succeeded({ snapshotId, volumeId }) {
    const shown = (await ask('GET', `/snapshots/${snapshotId}`)).body.snapshot
    assert.deepEqual([shown.status, shown.name, shown.volume_id, shown.metadata], ['available', 'again', volumeId, { a: 'b' }])
    assert.equal((await ask('POST', '/volumes', { body: { volume: { snapshot_id: snapshotId } } })).status, 202)
    await rest()
  },
  async unwound({ snapshotId, volumeId, name }) {
    assert.equal((await ask('GET', `/snapshots/${snapshotId}`)).body.snapshot.status, 'error')
    assert.deepEqual((await strangers()).snapshots, [{ volumeId, name, sizeGib: 1 }])
  },
})

test('clients 16 what can be managed is listed with what is managed already, in pages, for admins', async () => {
  const [id, name] = [await volume({ size: 3 }), await file()]
  const of = await snapshot(id)
  const known = {
    reference: { 'source-name': `volume-${id}` },
    size: 3,
    safe_to_manage: false,
    reason_not_safe: 'already managed',
    cinder_id: id,
    extra_info: null,
  }
  const free = {
    reference: { 'source-name': name },
    size: 2,
    safe_to_manage: true,
    reason_not_safe: null,
    cinder_id: null,
    extra_info: null,
  }
  assert.deepEqual(await listed('volumes', '&sort=size'), [known, free])
  assert.deepEqual(await listed('volumes', '&sort=size:asc&limit=1'), [free])
  assert.deepEqual(await listed('volumes', `&sort=size:asc&limit=1&marker=${encodeURIComponent(JSON.stringify(free.reference))}`), [known])
  assert.deepEqual(await listed('volumes', '&sort=size:asc&offset=1'), [known])
  assert.deepEqual(await listed('snapshots'), [
    { ...known, reference: { 'source-name': `_snapshot-${of}` }, cinder_id: of, source_reference: known.reference },
  ])
  const short = await ask('GET', `/os-volume-manage?host=${encodeURIComponent(host)}&sort=size`, { ...admin, version: '3.0' })
  assert.deepEqual(short.body, {
    'manageable-volumes': [known, free].map(({ reference, size, safe_to_manage }) => ({ reference, size, safe_to_manage })),
  })
  for (const path of [
    '/os-volume-manage',
    '/os-snapshot-manage',
    '/manageable_volumes',
    '/manageable_snapshots',
    '/manageable_volumes/detail',
  ]) {
    assert.equal((await ask('GET', `${path}?host=${encodeURIComponent(host)}`)).status, 403)
    for (const query of [
      '',
      '?host=',
      `?host=host1&cluster=c`,
      '?host=host1&sort=name',
      '?host=host1&sort=size:up',
      '?host=host1&marker=x',
      "?host=host1&marker={'source-name':'none'}",
    ]) {
      assert.equal((await ask('GET', `${path}${query}`, admin)).status, 400, path + query)
    }
    for (const named of ['nowhere', 'host1@other', 'host1@fake#other'])
      assert.equal((await ask('GET', `${path}?host=${encodeURIComponent(named)}`, admin)).status, 404, named)
  }
  assert.equal((await ask('GET', '/manageable_volumes?host=host1', { ...admin, version: '3.7' })).status, 404)
  await tidy()
})

test('clients 16 what cannot be managed or let go is refused, or ends in error_managing with the reason', async () => {
  await limits({ gigabytes: 3, volumes: 10 })
  const [name, id] = [await file(), await volume({ size: 2 })]
  for (const [body, status] of [
    [{ host, ref: {} }, 202],
    [{ host, ref: { 'source-name': 'no-such' } }, 202],
    [{ host, ref: { 'source-name': name } }, 202],
    [{ host, ref: { 'source-name': `volume-${id}` } }, 400],
    [{ host, ref: { 'source-name': name }, volume_type: 'no-such' }, 400],
    [{ host: 'nowhere', ref: {} }, 400],
    [{ ref: {} }, 400],
    [{ host }, 400],
    [{ host, ref: {}, cluster: 'c' }, 400],
    [{ host, ref: {}, availability_zone: 'mars' }, 400],
    [{ host, ref: {}, nonsense: 1 }, 400],
  ] as const)
    assert.equal((await ask('POST', '/manageable_volumes', { ...admin, body: { volume: body } })).status, status, JSON.stringify(body))
  await rest()
  const failed = (await ask('GET', '/volumes/detail?status=error_managing')).body.volumes
  assert.deepEqual(
    failed.map((each: any) => each.size),
    [0, 0, 0],
  )
  const reasons = (await ask('GET', '/messages')).body.messages.map((each: any) => each.user_message).join()
  for (const reason of [/no such file/, /exceeds allowed gigabytes quota. Requested 2G, quota is 3G and 2G/]) assert.match(reasons, reason)
  assert.deepEqual(
    (await strangers()).files.map(({ reference }) => reference),
    [name],
    'the file is where it was',
  )
  await limits({ volumes: 4 })
  assert.equal((await manage({ ref: { 'source-name': name } })).status, 413)
  assert.equal((await manage({ ref: { 'source-name': name } }, { as: 'member@p1' })).status, 403)
  await type('many', { extra_specs: { multiattach: '<is> True' } })
  await limits({ volumes: -1, gigabytes: -1 })
  assert.equal((await act(id, { 'os-unmanage': {} })).status, 403)
  await snapshot(id)
  assert.equal((await act(id, { 'os-unmanage': {} }, admin)).status, 400, 'it has a snapshot')
  const attached = await volume()
  await act(attached, { 'os-attach': { host_name: 'h', mountpoint: '/dev/vdb' } })
  assert.equal((await act(attached, { 'os-unmanage': {} }, admin)).status, 400)
  await act(attached, { 'os-detach': {} })
  assert.equal((await ask('POST', '/os-snapshot-manage', { ...admin, body: { snapshot: { volume_id: attached, ref: {} } } })).status, 400)
  assert.equal(
    (
      await ask('POST', '/os-snapshot-manage', {
        ...admin,
        body: { snapshot: { volume_id: '00000000-0000-4000-8000-000000000000', ref: 'x' } },
      })
    ).status,
    404,
  )
  await ask('PUT', '/os-services/disable', { ...admin, body: { host: 'host1@fake', binary: 'cinder-volume' } })
  assert.equal((await manage({ ref: { 'source-name': name } })).status, 400)
  await ask('PUT', '/os-services/enable', { ...admin, body: { host: 'host1@fake', binary: 'cinder-volume' } })
  await tidy()
})
