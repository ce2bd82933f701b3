import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import { startSwift, type SwiftCloud } from '../../../../test/support/swift.ts'

let swift: SwiftCloud
const keys = { account: 'account-key', container: 'container-key' }

before(async () => {
  swift = await startSwift()
  await swift.call('POST', '/AUTH_p1', { headers: { 'x-account-meta-temp-url-key': keys.account } })
  await swift.call('PUT', '/AUTH_p1/c', { headers: { 'x-container-meta-temp-url-key-2': keys.container } })
  await swift.call('PUT', '/AUTH_p1/other')
  await swift.call('PUT', '/AUTH_p1/c/dir/o', { body: 'hello', headers: { 'x-object-meta-secret': 's', 'x-object-meta-public-a': 'p' } })
  await swift.call('PUT', '/AUTH_p1/other/secret', { body: 'secret' })
})
after(() => swift.stop())

interface Asked {
  method?: string
  path?: string
  key?: string
  digest?: string
  expires?: number
  prefix?: string
  ipRange?: string
  /** what is signed, where it is not what is asked for */
  signedMethod?: string
  signedPath?: string
}

function url({ method = 'GET', path = '/AUTH_p1/c/dir/o', key = keys.account, digest = 'sha256', ...more }: Asked = {}): string {
  const { expires = Math.floor(swift.cloud.platform.clock.nowMs() / 1000) + 60, prefix, ipRange, signedMethod = method } = more
  const place = more.signedPath ?? `/v1${prefix === undefined ? path : `/AUTH_p1/c/${prefix}`}`
  const lines = [
    ...(ipRange === undefined ? [] : [`ip=${ipRange}`]),
    signedMethod,
    expires,
    prefix === undefined ? place : `prefix:${place}`,
  ]
  const signature = createHmac(digest, key).update(lines.join('\n')).digest('hex')
  const query = new URLSearchParams({ temp_url_sig: signature, temp_url_expires: String(expires) })
  if (prefix !== undefined) query.set('temp_url_prefix', prefix)
  if (ipRange !== undefined) query.set('temp_url_ip_range', ipRange)
  return `${path}?${query.toString()}`
}

const ask = (method: string, asked: Asked = {}, sent: { headers?: Record<string, string>; body?: string } = {}) =>
  swift.call(method, url({ method, ...asked }), { as: null, ...sent })

test('a temporary URL reads an object, as a file to save that ends', async () => {
  for (const asked of [
    {},
    { digest: 'sha1' },
    { digest: 'sha512' },
    { key: keys.container },
    { signedPath: '/object/v1/AUTH_p1/c/dir/o' },
  ]) {
    const read = await ask('GET', asked)
    assert.deepEqual([read.status, read.text], [200, 'hello'], JSON.stringify(asked))
    assert.equal(read.headers['content-disposition'], `attachment; filename="o"; filename*=UTF-8''o`)
    assert.ok(read.headers.expires)
    assert.equal(read.headers['x-object-meta-secret'], undefined)
    assert.equal(read.headers['x-object-meta-public-a'], 'p')
  }
  assert.equal((await ask('HEAD', { signedMethod: 'PUT' })).status, 200)
  const named = await swift.call('GET', `${url()}&filename=ü b.txt`.replaceAll(' ', '%20').replace('ü', '%C3%BC'), { as: null })
  assert.equal(named.headers['content-disposition'], `attachment; filename="%C3%BC b.txt"; filename*=UTF-8''%C3%BC%20b.txt`)
  const inline = await swift.call('GET', `${url()}&inline`, { as: null, headers: { 'sec-fetch-mode': 'navigate' } })
  assert.equal(inline.headers['content-disposition'], 'inline')
})

test('what is wrong, over or signed for something else is 401', async () => {
  const wrong: Asked[] = [
    { key: 'another' },
    { expires: 5 },
    { signedMethod: 'PUT' },
    { signedPath: '/v1/AUTH_p1/c/dir/p' },
    { path: '/AUTH_p1/other/secret', key: keys.container },
    { ipRange: '10.0.0.0/8' },
    { prefix: 'else' },
    { path: '/AUTH_p1/c' },
  ]
  for (const asked of wrong) assert.equal((await ask('GET', asked)).status, 401, JSON.stringify(asked))
  assert.equal((await swift.call('GET', '/AUTH_p1/c/dir/o?temp_url_sig=abc&temp_url_expires=9999999999', { as: null })).status, 401)
  assert.equal((await swift.call('GET', '/AUTH_p1/c/dir/o?temp_url_expires=9999999999', { as: null })).status, 401)
})

test('a prefix and an address hold where they fit', async () => {
  assert.equal((await ask('GET', { prefix: 'dir/' })).status, 200)
  assert.equal((await ask('GET', { prefix: '' })).status, 200)
  assert.equal((await ask('GET', { ipRange: '127.0.0.0/8' })).status, 200)
})

test('swiftclient signs the catalog’s whole URL with the container in the prefix', async () => {
  const expires = Math.floor(swift.cloud.platform.clock.nowMs() / 1000) + 60
  const signature = createHmac('sha256', keys.account).update(`GET\n${expires}\nprefix:/object/v1/AUTH_p1/c/di`).digest('hex')
  const query = `temp_url_sig=${signature}&temp_url_expires=${expires}&temp_url_prefix=c/di`
  assert.equal((await swift.call('GET', `/AUTH_p1/c/dir/o?${query}`, { as: null })).status, 200)
  assert.equal((await swift.call('GET', `/AUTH_p1/other/secret?${query}`, { as: null })).status, 401)
})

test('PUT writes that object and nothing else', async () => {
  assert.equal((await ask('PUT', { path: '/AUTH_p1/c/new' }, { body: 'new' })).status, 201)
  assert.equal((await swift.call('GET', '/AUTH_p1/c/new')).text, 'new')
  assert.equal((await ask('DELETE', { path: '/AUTH_p1/c/new' })).status, 204)
})

test('CVE-2026-97149 a PUT cannot be made a copy, a link or a manifest of what lies elsewhere', async () => {
  const path = '/AUTH_p1/c/stolen'
  for (const [name, value] of [
    ['x-copy-from', 'other/secret'],
    ['x-symlink-target', 'other/secret'],
    ['x-object-manifest', 'other/sec'],
  ] as const)
    assert.equal((await ask('PUT', { path, key: keys.container }, { headers: { [name]: value }, body: '' })).status, 400, name)
  const manifest = await swift.call('PUT', `${url({ method: 'PUT', path })}&multipart-manifest=put`, {
    as: null,
    body: '[{"path":"/other/secret"}]',
  })
  assert.equal(manifest.status, 201)
  assert.equal((await swift.call('GET', path)).text, '[{"path":"/other/secret"}]')
  assert.equal((await swift.call('COPY', url({ method: 'GET' }), { as: null, headers: { destination: 'other/x' } })).status, 401)
})

test('a container’s key reads no link that leads out of the container, an account’s key does', async () => {
  await swift.call('PUT', '/AUTH_p1/c/link', { body: '', headers: { 'x-symlink-target': 'other/secret' } })
  assert.equal((await ask('GET', { path: '/AUTH_p1/c/link', key: keys.container })).status, 401)
  assert.equal((await ask('GET', { path: '/AUTH_p1/c/link', key: keys.account })).text, 'secret')
})
