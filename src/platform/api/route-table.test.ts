import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keystoneErrors } from './error-formats.ts'
import { operation, type Method, type Service } from './operation.ts'
import { createRouteTable } from './route-table.ts'

const declared = (method: Method, path: string) =>
  operation({ method, path, summary: `${method} ${path}`, policy: null, status: 200, handler: async () => null })
const service: Service = {
  type: 'things',
  prefix: '/things',
  bases: ['/v3', '/v3/:project_id'],
  errors: keystoneErrors,
  operations: [
    declared('GET', '^/'),
    declared('GET', '/boxes'),
    declared('POST', '/boxes'),
    declared('GET', '/boxes/detail'),
    declared('GET', '/boxes/:id'),
    declared('PUT', '/boxes/:id/lids/:lid'),
    declared('GET', '/boxes/detail/all/of/them'),
  ],
}
const find = createRouteTable([service])
const seen = (path: string) => {
  const found = find(path)
  return found && [[...found.route.byMethod.values()].flat().map(({ summary }) => summary), found.params]
}

test('a path is found with its parameters, whatever its slashes', () => {
  assert.deepEqual(seen('/things/v3/boxes/7'), [['GET /boxes/:id'], { id: '7' }])
  assert.deepEqual(seen('//things/v3//boxes/7/'), [['GET /boxes/:id'], { id: '7' }])
  assert.deepEqual(seen('/things'), [['GET ^/'], {}])
  assert.deepEqual(seen('/things/v3/boxes'), [['GET /boxes', 'POST /boxes'], {}])
})

test('a named segment goes before a parameter, unless it leads nowhere', () => {
  assert.deepEqual(seen('/things/v3/boxes/detail'), [['GET /boxes/detail'], {}])
  assert.deepEqual(seen('/things/v3/boxes/detail/lids/2'), [['PUT /boxes/:id/lids/:lid'], { id: 'detail', lid: '2' }])
  assert.deepEqual(seen('/things/v3/boxes/boxes'), [['GET /boxes/:id'], { id: 'boxes' }])
  assert.deepEqual(seen('/things/v3/p1/boxes/7'), [['GET /boxes/:id'], { project_id: 'p1', id: '7' }])
})

test('parameters are decoded, a slash within one divides nothing', () => {
  assert.deepEqual(seen('/things/v3/b%6fxes/a%2Fb%20c'), [['GET /boxes/:id'], { id: 'a/b c' }])
  assert.throws(() => find('/things/v3/boxes/%zz'), URIError)
})

test('nothing is found at a path that is not served, or with a parameter of more than 1,024 characters', () => {
  for (const path of ['/', '/other', '/things/v2', '/things/v3/boxes/7/lids', '/thingsv3/boxes', '/things/v3/boxes/__proto__/x'])
    assert.equal(find(path), null, path)
  assert.ok(find(`/things/v3/boxes/${'x'.repeat(1024)}`))
  assert.equal(find(`/things/v3/boxes/${'x'.repeat(1025)}`), null)
})
