import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cpuMs } from '../../../test/support/cpu.ts'
import { isAllowed } from './access-rules.ts'

const rules = [
  { service: 'compute', method: 'GET', path: '/v2.1/servers' },
  { service: 'compute', method: 'GET', path: '/v2.1/servers/*/ips' },
  { service: 'compute', method: 'POST', path: '/v2.1/servers/{server_id}/action' },
  { service: 'image', method: 'GET', path: '/v2/**' },
]
const asks = (method: string, path: string, service = 'compute') => isAllowed(rules, { service, prefix: `/${service}`, method, path })

test('a request is allowed by a rule with its service, method and path', () => {
  assert.equal(asks('GET', '/compute/v2.1/servers'), true)
  assert.equal(asks('DELETE', '/compute/v2.1/servers'), false)
  assert.equal(asks('GET', '/compute/v2.1/servers', 'volumev3'), false)
  assert.equal(asks('GET', '/compute/v2.1/servers/detail'), false)
})

test('one star is one segment, two are any number, a name is one segment', () => {
  assert.equal(asks('GET', '/compute/v2.1/servers/abc/ips'), true)
  assert.equal(asks('GET', '/compute/v2.1/servers/a/b/ips'), false)
  assert.equal(asks('POST', '/compute/v2.1/servers/abc/action'), true)
  assert.equal(asks('GET', '/image/v2/images/abc/file', 'image'), true)
  assert.equal(asks('GET', '/image/v1', 'image'), false)
})

test('signs of regular expressions in a path are only themselves', () => {
  const odd = [{ service: 'compute', method: 'GET', path: '/v2.1/(x|y)+' }]
  assert.equal(isAllowed(odd, { service: 'compute', prefix: '/compute', method: 'GET', path: '/compute/v2.1/x' }), false)
  assert.equal(isAllowed(odd, { service: 'compute', prefix: '/compute', method: 'GET', path: '/compute/v2.1/(x|y)+' }), true)
})

test('F3 no path of a rule keeps the loop, and a brace that is not closed is only itself', () => {
  const asks = (path: string, asked: string) =>
    isAllowed([{ service: 'compute', method: 'GET', path }], { service: 'compute', prefix: '/compute', method: 'GET', path: asked })
  for (const path of [
    `/${'*a'.repeat(100)}`,
    `/${'**'.repeat(100)}b`,
    `/${'{x}a'.repeat(50)}`,
    `/${'**/'.repeat(70)}x`,
    '/{'.repeat(110),
  ]) {
    assert.ok(cpuMs(() => asks(path, `/compute/${'a'.repeat(15_000)}!`), 5) < 20, path)
  }
  assert.equal(asks('/a{b', '/compute/a{b'), true)
  assert.equal(asks('/a{b', '/compute/axx'), false)
})

test('without a rule only the validation of tokens is left', () => {
  assert.equal(isAllowed([], { service: 'identity', prefix: '/identity', method: 'GET', path: '/identity/v3/auth/tokens' }), true)
  assert.equal(isAllowed([], { service: 'identity', prefix: '/identity', method: 'GET', path: '/identity/v3/users' }), false)
})
