import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestCloud, type TestCloud } from '../../test/support/cloud.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud()))
after(() => cloud.stop())

const root = '/image/v2/metadefs'
const call = (method: string, path: string, body?: unknown, as = 'admin@p1') => cloud.request(method, `${root}${path}`, { as, body })

test('a namespace holds objects, properties, tags and resource types; others see it when it is public', async () => {
  const made = await call('POST', '/namespaces', {
    namespace: 'A::B',
    visibility: 'private',
    tags: [{ name: 'first' }],
    properties: { p0: { title: 'P', type: 'string' } },
  })
  assert.equal(made.status, 201, made.text)
  assert.equal((await call('POST', '/namespaces', { namespace: 'A::B' })).status, 409)
  assert.equal((await call('POST', '/namespaces', { nonsense: 1 })).status, 400)
  assert.equal((await call('POST', '/namespaces', { namespace: 'C' }, 'member@p1')).status, 403)
  assert.equal((await call('GET', '/namespaces/A::B', undefined, 'reader@p1')).body.tags[0].name, 'first')
  assert.equal((await call('GET', '/namespaces/A::B', undefined, 'member@p2')).status, 404)
  assert.equal(
    (await call('POST', '/namespaces/A::B/objects', { name: 'o1', properties: { x: { title: 'X', type: 'integer' } } })).status,
    201,
  )
  const object = (await call('GET', '/namespaces/A::B/objects/o1')).body
  assert.deepEqual([object.required, object.properties.x.type, object.self], [[], 'integer', '/v2/metadefs/namespaces/A::B/objects/o1'])
  assert.equal((await call('PUT', '/namespaces/A::B/objects/o1', { ...object, name: 'o2' })).body.name, 'o2')
  assert.equal((await call('GET', '/namespaces/A::B/objects/o1')).status, 404)
  assert.deepEqual((await call('POST', '/namespaces/A::B/properties', { name: 'p', title: 't', type: 'integer', minimum: 0 })).body, {
    name: 'p',
    title: 't',
    type: 'integer',
    minimum: 0,
  })
  assert.deepEqual(Object.keys((await call('GET', '/namespaces/A::B/properties')).body.properties).sort(), ['p', 'p0'])
  assert.equal((await call('POST', '/namespaces/A::B/properties', { name: 'q', type: 'nonsense', title: 't' })).status, 400)
  assert.equal((await call('POST', '/namespaces/A::B/tags/t1')).status, 201)
  assert.equal((await call('PUT', '/namespaces/A::B/tags/t1', { name: 't2' })).body.name, 't2')
  await call('POST', '/namespaces/A::B/tags', { tags: [{ name: 'a' }, { name: 'b' }] })
  assert.deepEqual((await call('GET', '/namespaces/A::B/tags')).body.tags.map((tag: any) => tag.name).sort(), ['a', 'b'])
  assert.equal((await call('POST', '/namespaces/A::B/resource_types', { name: 'OS::Nova::Flavor', prefix: 'hw:' })).status, 201)
  assert.equal((await call('GET', '/namespaces?resource_types=OS::Nova::Flavor')).body.namespaces.length, 1)
  assert.equal((await call('GET', '/namespaces?resource_types=OS::Nova::Server')).body.namespaces.length, 0)
  assert.ok((await call('GET', '/resource_types')).body.resource_types.some((type: any) => type.name === 'OS::Glance::Image'))
  assert.equal((await call('PUT', '/namespaces/A::B', { namespace: 'A::B', visibility: 'public', protected: true })).status, 200)
  assert.equal((await call('GET', '/namespaces/A::B', undefined, 'member@p2')).status, 200)
  assert.equal((await call('DELETE', '/namespaces/A::B')).status, 403)
  await call('PUT', '/namespaces/A::B', { namespace: 'A::B', protected: false })
  assert.equal((await call('DELETE', '/namespaces/A::B/resource_types/OS::Nova::Flavor')).status, 204)
  assert.equal((await call('DELETE', '/namespaces/A::B/tags')).status, 204)
  assert.equal((await call('DELETE', '/namespaces/A::B')).status, 204)
  assert.deepEqual((await call('GET', '/namespaces')).body.namespaces, [])
  assert.equal((await cloud.request('GET', '/image/v2/schemas/metadefs/namespace', { as: 'reader@p1' })).body.name, 'namespace')
})
