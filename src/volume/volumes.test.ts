import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fakeHosts, startTestCloud, type TestCloud } from '../../test/support/cloud.ts'
import { until } from '../../test/support/until.ts'

let cloud: TestCloud
const dataDir = mkdtempSync(join(tmpdir(), 'stackling-volume-'))
before(async () => {
  cloud = await startTestCloud({ config: { dataDir }, hosts: await fakeHosts(1) })
  const quota = await cloud.request('PUT', '/volume/v3/os-quota-sets/p1', {
    as: 'admin@p1',
    body: { quota_set: { volumes: 200, snapshots: 200 } },
  })
  assert.equal(quota.status, 200)
})
after(async () => {
  await cloud.stop()
  rmSync(dataDir, { recursive: true })
})

const base = '/volume/v3'
const at = (version: string) => ({ 'openstack-api-version': `volume ${version}` })
const call = (
  method: string,
  path: string,
  { as = 'member@p1', body, version = '3.70' }: { as?: string; body?: unknown; version?: string } = {},
) => cloud.request(method, `${base}${path}`, { as, body, headers: at(version) })

async function create(volume: object = {}, as = 'member@p1') {
  const made = await call('POST', '/volumes', { as, body: { volume: { size: 1, ...volume } } })
  assert.equal(made.status, 202, made.text)
  return made.body.volume
}
const show = async (id: string, version = '3.70') => (await call('GET', `/volumes/${id}`, { version, as: 'admin@p1' })).body?.volume
const action = (id: string, body: object, as = 'member@p1', version = '3.70') =>
  call('POST', `/volumes/${id}/action`, { as, body, version })
const ready = async (volume: object = {}) => {
  const { id } = await create(volume)
  await until(async () => (await show(id)).status === 'available')
  return id as string
}
const gone = (id: string) => until(async () => (await call('GET', `/volumes/${id}`)).status === 404)

test('a volume is created, shown by microversion, renamed and deleted', async () => {
  const made = await create({ name: 'v1', description: 'd', metadata: { a: 'b' } })
  assert.equal(made.status, 'creating')
  assert.equal(made.volume_type, '__DEFAULT__')
  await until(async () => (await show(made.id)).status === 'available')
  const oldest = await show(made.id, '3.0')
  assert.deepEqual(Object.keys(oldest).sort(), [
    'attachments',
    'availability_zone',
    'bootable',
    'consistencygroup_id',
    'created_at',
    'description',
    'encrypted',
    'id',
    'links',
    'metadata',
    'migration_status',
    'multiattach',
    'name',
    'os-vol-host-attr:host',
    'os-vol-mig-status-attr:migstat',
    'os-vol-mig-status-attr:name_id',
    'os-vol-tenant-attr:tenant_id',
    'replication_status',
    'size',
    'snapshot_id',
    'source_volid',
    'status',
    'updated_at',
    'user_id',
    'volume_type',
  ])
  assert.equal(oldest['os-vol-host-attr:host'], 'host1@fake#fake')
  const newest = await show(made.id)
  for (const key of ['group_id', 'provider_id', 'shared_targets', 'service_uuid', 'cluster_name', 'volume_type_id', 'consumes_quota'])
    assert.ok(key in newest, key)
  const member = (await call('GET', `/volumes/${made.id}`)).body.volume
  assert.equal('os-vol-host-attr:host' in member, false)
  assert.match(member.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/)
  const renamed = await call('PUT', `/volumes/${made.id}`, { body: { volume: { name: ' v2 ', metadata: { c: 'd' } } } })
  assert.equal(renamed.body.volume.name, 'v2')
  assert.deepEqual(renamed.body.volume.metadata, { c: 'd' })
  assert.equal((await call('DELETE', `/volumes/${made.id}`)).status, 202)
  await gone(made.id)
})

test('a host works on eight volumes at a time; the ninth waits until one of them is through', async () => {
  const ids: string[] = []
  for (let made = 0; made < 9; made++) ids.push((await create({ metadata: { 'fake:create': 'hang' } })).id)
  const items = () =>
    cloud.platform.store
      .as<{ work_items: { id: string; resource_id: string; state: string } }>()
      .selectFrom('work_items')
      .selectAll()
      .where('resource_id', 'in', ids)
      .execute()
  const cancel = (id: string) => cloud.request('POST', `/operations/work/${id}/cancel`, { as: 'admin@p1' })
  await until(async () => (await items()).filter(({ state }) => state === 'running').length >= 8)
  const now = await items()
  const waiting = now.filter(({ state }) => state === 'ready')
  assert.equal(waiting.length, 1)
  assert.match(
    (await cloud.request('GET', `/operations/why/${waiting[0]?.resource_id}`, { as: 'admin@p1' })).text,
    /8 of at most 8 'volumes\/host1' run now/,
  )
  const running = now.filter(({ state }) => state === 'running')
  assert.equal((await cancel(running[0]?.id ?? '')).status, 202)
  await until(async () => (await items()).some(({ id, state }) => id === waiting[0]?.id && state === 'running'))
  for (const { id } of [...running.slice(1), ...waiting]) assert.equal((await cancel(id)).status, 202)
  for (const id of ids) {
    await until(async () => (await show(id)).status === 'error')
    assert.equal((await call('DELETE', `/volumes/${id}`)).status, 202)
  }
  for (const id of ids) await gone(id)
})

test('attack-28 the project in the path must be the token’s; another project’s volume is not found', async () => {
  const id = await ready()
  assert.equal((await cloud.request('GET', `${base}/p1/volumes/${id}`, { as: 'member@p1' })).status, 200)
  assert.equal((await cloud.request('GET', `${base}/${'0'.repeat(32)}/volumes`, { as: 'member@p1' })).status, 400)
  assert.equal((await cloud.request('GET', `${base}/${'0'.repeat(32)}/volumes`, { as: 'admin@p1' })).status, 400)
  for (const method of ['GET', 'DELETE']) assert.equal((await call(method, `/volumes/${id}`, { as: 'member@p2' })).status, 404)
  assert.equal((await call('DELETE', `/volumes/${id}`, { as: 'reader@p1' })).status, 403)
  assert.equal((await action(id, { 'os-extend': { new_size: 5 } }, 'member@p2')).status, 404)
  assert.deepEqual((await call('GET', '/volumes?all_tenants=1', { as: 'member@p2' })).body.volumes, [])
  await call('DELETE', `/volumes/${id}`)
  await gone(id)
})

test('lists filter, sort, page and count', async () => {
  const ids = []
  for (const [name, size] of [
    ['l1', 1],
    ['l2', 3],
    ['l3', 2],
  ] as const)
    ids.push(await ready({ name, size, metadata: { kind: name === 'l2' ? 'odd' : "it's" } }))
  const names = async (query: string) => (await call('GET', `/volumes${query}`)).body.volumes.map((volume: any) => volume.name)
  assert.deepEqual(await names(''), ['l3', 'l2', 'l1'])
  assert.deepEqual(await names('?sort=size:asc'), ['l1', 'l3', 'l2'])
  assert.deepEqual(await names(`?metadata=${encodeURIComponent("{'kind': 'odd'}")}`), ['l2'])
  assert.deepEqual(await names(`?metadata=${encodeURIComponent('{"kind": "it\'s"}')}`), ['l3', 'l1'])
  assert.deepEqual(await names('?name=l1'), ['l1'])
  assert.deepEqual(await names('?status=available&bootable=false&availability_zone=nova&size=2'), ['l3'])
  assert.deepEqual(await names('?status=null'), [])
  assert.deepEqual(await names('?limit=0'), [])
  assert.deepEqual(await names('?offset=1&limit=1'), ['l2'])
  const page = (await call('GET', '/volumes/detail?limit=2&with_count=true')).body
  assert.equal(page.count, 3)
  const next = new URL(page.volumes_links[0].href)
  const rest = await cloud.request('GET', next.pathname + next.search, { as: 'member@p1', headers: at('3.70') })
  assert.deepEqual(
    rest.body.volumes.map((volume: any) => volume.name),
    ['l1'],
  )
  assert.equal((await call('GET', '/volumes?limit=x')).status, 400)
  assert.equal((await call('GET', '/volumes?sort=nonsense')).status, 400)
  assert.equal((await call('GET', '/volumes?marker=gone')).status, 404)
  assert.equal((await call('GET', '/volumes?nonsense=1')).status, 400)
  assert.equal((await call('GET', '/volumes?nonsense=1', { version: '3.0' })).status, 200)
  const summary = (await call('GET', '/volumes/summary')).body['volume-summary']
  assert.deepEqual([summary.total_count, summary.total_size, summary.metadata.kind.sort()], [3, 6, ["it's", 'odd']])
  assert.equal((await call('GET', '/volumes/summary', { version: '3.11' })).status, 404)
  for (const id of ids) await call('DELETE', `/volumes/${id}`)
  for (const id of ids) await gone(id)
})

test('snapshots, volumes from them and from volumes; what depends is not deleted', async () => {
  const id = await ready({ size: 2 })
  const made = await call('POST', '/snapshots', { body: { snapshot: { volume_id: id, name: 's', metadata: { m: '1' } } } })
  assert.equal(made.status, 202)
  const snapshot = made.body.snapshot.id
  await until(async () => (await call('GET', `/snapshots/${snapshot}`)).body.snapshot.status === 'available')
  assert.equal((await call('GET', `/snapshots/${snapshot}`)).body.snapshot['os-extended-snapshot-attributes:progress'], '100%')
  assert.equal((await call('GET', `/snapshots?volume_id=${id}`)).body.snapshots.length, 1)
  assert.equal((await call('GET', `/snapshots/${snapshot}`, { as: 'member@p2' })).status, 404)
  assert.equal((await call('DELETE', `/volumes/${id}`)).status, 400)
  const small = await call('POST', '/volumes', { body: { volume: { size: 1, snapshot_id: snapshot } } })
  assert.equal(small.status, 400)
  const copy = await ready({ size: undefined, snapshot_id: snapshot })
  assert.equal((await show(copy)).size, 2)
  const clone = await ready({ size: 3, source_volid: id })
  assert.equal((await show(clone)).source_volid, id)
  assert.equal((await call('POST', '/volumes', { body: { volume: { size: 1, source_volid: id } } })).status, 400)
  assert.equal((await call('DELETE', `/volumes/${id}?cascade=true`)).status, 202)
  await gone(id)
  assert.equal((await call('GET', `/snapshots/${snapshot}`)).status, 404)
  for (const other of [copy, clone]) await call('DELETE', `/volumes/${other}`)
  for (const other of [copy, clone]) await gone(other)
})

test('a volume is extended, reverted, retyped, flagged and reset', async () => {
  const id = await ready()
  assert.equal((await action(id, { 'os-extend': { new_size: 3 } })).status, 202)
  await until(async () => (await show(id)).status === 'available')
  assert.equal((await show(id)).size, 3)
  assert.equal((await action(id, { 'os-extend': { new_size: 2 } })).status, 400)
  assert.equal((await action(id, { 'os-extend': { new_size: null } })).status, 400)
  assert.equal((await action(id, { 'os-extend': { new_size: 'abc' } })).status, 400)
  const snapshot = (await call('POST', '/snapshots', { body: { snapshot: { volume_id: id } } })).body.snapshot.id
  await until(async () => (await call('GET', `/snapshots/${snapshot}`)).body.snapshot.status === 'available')
  assert.equal((await action(id, { revert: { snapshot_id: snapshot } })).status, 202)
  await until(async () => (await show(id)).status === 'available')
  assert.equal((await call('GET', `/snapshots/${snapshot}`)).body.snapshot.status, 'available')
  assert.equal((await action(id, { revert: { snapshot_id: snapshot } }, 'member@p1', '3.39')).status, 400)
  const type = (await call('POST', '/types', { as: 'admin@p1', body: { volume_type: { name: 'other', extra_specs: {} } } })).body
    .volume_type.id
  assert.equal((await action(id, { 'os-retype': { new_type: 'other' } })).status, 202)
  assert.equal((await show(id)).volume_type_id, type)
  assert.equal((await call('DELETE', `/types/${type}`, { as: 'admin@p1' })).status, 400)
  assert.equal((await action(id, { 'os-set_bootable': { bootable: true } })).status, 200)
  assert.equal((await show(id)).bootable, 'true')
  assert.equal((await action(id, { 'os-update_readonly_flag': { readonly: true } })).status, 202)
  assert.equal((await show(id)).metadata.readonly, 'True')
  assert.equal((await action(id, { 'os-reset_status': { status: 'error' } })).status, 403)
  assert.equal((await action(id, { 'os-reset_status': { status: 'error' } }, 'admin@p1')).status, 202)
  assert.equal((await show(id)).status, 'error')
  assert.equal((await action(id, { nonsense: {} })).status, 400)
  await call('DELETE', `/snapshots/${snapshot}`)
  await until(async () => (await call('GET', `/snapshots/${snapshot}`)).status === 404)
  assert.equal((await call('DELETE', `/volumes/${id}`)).status, 202)
  await gone(id)
})

test('bad requests are refused in Cinder’s way', async () => {
  for (const volume of [
    { size: 0 },
    { size: -1 },
    { size: 'x' },
    {},
    { size: 1, availability_zone: 'mars' },
    { size: 1, multiattach: true },
    { size: 1, imageRef: 'no-image' },
    { size: 1, nonsense: 1 },
  ]) {
    assert.equal((await call('POST', '/volumes', { body: { volume } })).status, 400, JSON.stringify(volume))
  }
  const nobody = '00000000-0000-4000-8000-000000000000'
  for (const volume of [
    { size: 1, snapshot_id: nobody },
    { size: 1, source_volid: nobody },
    { size: 1, volume_type: nobody },
    { size: 1, volume_type: 'none' },
  ]) {
    assert.equal((await call('POST', '/volumes', { body: { volume } })).status, 404, JSON.stringify(volume))
  }
  // an item without an id is not the list
  for (const method of ['GET', 'PUT', 'DELETE'])
    assert.equal((await call(method, '/volumes/', { body: method === 'PUT' ? {} : undefined })).status, 404)
  assert.equal((await call('GET', '/volumes')).status, 200)
  assert.equal((await cloud.request('GET', `${base}/volumes`)).status, 401)
  assert.equal((await call('GET', '/volumes', { version: '3.72' })).status, 406)
})

test('quotas hold, per project and per type, and are counted from rows', async () => {
  const as = 'member@q1'
  await call('PUT', '/os-quota-sets/q1', { as: 'admin@p1', body: { quota_set: { volumes: 2, gigabytes: 5, per_volume_gigabytes: 4 } } })
  const first = await create({ size: 2 }, as)
  assert.equal((await call('POST', '/volumes', { as, body: { volume: { size: 5 } } })).status, 413)
  assert.equal((await call('POST', '/volumes', { as, body: { volume: { size: 4 } } })).status, 413)
  const second = await create({ size: 1 }, as)
  const refused = await call('POST', '/volumes', { as, body: { volume: { size: 1 } } })
  assert.equal(refused.status, 413)
  assert.equal(refused.body.overLimit.code, 413)
  const usage = (await call('GET', '/os-quota-sets/q1?usage=True', { as })).body.quota_set
  assert.deepEqual(usage.volumes, { limit: 2, in_use: 2, reserved: 0 })
  assert.deepEqual(usage.gigabytes, { limit: 5, in_use: 3, reserved: 0 })
  assert.equal((await call('GET', '/limits', { as })).body.limits.absolute.totalVolumesUsed, 2)
  assert.equal((await call('PUT', '/os-quota-sets/q1', { as, body: { quota_set: { volumes: 9 } } })).status, 403)
  assert.equal((await call('GET', '/os-quota-sets/p1', { as })).status, 403)
  assert.equal((await call('PUT', '/os-quota-sets/q1', { as: 'admin@p1', body: { quota_set: { nonsense: 9 } } })).status, 400)
  for (const { id } of [first, second]) {
    await until(async () => (await show(id)).status === 'available')
    await call('DELETE', `/volumes/${id}`, { as })
    await gone(id)
  }
})

test('types: private ones are let in by project; extra specs, encryption, QoS', async () => {
  const admin = { as: 'admin@p1' }
  const made = await call('POST', '/types', {
    ...admin,
    body: { volume_type: { name: 'secret', 'os-volume-type-access:is_public': false, extra_specs: { multiattach: '<is> True', x: 'y' } } },
  })
  const { id } = made.body.volume_type
  assert.equal((await call('GET', `/types/${id}`, { as: 'member@p2' })).status, 404)
  assert.equal((await call('POST', '/volumes', { as: 'member@p2', body: { volume: { size: 1, volume_type: 'secret' } } })).status, 404)
  assert.equal((await call('POST', `/types/${id}/action`, { ...admin, body: { addProjectAccess: { project: 'p2' } } })).status, 202)
  assert.equal((await call('POST', `/types/${id}/action`, { ...admin, body: { addProjectAccess: { project: 'p2' } } })).status, 409)
  // a member does not see what tells of the backend
  assert.deepEqual((await call('GET', `/types/${id}`, { as: 'member@p2' })).body.volume_type.extra_specs, { multiattach: '<is> True' })
  assert.deepEqual((await call('GET', `/types/${id}/os-volume-type-access`, admin)).body.volume_type_access, [
    { volume_type_id: id, project_id: 'p2' },
  ])
  assert.equal((await call('POST', '/types', { ...admin, body: { volume_type: { name: 'secret' } } })).status, 409)
  assert.equal((await call('POST', '/types', { ...admin, body: { volume_type: { name: '' } } })).status, 400)
  assert.deepEqual((await call('PUT', `/types/${id}/extra_specs/x`, { ...admin, body: { x: 'z' } })).body, { x: 'z' })
  assert.equal((await call('PUT', `/types/${id}/extra_specs/x`, { ...admin, body: { x: 'z', w: 'v' } })).status, 400)
  assert.equal((await call('GET', `/types/${id}/extra_specs/none`, admin)).status, 404)
  const encryption = await call('POST', `/types/${id}/encryption`, {
    ...admin,
    body: { encryption: { provider: 'luks', control_location: 'front-end', key_size: 256 } },
  })
  assert.equal(encryption.body.encryption.key_size, 256)
  assert.deepEqual((await call('GET', `/types/${id}/encryption/key_size`, admin)).body, { key_size: 256 })
  assert.equal((await call('DELETE', `/types/${id}/encryption/${encryption.body.encryption.encryption_id}`, admin)).status, 202)
  assert.deepEqual((await call('GET', `/types/${id}/encryption`, admin)).body, {})
  const qos = (await call('POST', '/qos-specs', { ...admin, body: { qos_specs: { name: 'q', consumer: 'front-end', iops: '10' } } })).body
    .qos_specs
  assert.deepEqual(qos.specs, { iops: '10' })
  assert.equal((await call('GET', `/qos-specs/${qos.id}/associate?vol_type_id=${id}`, admin)).status, 202)
  assert.equal((await call('GET', `/qos-specs/${qos.id}/associations`, admin)).body.qos_associations[0].name, 'secret')
  assert.equal((await call('DELETE', `/qos-specs/${qos.id}`, admin)).status, 400)
  assert.equal((await call('GET', `/qos-specs/${qos.id}/disassociate_all`, admin)).status, 202)
  assert.equal((await call('DELETE', `/qos-specs/${qos.id}`, admin)).status, 202)
  assert.equal((await call('PUT', `/default-types/p2`, { ...admin, body: { default_type: { volume_type: 'secret' } } })).status, 200)
  assert.equal((await call('GET', '/types/default', { as: 'member@p2' })).body.volume_type.name, 'secret')
  assert.equal((await call('DELETE', '/default-types/p2', admin)).status, 204)
  assert.equal((await call('DELETE', `/types/${id}`, admin)).status, 202)
})

test('a transfer hands a volume over to who knows the key', async () => {
  const id = await ready({ name: 't' })
  const offer = (await call('POST', '/volume-transfers', { body: { transfer: { volume_id: id, name: 'mine' } } })).body.transfer
  assert.equal((await show(id)).status, 'awaiting-transfer')
  assert.equal((await call('GET', `/volume-transfers/${offer.id}`)).body.transfer.accepted, false)
  assert.equal((await call('GET', `/volume-transfers/${offer.id}`, { as: 'member@p2' })).status, 404)
  assert.equal(
    (await call('POST', `/volume-transfers/${offer.id}/accept`, { as: 'member@p2', body: { accept: { auth_key: 'wrong' } } })).status,
    400,
  )
  assert.equal(
    (await call('POST', `/volume-transfers/${offer.id}/accept`, { as: 'member@p2', body: { accept: { auth_key: offer.auth_key } } }))
      .status,
    202,
  )
  assert.equal((await call('GET', `/volumes/${id}`)).status, 404)
  assert.equal((await call('GET', `/volumes/${id}`, { as: 'member@p2' })).body.volume.status, 'available')
  const again = (await call('POST', '/os-volume-transfer', { as: 'member@p2', version: '3.0', body: { transfer: { volume_id: id } } })).body
    .transfer
  assert.equal((await call('DELETE', `/os-volume-transfer/${again.id}`, { as: 'member@p2' })).status, 202)
  assert.equal((await show(id)).status, 'available')
  await call('DELETE', `/volumes/${id}`, { as: 'member@p2' })
  await gone(id)
})

test('attachments decide who writes: one, however asked for', async () => {
  const id = await ready()
  const server = '11111111-1111-4111-8111-111111111111'
  const first = await call('POST', '/attachments', { body: { attachment: { volume_uuid: id, instance_uuid: server } } })
  assert.equal(first.body.attachment.status, 'reserved')
  assert.equal((await call('POST', '/attachments', { body: { attachment: { volume_uuid: id, instance_uuid: server } } })).status, 400)
  assert.equal((await action(id, { 'os-attach': { instance_uuid: server, mountpoint: '/dev/vdc' } })).status, 400)
  const attachment = first.body.attachment.id
  assert.equal(
    (await call('PUT', `/attachments/${attachment}`, { body: { attachment: { connector: { host: 'h', mountpoint: '/dev/vdb' } } } })).body
      .attachment.status,
    'attaching',
  )
  assert.equal((await call('POST', `/attachments/${attachment}/action`, { body: { 'os-complete': {} } })).status, 204)
  const shown = await show(id)
  assert.equal(shown.status, 'in-use')
  assert.equal(shown.attachments[0].server_id, server)
  assert.equal((await call('DELETE', `/volumes/${id}`)).status, 400)
  assert.equal((await call('GET', `/attachments?volume_id=${id}`)).body.attachments.length, 1)
  assert.equal((await call('GET', `/attachments/${attachment}`, { as: 'member@p2' })).status, 404)
  assert.deepEqual((await call('DELETE', `/attachments/${attachment}`)).body.attachments, [])
  assert.equal((await show(id)).status, 'available')
  assert.equal((await action(id, { 'os-attach': { instance_uuid: server, mountpoint: '/dev/vdc' } })).status, 202)
  assert.equal((await show(id)).attachments[0].device, '/dev/vdc')
  assert.equal((await action(id, { 'os-detach': { attachment_id: null } })).status, 202)
  assert.equal((await action(id, { 'os-reserve': {} })).status, 202)
  assert.equal((await show(id)).status, 'attaching')
  assert.equal((await action(id, { 'os-reserve': {} })).status, 400)
  assert.equal((await action(id, { 'os-unreserve': {} })).status, 202)
  await call('DELETE', `/volumes/${id}`)
  await gone(id)
})

test('metadata of volumes, key by key', async () => {
  const id = await ready({ metadata: { a: '1' } })
  const path = `/volumes/${id}/metadata`
  assert.deepEqual((await call('POST', path, { body: { metadata: { b: '2' } } })).body.metadata, { a: '1', b: '2' })
  assert.deepEqual((await call('PUT', path, { body: { metadata: { c: '3' } } })).body.metadata, { c: '3' })
  assert.deepEqual((await call('PUT', `${path}/c`, { body: { meta: { c: '4' } } })).body.meta, { c: '4' })
  assert.equal((await call('PUT', `${path}/c`, { body: { meta: { d: '4' } } })).status, 400)
  assert.equal((await call('DELETE', `${path}/c`)).status, 200)
  assert.equal((await call('GET', `${path}/c`)).status, 404)
  assert.deepEqual((await action(id, { 'os-set_image_metadata': { metadata: { os: 'x' } } })).body.metadata, { os: 'x' })
  assert.equal((await action(id, { 'os-unset_image_metadata': { key: 'os' } })).status, 200)
  await call('DELETE', `/volumes/${id}`)
  await gone(id)
})

test('what operators ask: services, pools, hosts, capabilities', async () => {
  const admin = { as: 'admin@p1' }
  await until(async () => (await call('GET', '/os-services', admin)).body.services.length === 2)
  const { services } = (await call('GET', '/os-services?binary=cinder-volume', admin)).body
  assert.equal(services[0].host, 'host1@fake')
  assert.equal(services[0].state, 'up')
  assert.equal((await call('GET', '/os-services')).status, 403)
  assert.equal(
    (
      await call('PUT', '/os-services/disable-log-reason', {
        ...admin,
        body: { host: 'host1@fake', binary: 'cinder-volume', disabled_reason: 'repair' },
      })
    ).body.status,
    'disabled',
  )
  const { id } = await create()
  assert.equal((await show(id)).status, 'error')
  const { messages } = (await call('GET', `/messages?resource_uuid=${id}`)).body
  assert.equal(messages[0].resource_uuid, id)
  assert.equal((await call('GET', `/messages/${messages[0].id}`, { as: 'member@p2' })).status, 404)
  assert.equal((await call('DELETE', `/messages/${messages[0].id}`)).status, 204)
  assert.equal((await call('PUT', '/os-services/enable', { ...admin, body: { host: 'host1@fake', binary: 'cinder-volume' } })).status, 200)
  assert.equal((await call('PUT', '/os-services/enable', { ...admin, body: { host: 'nowhere', binary: 'cinder-volume' } })).status, 404)
  assert.equal((await call('GET', '/scheduler-stats/get_pools?detail=true', admin)).body.pools[0].name, 'host1@fake#fake')
  assert.equal((await call('GET', '/os-hosts/host1@fake', admin)).body.host[0].resource.project, '(total)')
  assert.equal((await call('GET', '/capabilities/host1@fake', admin)).body.namespace, 'OS::Storage::Capabilities::host1@fake')
  await call('DELETE', `/volumes/${id}`)
  await gone(id)
  const root = await cloud.request('GET', '/volume/')
  assert.equal(root.status, 300)
  assert.equal(root.body.versions[0].version, '3.71')
  assert.equal((await cloud.request('GET', '/volume/v3/')).status, 200)
})
