import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { defaultObject } from '../platform/object-settings.ts'
import { startSwift, type SwiftCloud } from '../../test/support/swift.ts'
import { storageHost, storagePath } from './storage-host.ts'

test('a host below the domain has parts, any other is none', () => {
  assert.deepEqual(storageHost('c.auth-a.Store.example:8080', ['store.example']), ['c', 'auth-a'])
  assert.deepEqual(storageHost('auth-a.store.example', ['other', '.store.example']), ['auth-a'])
  assert.equal(storageHost('store.example', ['store.example']), null)
  assert.equal(storageHost('evilstore.example', ['store.example']), null)
  assert.equal(storageHost('c.auth-a.store.example', []), null)
})

test('the parts are a path as far as they name an account', () => {
  assert.equal(storagePath(['auth-abc']), '/v1/AUTH_abc')
  assert.equal(storagePath(['c', 'auth_a-b']), '/v1/AUTH_a-b/c')
  assert.equal(storagePath(['c', 'service-a']), '/v1/SERVICE_a/c')
  assert.equal(storagePath(['c', 'abc']), null)
  assert.equal(storagePath(['x', 'c', 'auth-a']), null)
})

let swift: SwiftCloud
before(async () => {
  swift = await startSwift({ config: { object: { ...defaultObject, storageDomains: ['store.example'] } } })
})
after(() => swift.stop())

test('a container is read under its host name, with nothing in front of the object’s name', async () => {
  await swift.call('PUT', '/AUTH_p1/c', { headers: { 'x-container-read': '.r:*,.rlistings', 'x-container-meta-web-index': 'index.html' } })
  await swift.call('PUT', '/AUTH_p1/c/index.html', { body: 'home' })
  await swift.call('PUT', '/AUTH_p1/c/object/x', { body: 'deep' })
  const at = async (path: string, host = 'c.auth-p1.store.example') =>
    (await swift.talk(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).split('\r\n\r\n')
  assert.equal((await at('/index.html'))[1], 'home')
  assert.equal((await at('/'))[1], 'home')
  assert.equal((await at('/object/x'))[1], 'deep')
  assert.equal((await at('/c/index.html', 'auth-p1.store.example'))[1], 'home')
  await swift.call('PUT', '/AUTH_p1/c/docs/index.html', { body: 'docs' })
  assert.match((await at('/docs'))[0] ?? '', /^Location: \/docs\/\r?$/m)
  assert.match((await at('/index.html', 'a.b.auth-p1.store.example'))[0] ?? '', /^HTTP\/1.1 400/)
  assert.match((await at('/identity/v3', 'other.example'))[0] ?? '', /^HTTP\/1.1 200/)
})
