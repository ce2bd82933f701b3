import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, afterEach, before, test } from 'node:test'
import { startTestCloud, type TestCloud } from '../../test/support/cloud.ts'
import { imageSource } from './index.ts'
import { until } from '../../test/support/until.ts'
import { injectInto } from '../../test/support/inject.ts'

let cloud: TestCloud
const dataDir = mkdtempSync(join(tmpdir(), 'stackling-image-'))
before(async () => void (cloud = await startTestCloud({ config: { dataDir } })))
after(async () => {
  await cloud.stop()
  rmSync(dataDir, { recursive: true })
})

/** A test that failed must not make the next one fail. */
afterEach(async () => {
  const { images } = (await cloud.request('GET', `${url}?limit=1000&visibility=all`, { as: 'admin@p1' })).body
  for (const { id } of images) {
    await patch(id, [{ op: 'replace', path: '/protected', value: false }], 'admin@p1')
    await cloud.request('DELETE', `${url}/${id}`, { as: 'admin@p1' })
  }
  await until(async () => files().length === 0)
})

const url = '/image/v2/images'
const octets = { 'content-type': 'application/octet-stream' }
const patchType = { 'content-type': 'application/openstack-images-v2.1-json-patch' }
const files = () => (readdirSync(dataDir).includes('images') ? readdirSync(join(dataDir, 'images')) : [])

async function create(body: object = {}, as = 'member@p1') {
  const made = await cloud.request('POST', url, { as, body: { name: 'i', disk_format: 'raw', container_format: 'bare', ...body } })
  assert.equal(made.status, 201, made.text)
  return made.body
}
const put = (id: string, body: Buffer, as = 'member@p1', kind = 'file') =>
  cloud.request('PUT', `${url}/${id}/${kind}`, { as, body, headers: octets })
const get = (path: string, as = 'member@p1', headers = {}) => cloud.request('GET', `${url}${path}`, { as, headers })
const patch = (id: string, changes: object[], as = 'member@p1') =>
  cloud.request('PATCH', `${url}/${id}`, { as, body: changes, headers: patchType })

test('an image is created, uploaded, shown with its hashes, downloaded and deleted', async () => {
  const image = await create({ name: 'first', tags: ['a', 'b', 'a'], os_type: 'linux', min_disk: 1 })
  assert.equal(image.status, 'queued')
  assert.equal(image.visibility, 'shared')
  assert.equal(image.os_type, 'linux')
  assert.deepEqual(image.tags, ['a', 'b'])
  assert.equal((await get(`/${image.id}/file`)).status, 204)
  // more than two blocks, so that the threads hash it
  const data = randomBytes(2_500_000)
  assert.equal((await put(image.id, data)).status, 204)
  const shown = (await get(`/${image.id}`)).body
  assert.equal(shown.status, 'active')
  assert.equal(shown.size, data.length)
  assert.equal(shown.virtual_size, data.length)
  assert.equal(shown.checksum, createHash('md5').update(data).digest('hex'))
  assert.equal(shown.os_hash_algo, 'sha512')
  assert.equal(shown.os_hash_value, createHash('sha512').update(data).digest('hex'))
  const answer = await injectInto(cloud.app, { method: 'GET', url: `${url}/${image.id}/file`, headers: { 'x-auth-token': 'member@p1' } })
  assert.equal(answer.headers['content-length'], String(data.length))
  assert.ok(answer.rawPayload.equals(data))
  const part = await injectInto(cloud.app, {
    method: 'GET',
    url: `${url}/${image.id}/file`,
    headers: { 'x-auth-token': 'member@p1', range: 'bytes=1000-1999' },
  })
  assert.equal(part.statusCode, 206)
  assert.equal(part.headers['content-range'], `bytes 1000-1999/${data.length}`)
  assert.ok(part.rawPayload.equals(data.subarray(1000, 2000)))
  assert.equal((await get(`/${image.id}/file`, 'member@p1', { range: 'bytes=99999999-' })).status, 416)
  assert.equal((await put(image.id, data)).status, 409)
  const source = await imageSource(cloud.platform).open(image.id)
  assert.equal(source.hashValue, shown.os_hash_value)
  source.stream.destroy()
  assert.equal((await cloud.request('DELETE', `${url}/${image.id}`, { as: 'member@p1' })).status, 204)
  assert.equal((await get(`/${image.id}`)).status, 404)
  await until(async () => files().length === 0)
})

test('a short image is hashed like a long one, and an empty one is an image too', async () => {
  for (const data of [Buffer.from('short'), Buffer.alloc(0), Buffer.alloc(1_048_576, 7)]) {
    const image = await create()
    assert.equal((await put(image.id, data)).status, 204)
    const shown = (await get(`/${image.id}`)).body
    assert.equal(shown.checksum, createHash('md5').update(data).digest('hex'))
    assert.equal(shown.size, data.length)
    await cloud.request('DELETE', `${url}/${image.id}`, { as: 'member@p1' })
  }
})

test('attack-14 attack-15 attack-16 content that is not what it claims to be is refused, and nothing is kept', async () => {
  const qcow2 = Buffer.alloc(4096)
  qcow2.write('QFI\xfb', 0, 'latin1')
  qcow2.writeUInt32BE(3, 4)
  qcow2.writeBigUInt64BE(1024n, 8) // a backing file
  qcow2.writeUInt32BE(11, 16)
  qcow2.writeUInt32BE(16, 20)
  qcow2.writeBigUInt64BE(1n << 30n, 24)
  qcow2.writeUInt32BE(104, 100)
  qcow2.write('/etc/passwd', 1024)
  const flat = Buffer.alloc(1024)
  flat.write('# Disk DescriptorFile\nversion=1\ncreateType="monolithicFlat"\nRW 2048 FLAT "/etc/passwd" 0\n')
  for (const [disk_format, data] of [
    ['raw', qcow2],
    ['qcow2', qcow2],
    ['vmdk', flat],
    ['raw', flat],
    ['qcow2', randomBytes(2048)],
  ] as const) {
    const image = await create({ disk_format })
    const refused = await put(image.id, data)
    assert.equal(refused.status, 415, disk_format)
    assert.equal((await get(`/${image.id}`)).body.status, 'queued')
    assert.deepEqual(files(), [])
    // and it may be tried again
    if (disk_format === 'raw') assert.equal((await put(image.id, randomBytes(2048))).status, 204)
    await cloud.request('DELETE', `${url}/${image.id}`, { as: 'member@p1' })
    await until(async () => files().length === 0)
  }
})

test('attack-18 attack-19 an image cannot be made from a location or a URL', async () => {
  const image = await create()
  const location = [{ url: 'file:///etc/passwd', metadata: {} }]
  assert.equal((await patch(image.id, [{ op: 'add', path: '/locations/-', value: location[0] }])).status, 403)
  assert.equal((await patch(image.id, [{ op: 'replace', path: '/locations', value: location }])).status, 403)
  const fetched = await cloud.request('POST', `${url}/${image.id}/import`, {
    as: 'member@p1',
    body: { method: { name: 'web-download', uri: 'file:///etc/passwd' } },
  })
  assert.equal(fetched.status, 400)
  assert.equal(
    (
      await cloud.request('POST', '/image/v2/tasks', {
        as: 'admin@p1',
        body: { type: 'import', input: { import_from: 'file:///etc/passwd' } },
      })
    ).status,
    400,
  )
})

test('an upload that breaks off leaves a queued image and no file', async () => {
  const image = await create()
  const breaking = new Readable({ read() {} })
  breaking.push(randomBytes(3_000_000))
  const { imageUploadAccepted } = await import('./index.ts')
  const uploading = imageUploadAccepted(cloud.systemContext(), image.id, breaking)
  await until(async () => (await get(`/${image.id}`)).body.status === 'saving')
  breaking.destroy(new Error('the line went dead'))
  await assert.rejects(uploading, /line went dead/)
  assert.equal((await get(`/${image.id}`)).body.status, 'queued')
  assert.deepEqual(files(), [])
  await cloud.request('DELETE', `${url}/${image.id}`, { as: 'member@p1' })
})

test('deleting an image while it is uploaded ends the upload with 410 and leaves no file', async () => {
  const image = await create()
  const slow = new Readable({ read() {} })
  slow.push(randomBytes(100_000))
  const { imageUploadAccepted } = await import('./index.ts')
  const uploading = imageUploadAccepted(cloud.systemContext(), image.id, slow)
  await until(async () => (await get(`/${image.id}`)).body.status === 'saving')
  assert.equal((await cloud.request('DELETE', `${url}/${image.id}`, { as: 'member@p1' })).status, 204)
  slow.push(null)
  await assert.rejects(uploading, (error: any) => error.status === 410)
  assert.deepEqual(files(), [])
})

test('patches: attributes, properties, tags; read-only, reserved and foreign ones are refused', async () => {
  const { id } = await create({ custom: '1' })
  const done = await patch(id, [
    { op: 'replace', path: '/name', value: 'n2' },
    { op: 'add', path: '/os_distro', value: 'debian' },
    { op: 'remove', path: '/custom' },
    { op: 'replace', path: '/tags', value: ['x'] },
  ])
  assert.equal(done.status, 200)
  assert.equal(done.body.name, 'n2')
  assert.equal(done.body.os_distro, 'debian')
  assert.equal('custom' in done.body, false)
  assert.deepEqual(done.body.tags, ['x'])
  assert.equal((await patch(id, [{ op: 'replace', path: '/status', value: 'active' }])).status, 403)
  assert.equal((await patch(id, [{ op: 'add', path: '/os_glance_x', value: 'y' }])).status, 403)
  assert.equal((await patch(id, [{ op: 'replace', path: '/nothing', value: 'y' }])).status, 409)
  assert.equal((await patch(id, [{ op: 'remove', path: '/name' }])).status, 403)
  assert.equal((await patch(id, [{ op: 'replace', path: '/visibility', value: 'public' }])).status, 403)
  assert.equal((await patch(id, [{ op: 'replace', path: '/min_disk', value: 'x' }])).status, 400)
  assert.equal((await patch(id, [{ op: 'replace', path: '/name', value: 'n3' }], 'member@p2')).status, 404)
  const old = await cloud.request('PATCH', `${url}/${id}`, {
    as: 'member@p1',
    body: [{ replace: '/name', value: 'old' }],
    headers: { 'content-type': 'application/openstack-images-v2.0-json-patch' },
  })
  assert.equal(old.body.name, 'old')
  const wrong = await cloud.request('PATCH', `${url}/${id}`, { as: 'member@p1', body: [] })
  assert.equal(wrong.status, 415)
  assert.match(String(wrong.headers['accept-patch']), /v2\.0-json-patch, application/)
  await cloud.request('DELETE', `${url}/${id}`, { as: 'member@p1' })
})

test('visibility: private and shared are hidden, public and community are seen, members are let in', async () => {
  const shared = await create({ name: 'sh' })
  const hidden = await create({ name: 'pr', visibility: 'private' })
  const community = await create({ name: 'co', visibility: 'community' })
  const open = await create({ name: 'pu', visibility: 'public' }, 'admin@p1')
  const names = async (query = '') => (await get(query, 'member@p2')).body.images.map((image: any) => image.name).sort()
  assert.deepEqual(await names(), ['pu'])
  assert.deepEqual(await names('?visibility=community'), ['co'])
  assert.equal((await get(`/${community.id}`, 'member@p2')).status, 200)
  for (const { id } of [shared, hidden]) assert.equal((await get(`/${id}`, 'member@p2')).status, 404)
  const members = `${url}/${shared.id}/members`
  assert.equal((await cloud.request('POST', members, { as: 'member@p1', body: { member: 'p2' } })).status, 200)
  assert.equal((await cloud.request('POST', members, { as: 'member@p1', body: { member: 'p2' } })).status, 409)
  assert.equal((await get(`/${shared.id}`, 'member@p2')).status, 200)
  assert.deepEqual(await names(), ['pu'])
  assert.deepEqual(await names('?member_status=pending&visibility=shared'), ['sh'])
  // the owner may not accept for the member
  assert.equal((await cloud.request('PUT', `${members}/p2`, { as: 'member@p1', body: { status: 'accepted' } })).status, 403)
  assert.equal((await cloud.request('PUT', `${members}/p2`, { as: 'member@p2', body: { status: 'nonsense' } })).status, 400)
  assert.equal((await cloud.request('PUT', `${members}/p2`, { as: 'member@p2', body: { status: 'accepted' } })).body.status, 'accepted')
  assert.deepEqual(await names(), ['pu', 'sh'])
  assert.equal((await get(`/${shared.id}/members/p2`)).body.status, 'accepted')
  assert.equal((await cloud.request('DELETE', `${members}/p2`, { as: 'member@p2' })).status, 403)
  assert.equal((await cloud.request('DELETE', `${members}/p2`, { as: 'member@p1' })).status, 204)
  assert.equal((await get(`/${shared.id}`, 'member@p2')).status, 404)
  assert.equal((await get(`/${hidden.id}/members`)).status, 403)
  assert.equal((await cloud.request('DELETE', `${url}/${open.id}`, { as: 'member@p2' })).status, 403)
  for (const { id } of [shared, hidden, community]) await cloud.request('DELETE', `${url}/${id}`, { as: 'member@p1' })
  await cloud.request('DELETE', `${url}/${open.id}`, { as: 'admin@p1' })
})

test('the list filters, sorts and pages', async () => {
  const made = []
  for (const [name, size] of [
    ['l1', 3000],
    ['l2', 1000],
    ['l3', 2000],
  ] as const) {
    const image = await create({ name, kind: name === 'l3' ? 'odd' : 'even', tags: [`t-${name}`, 'all'] })
    await put(image.id, randomBytes(size))
    made.push(image)
  }
  const names = async (query: string) => (await get(query)).body.images.map((image: any) => image.name)
  assert.deepEqual(await names('?tag=all'), ['l3', 'l2', 'l1'])
  assert.deepEqual(await names('?sort=size:asc'), ['l2', 'l3', 'l1'])
  assert.deepEqual(await names('?sort_key=size&sort_dir=desc'), ['l1', 'l3', 'l2'])
  assert.deepEqual(await names('?size_min=1500&size_max=2500'), ['l3'])
  assert.deepEqual(await names('?kind=odd'), ['l3'])
  assert.deepEqual(await names('?tag=all&tag=t-l1'), ['l1'])
  assert.deepEqual(await names(`?name=in:l1,${encodeURIComponent('"l2"')}`), ['l2', 'l1'])
  assert.deepEqual(await names('?status=queued'), [])
  assert.deepEqual(await names(`?id=${made[0].id}`), ['l1'])
  const first = (await get('?limit=2&sort=name:asc')).body
  assert.deepEqual(
    first.images.map((image: any) => image.name),
    ['l1', 'l2'],
  )
  const next = await cloud.request('GET', `/image${first.next}`, { as: 'member@p1' })
  assert.deepEqual(
    next.body.images.map((image: any) => image.name),
    ['l3'],
  )
  assert.equal('next' in next.body, false)
  for (const query of [
    '?sort=nonsense',
    '?limit=-1',
    '?limit=x',
    '?sort_dir=up',
    '?visibility=odd',
    '?size_min=x',
    '?marker=gone',
    '?protected=maybe',
    '?created_at=gt:never',
  ]) {
    assert.equal((await get(query)).status, 400, query)
  }
  for (const { id } of made) await cloud.request('DELETE', `${url}/${id}`, { as: 'member@p1' })
})

test('protected, hidden, deactivated', async () => {
  const { id } = await create({ protected: true, os_hidden: true })
  await put(id, randomBytes(600))
  assert.equal((await cloud.request('DELETE', `${url}/${id}`, { as: 'member@p1' })).status, 403)
  assert.deepEqual((await get('')).body.images, [])
  assert.equal((await get('?os_hidden=true')).body.images.length, 1)
  assert.equal((await cloud.request('POST', `${url}/${id}/actions/deactivate`, { as: 'member@p1' })).status, 204)
  assert.equal((await get(`/${id}/file`)).status, 403)
  assert.equal((await get(`/${id}/file`, 'admin@p1')).status, 200)
  assert.equal((await cloud.request('POST', `${url}/${id}/actions/reactivate`, { as: 'member@p1' })).status, 204)
  assert.equal((await get(`/${id}/file`)).status, 200)
  await patch(id, [{ op: 'replace', path: '/protected', value: false }])
  assert.equal((await cloud.request('DELETE', `${url}/${id}`, { as: 'member@p1' })).status, 204)
})

test('staged data becomes the image’s by an import', async () => {
  const { id } = await create()
  const early = await cloud.request('POST', `${url}/${id}/import`, { as: 'member@p1', body: { method: { name: 'glance-direct' } } })
  assert.equal(early.status, 409)
  const data = randomBytes(5000)
  assert.equal((await put(id, data, 'member@p1', 'stage')).status, 204)
  const staged = (await get(`/${id}`)).body
  assert.equal(staged.status, 'uploading')
  assert.equal(staged.size, 5000)
  assert.equal(staged.checksum, null)
  assert.equal(
    (await cloud.request('POST', `${url}/${id}/import`, { as: 'member@p1', body: { method: { name: 'glance-direct' } } })).status,
    202,
  )
  const done = (await get(`/${id}`)).body
  assert.equal(done.status, 'active')
  assert.equal(done.os_hash_value, createHash('sha512').update(data).digest('hex'))
  const { tasks } = (await get(`/${id}/tasks`)).body
  assert.equal(tasks[0].status, 'success')
  assert.equal((await cloud.request('GET', `/image/v2/tasks/${tasks[0].id}`, { as: 'admin@p1' })).body.image_id, id)
  assert.equal((await cloud.request('GET', '/image/v2/tasks', { as: 'member@p1' })).status, 403)
  await cloud.request('DELETE', `${url}/${id}`, { as: 'member@p1' })
})

test('tags, bad bodies, versions and schemas', async () => {
  const { id } = await create()
  assert.equal((await cloud.request('PUT', `${url}/${id}/tags/one`, { as: 'member@p1' })).status, 204)
  assert.deepEqual((await get(`/${id}`)).body.tags, ['one'])
  assert.equal((await cloud.request('DELETE', `${url}/${id}/tags/one`, { as: 'member@p1' })).status, 204)
  assert.equal((await cloud.request('DELETE', `${url}/${id}/tags/one`, { as: 'member@p1' })).status, 404)
  for (const body of [{ disk_format: 'nonsense' }, { name: 7 }, { extra: 5 }, { id: 'no-uuid' }, '[]', '{']) {
    assert.equal((await cloud.request('POST', url, { as: 'member@p1', body })).status, 400, JSON.stringify(body))
  }
  for (const body of [{ status: 'active' }, { location: 'x' }, { owner: 'p2' }, { visibility: 'public' }]) {
    assert.equal((await cloud.request('POST', url, { as: 'member@p1', body })).status, 403, JSON.stringify(body))
  }
  assert.equal((await cloud.request('POST', url, { as: 'member@p1', body: { id } })).status, 409)
  assert.equal((await cloud.request('POST', url, { as: 'reader@p1', body: {} })).status, 403)
  const root = await cloud.request('GET', '/image/')
  assert.equal(root.status, 300)
  assert.equal(root.body.versions[0].id, 'v2.17')
  assert.equal((await cloud.request('GET', '/image/versions')).status, 200)
  assert.equal((await cloud.request('GET', '/image/v2/schemas/image', { as: 'reader@p1' })).body.name, 'image')
  await cloud.request('DELETE', `${url}/${id}`, { as: 'member@p1' })
  await until(async () => files().length === 0)
})
