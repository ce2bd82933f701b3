import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestCloud, type TestCloud } from '../../../test/support/cloud.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud()))
after(() => cloud.stop())

const at = (version: string) => ({ 'openstack-api-version': `compute ${version}` })
const url = '/compute/v2.1/flavors'
const create = (flavor: object, version = '2.1') => cloud.request('POST', url, { as: 'admin@p1', headers: at(version), body: { flavor } })

test('a flavor shows what each microversion has', async () => {
  const made = await create({ name: 'f1', id: 'f1', ram: '64', vcpus: 1, disk: 0, swap: 0, 'OS-FLV-EXT-DATA:ephemeral': 2 })
  assert.equal(made.status, 200)
  assert.deepEqual(made.body.flavor, {
    id: 'f1',
    name: 'f1',
    ram: 64,
    disk: 0,
    swap: '',
    'OS-FLV-EXT-DATA:ephemeral': 2,
    'OS-FLV-DISABLED:disabled': false,
    vcpus: 1,
    'os-flavor-access:is_public': true,
    rxtx_factor: 1,
    links: [
      { rel: 'self', href: 'http://127.0.0.1:9000/compute/v2.1/flavors/f1' },
      { rel: 'bookmark', href: 'http://127.0.0.1:9000/compute/flavors/f1' },
    ],
  })
  const shown = await cloud.request('GET', `${url}/f1`, { as: 'reader@p2', headers: at('2.75') })
  assert.equal(shown.body.flavor.swap, 0)
  assert.equal(shown.body.flavor.description, null)
  assert.deepEqual(shown.body.flavor.extra_specs, {})
  const described = await cloud.request('PUT', `${url}/f1`, {
    as: 'admin@p1',
    headers: at('2.55'),
    body: { flavor: { description: 'small' } },
  })
  assert.equal(described.body.flavor.description, 'small')
})

test('names and ids are unique, sizes are held against their bounds', async () => {
  assert.equal((await create({ name: 'f1', ram: 64, vcpus: 1, disk: 1 })).status, 409)
  assert.equal(
    (await create({ name: 'other', id: 'f1', ram: 64, vcpus: 1, disk: 1 })).body.conflictingRequest.message,
    'Flavor with ID f1 already exists.',
  )
  for (const bad of [
    { ram: 0 },
    { vcpus: 0 },
    { disk: -1 },
    { ram: 'x' },
    { name: '' },
    { name: ' x' },
    { id: ' ' },
    { rxtx_factor: 0 },
    { more: 1 },
    { description: 'before 2.55' },
  ]) {
    const refused = await create({ name: 'bad', ram: 64, vcpus: 1, disk: 1, ...bad })
    assert.equal(refused.status, 400, JSON.stringify(bad))
  }
  assert.equal(
    (await cloud.request('POST', url, { as: 'member@p1', body: { flavor: { name: 'x', ram: 1, vcpus: 1, disk: 1 } } })).status,
    403,
  )
})

test('a private flavor is there for those who were given access, and for nobody else', async () => {
  await create({ name: 'secret', id: 's1', ram: 64, vcpus: 1, disk: 1, 'os-flavor-access:is_public': false })
  assert.equal((await cloud.request('GET', `${url}/s1`, { as: 'member@p2' })).status, 404)
  const names = async (as: string, query = '') =>
    (await cloud.request('GET', url + query, { as })).body.flavors.map((flavor: any) => flavor.id)
  assert.deepEqual(await names('member@p2', '?is_public=none'), ['f1'])
  assert.deepEqual(await names('admin@p1', '?is_public=none'), ['f1', 's1'])
  assert.deepEqual(await names('admin@p1', '?is_public=False'), ['s1'])
  assert.equal((await cloud.request('GET', `${url}/f1/os-flavor-access`, { as: 'admin@p1' })).status, 404)
  assert.equal(
    (await cloud.request('POST', `${url}/s1/action`, { as: 'member@p2', body: { addTenantAccess: { tenant: 'p2' } } })).status,
    403,
  )
})

test('pages follow each other by marker', async () => {
  for (const id of ['a', 'b', 'c']) await create({ name: `page-${id}`, id, ram: 1000, vcpus: 1, disk: 7 })
  const first = await cloud.request('GET', `${url}?minDisk=7&limit=2`, { as: 'reader@p1' })
  assert.deepEqual(
    first.body.flavors.map((flavor: any) => flavor.id),
    ['a', 'b'],
  )
  const next = new URL(first.body.flavors_links[0].href)
  const second = await cloud.request('GET', next.pathname + next.search, { as: 'reader@p1' })
  assert.deepEqual(
    second.body.flavors.map((flavor: any) => flavor.id),
    ['c'],
  )
  const sorted = await cloud.request('GET', `${url}?minDisk=7&sort_key=name&sort_dir=desc`, { as: 'reader@p1' })
  assert.deepEqual(
    sorted.body.flavors.map((flavor: any) => flavor.id),
    ['c', 'b', 'a'],
  )
  assert.equal((await cloud.request('GET', `${url}?marker=nothing`, { as: 'reader@p1' })).status, 400)
  assert.equal((await cloud.request('GET', `${url}?sort_key=nothing`, { as: 'reader@p1' })).status, 400)
  assert.equal((await cloud.request('GET', `${url}?unknown=1`, { as: 'reader@p1', headers: at('2.75') })).status, 400)
  assert.equal((await cloud.request('GET', `${url}?unknown=1`, { as: 'reader@p1', headers: at('2.74') })).status, 200)
})

test('extra specs are set, changed and taken away one by one', async () => {
  const specs = `${url}/f1/os-extra_specs`
  assert.deepEqual((await cloud.request('POST', specs, { as: 'admin@p1', body: { extra_specs: { 'hw:a': 1, b: 'x' } } })).body, {
    extra_specs: { 'hw:a': '1', b: 'x' },
  })
  assert.equal((await cloud.request('PUT', `${specs}/b`, { as: 'admin@p1', body: { c: 'y' } })).status, 400)
  assert.deepEqual((await cloud.request('PUT', `${specs}/b`, { as: 'admin@p1', body: { b: 'y' } })).body, { b: 'y' })
  assert.deepEqual((await cloud.request('GET', `${specs}/b`, { as: 'reader@p1' })).body, { b: 'y' })
  assert.equal((await cloud.request('DELETE', `${specs}/b`, { as: 'admin@p1' })).status, 200)
  assert.equal((await cloud.request('GET', `${specs}/b`, { as: 'reader@p1' })).status, 404)
  assert.equal((await cloud.request('POST', specs, { as: 'admin@p1', body: { extra_specs: { k$: 'x' } } })).status, 400)
})

test('version documents are what keystoneauth discovers by', async () => {
  const all = await cloud.request('GET', '/compute')
  assert.deepEqual(
    all.body.versions.map((version: any) => [version.id, version.status]),
    [
      ['v2.0', 'SUPPORTED'],
      ['v2.1', 'CURRENT'],
    ],
  )
  const one = await cloud.request('GET', '/compute/v2.1/')
  assert.equal(one.body.version.version, '2.104')
  assert.equal(one.body.version.links[0].href, 'http://127.0.0.1:9000/compute/v2.1/')
})

test('a deleted flavor is gone', async () => {
  assert.equal((await cloud.request('DELETE', `${url}/f1`, { as: 'admin@p1' })).status, 202)
  assert.equal((await cloud.request('GET', `${url}/f1`, { as: 'admin@p1' })).status, 404)
})

test('an item without an id is nothing, but version documents end with a slash', async () => {
  assert.equal((await cloud.request('GET', `${url}/`, { as: 'admin@p1' })).status, 404)
  for (const path of ['/compute', '/compute/', '/compute/v2', '/compute/v2/', '/compute/v2.1', '/compute/v2.1/'])
    assert.equal((await cloud.request('GET', path)).status, 200, path)
})
