import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fakeHosts, startTestCloud, type TestCloud } from '../../test/support/cloud.ts'
import { settled } from '../../test/support/saga.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud({ hosts: await fakeHosts(1) })))
after(() => cloud.stop())

const call = (method: string, path: string, body?: unknown, as = 'member@p1', version = '3.70') =>
  cloud.request(method, `/volume/v3${path}`, { as, body, headers: { 'openstack-api-version': `volume ${version}` } })
const volumeType = async () => (await call('GET', '/types/default')).body.volume_type.id

test('a group’s volumes are snapshotted, copied and deleted together', async () => {
  const type = (await call('POST', '/group_types', { group_type: { name: 'gt', group_specs: { a: 'b' } } }, 'admin@p1')).body.group_type
  assert.deepEqual(type.group_specs, { a: 'b' })
  assert.equal('group_specs' in (await call('GET', `/group_types/${type.id}`)).body.group_type, false)
  assert.equal((await call('POST', '/group_types', { group_type: { name: 'x' } })).status, 403)
  const default_ = await volumeType()
  const made = await call('POST', '/groups', { group: { name: 'g', group_type: 'gt', volume_types: [default_] } })
  assert.equal(made.status, 202, made.text)
  const { id } = made.body.group
  assert.equal((await call('GET', `/groups/${id}`, undefined, 'member@p2')).status, 404)
  assert.equal((await call('POST', '/group_snapshots', { group_snapshot: { group_id: id } })).status, 400)
  const volumes = []
  for (let count = 0; count < 2; count++)
    volumes.push(
      (await call('POST', '/volumes', { volume: { size: 1, group_id: id, metadata: { 'fake:create': 'slow:300' } } })).body.volume.id,
    )
  assert.equal((await call('GET', `/groups/${id}?list_volume=true`)).body.group.status, 'creating')
  await settled(cloud)
  const shown = (await call('GET', `/groups/${id}?list_volume=true`)).body.group
  assert.deepEqual([shown.status, shown.volumes], ['available', volumes])
  assert.equal((await call('DELETE', `/volumes/${volumes[0]}`)).status, 400)
  assert.equal((await call('PUT', `/groups/${id}`, { group: { remove_volumes: volumes[0] } })).status, 202)
  assert.equal((await call('PUT', `/groups/${id}`, { group: { add_volumes: volumes[0], name: 'g2' } })).status, 202)
  const snapshot = (await call('POST', '/group_snapshots', { group_snapshot: { group_id: id, name: 's' } })).body.group_snapshot
  await settled(cloud)
  assert.equal((await call('GET', `/group_snapshots/${snapshot.id}`)).body.group_snapshot.status, 'available')
  const parts = (await call('GET', '/snapshots/detail')).body.snapshots
  assert.deepEqual(
    parts.map((part: any) => [part.status, part.group_snapshot_id]),
    [
      ['available', snapshot.id],
      ['available', snapshot.id],
    ],
  )
  assert.equal((await call('DELETE', `/snapshots/${parts[0].id}`)).status, 400)
  const copy = (await call('POST', '/groups/action', { 'create-from-src': { group_snapshot_id: snapshot.id, name: 'copy' } })).body.group
  const clone = (await call('POST', '/groups/action', { 'create-from-src': { source_group_id: id } })).body.group
  await settled(cloud)
  for (const group of [copy, clone]) assert.equal((await call('GET', `/groups/${group.id}?list_volume=true`)).body.group.volumes.length, 2)
  assert.equal((await call('POST', `/groups/${id}/action`, { delete: {} })).status, 400)
  assert.equal((await call('POST', `/groups/${id}/action`, { reset_status: { status: 'error' } })).status, 403)
  assert.equal((await call('DELETE', `/group_snapshots/${snapshot.id}`)).status, 202)
  await settled(cloud)
  assert.equal((await call('GET', `/group_snapshots/${snapshot.id}`)).status, 404)
  assert.equal((await call('DELETE', `/group_types/${type.id}`, undefined, 'admin@p1')).status, 400)
  for (const group of [{ id }, copy, clone])
    assert.equal((await call('POST', `/groups/${group.id}/action`, { delete: { 'delete-volumes': true } })).status, 202)
  await settled(cloud)
  assert.deepEqual((await call('GET', '/volumes')).body.volumes, [])
  assert.deepEqual(await cloud.platform.hosts.get('host1').volumes.list(), [])
  assert.equal((await call('DELETE', `/group_types/${type.id}`, undefined, 'admin@p1')).status, 202)
})

test('group types’ specs, key by key', async () => {
  const admin = 'admin@p1'
  const { id } = (await call('POST', '/group_types', { group_type: { name: 'specs', is_public: false } }, admin)).body.group_type
  assert.equal((await call('GET', `/group_types/${id}`)).status, 404)
  assert.equal((await call('POST', `/group_types/${id}/group_specs`, { group_specs: { a: '1', b: '2' } }, admin)).status, 202)
  assert.deepEqual((await call('PUT', `/group_types/${id}/group_specs/a`, { a: '3' }, admin)).body, { a: '3' })
  assert.equal((await call('DELETE', `/group_types/${id}/group_specs/b`, undefined, admin)).status, 202)
  assert.deepEqual((await call('GET', `/group_types/${id}/group_specs`, undefined, admin)).body, { group_specs: { a: '3' } })
  assert.equal((await call('GET', `/group_types/${id}/group_specs/b`, undefined, admin)).status, 404)
  assert.equal((await call('GET', '/group_types', undefined, admin, '3.10')).status, 404)
  assert.equal((await call('DELETE', `/group_types/${id}`, undefined, admin)).status, 202)
})
