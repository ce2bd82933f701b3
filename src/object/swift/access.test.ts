// Who may what at the door: roles, ACLs, referrers, what only the owner sees.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { testActor, testAuthenticate } from '../../../test/support/cloud.ts'
import { startSwift, type SwiftCloud } from '../../../test/support/swift.ts'

let swift: SwiftCloud
before(async () => {
  const authenticate: typeof testAuthenticate = async (token, platform) => {
    if (token === 'system') return { ...testActor(['reader'], 'none'), projectId: null, systemScope: true }
    if (token === 'limited')
      return { ...testActor(['member'], 'p1'), accessRules: [{ service: 'object-store', method: 'GET', path: '/v1/AUTH_p1/c/*' }] }
    return testAuthenticate(token, platform)
  }
  swift = await startSwift({ authenticate })
  await swift.call('PUT', '/AUTH_p1/c')
  await swift.call('PUT', '/AUTH_p1/c/o', { body: 'x' })
})
after(() => swift.stop())

const status = async (method: string, path: string, as: string | null, headers: Record<string, string> = {}) =>
  (await swift.call(method, path, { as, headers: { ...headers, ...(method === 'PUT' ? { 'content-length': '0' } : {}) } })).status
const acl = (headers: Record<string, string>) => swift.call('POST', '/AUTH_p1/c', { headers })
const none = { 'X-Container-Read': '', 'X-Container-Write': '' }

test('nobody known is refused with 401 and told where to go, somebody known with 403', async () => {
  const anonymous = await swift.call('GET', '/AUTH_p1/c/o', { as: null })
  assert.deepEqual([anonymous.status, anonymous.headers['www-authenticate']], [401, 'Swift realm="AUTH_p1"'])
  assert.equal(await status('GET', '/AUTH_p1/c/o', 'wrong token'), 401)
  for (const path of ['', '/c', '/c/o', '/c/none', '/none/none']) {
    assert.equal(await status('GET', `/AUTH_p1${path}`, 'member@p2'), 403, path)
    assert.equal(await status('GET', `/AUTH_p1${path}`, null), 401, path)
  }
  assert.equal(await status('PUT', '/AUTH_p1/mine', 'member@p2'), 403)
  assert.equal(await status('GET', '/p1/c/o', 'member@p1'), 403, 'an account without its prefix is nobody’s')
})

test('a member operates, a reader reads, a reseller may all, a reader of the system reads all', async () => {
  assert.equal(await status('GET', '/AUTH_p1/c/o', 'reader@p1'), 200)
  assert.equal(await status('PUT', '/AUTH_p1/c/r', 'reader@p1'), 403)
  assert.equal(await status('DELETE', '/AUTH_p1/c/o', 'reader@p1'), 403)
  assert.equal(await status('POST', '/AUTH_p1', 'reader@p1'), 403)
  assert.equal(await status('GET', '/AUTH_p1/c/o', 'nothing@p1'), 403)
  assert.equal(await status('GET', '/AUTH_p1/c/o', 'admin@p2'), 403, 'an admin of another project is not one here')
  assert.equal(await status('GET', '/AUTH_p1/c/o', 'ResellerAdmin@p2'), 200)
  assert.equal(await status('GET', '/AUTH_p1', 'system'), 200)
  assert.equal(await status('PUT', '/AUTH_p1/c/s', 'system'), 403)
})

test('an account of a service wants the service’s token as well, also from readers', async () => {
  const service = { 'X-Service-Token': 'service@services' }
  assert.equal(await status('PUT', '/SERVICE_p1/c', 'member@p1'), 403)
  assert.equal(await status('PUT', '/SERVICE_p1/c', 'member@p1', service), 201)
  assert.equal(await status('GET', '/SERVICE_p1/c', 'reader@p1'), 403)
  assert.equal(await status('GET', '/SERVICE_p1/c', 'member@p1', { 'X-Service-Token': 'member@p1' }), 403)
  assert.equal(await status('GET', '/SERVICE_p1/c', 'member@p1', service), 204)
  assert.equal(await status('GET', '/SERVICE_p1/c', 'member@p2', service), 403)
})

test('an application credential’s token does what its access rules say, and nothing else', async () => {
  assert.equal(await status('GET', '/AUTH_p1/c/o', 'limited'), 200)
  assert.equal(await status('HEAD', '/AUTH_p1/c/o', 'limited'), 401)
  assert.equal(await status('GET', '/AUTH_p1', 'limited'), 401)
})

test('a read ACL lets read and list, a write ACL write; neither lets change the container', async () => {
  await acl({ 'X-Container-Read': 'p2:*' })
  assert.equal(await status('GET', '/AUTH_p1/c/o', 'member@p2'), 200)
  assert.equal(await status('GET', '/AUTH_p1/c', 'member@p2'), 200)
  assert.equal(await status('PUT', '/AUTH_p1/c/w', 'member@p2'), 403)
  await acl({ 'X-Container-Read': '', 'X-Container-Write': '*:user-p2' })
  assert.equal(await status('GET', '/AUTH_p1/c/o', 'member@p2'), 403)
  assert.equal(await status('PUT', '/AUTH_p1/c/w', 'member@p2'), 201)
  assert.equal(await status('POST', '/AUTH_p1/c/w', 'member@p2'), 202)
  assert.equal(await status('DELETE', '/AUTH_p1/c/w', 'member@p2'), 204)
  assert.equal(await status('POST', '/AUTH_p1/c', 'member@p2'), 403)
  assert.equal(await status('DELETE', '/AUTH_p1/c', 'member@p2'), 403)
  await acl({ 'X-Container-Write': '', 'X-Container-Read': '*:*' })
  assert.equal(await status('GET', '/AUTH_p1/c/o', 'nothing@p7'), 200)
  assert.equal(await status('GET', '/AUTH_p1/c/o', null), 401, 'any valid token is not no token')
  await acl({ 'X-Container-Read': 'auditor' })
  assert.equal(await status('GET', '/AUTH_p1/c/o', 'Auditor@p1'), 200, 'a role that the ACL names')
  assert.equal(await status('GET', '/AUTH_p1/c/o', 'auditor@p2'), 403, 'names of roles count in the own project only')
  await acl(none)
})

test('referrers: the last that fits decides; listings want .rlistings', async () => {
  await acl({ 'X-Container-Read': '.r:*' })
  assert.equal(await status('GET', '/AUTH_p1/c/o', null), 200)
  assert.equal(await status('HEAD', '/AUTH_p1/c/o', null), 200)
  assert.equal(await status('GET', '/AUTH_p1/c', null), 401)
  assert.equal(await status('GET', '/AUTH_p1/c/none', null), 404)
  await acl({ 'X-Container-Read': '.r:*,.rlistings' })
  assert.equal(
    (await swift.call('HEAD', '/AUTH_p1/c')).headers['x-container-read'],
    '.r:*,.rlistings',
    'an owner whom the ACL lets in is one still',
  )
  await acl({ 'X-Container-Read': '.r:.good.org,.r:-bad.good.org,.rlistings' })
  assert.equal(await status('GET', '/AUTH_p1/c', null, { referer: 'http://www.good.org/' }), 200)
  assert.equal(await status('GET', '/AUTH_p1/c/o', null, { referer: 'http://bad.good.org/' }), 401)
  assert.equal(await status('GET', '/AUTH_p1/c/o', null), 401)
  assert.equal((await acl({ 'X-Container-Write': '.r:*' })).status, 400)
  await acl(none)
})

test('what is the owner’s alone is neither set nor seen by others', async () => {
  await acl({ 'X-Container-Read': 'p2:*', 'X-Container-Meta-Temp-URL-Key': 'secret', 'X-Container-Meta-Open': '1' })
  const seen = (await swift.call('HEAD', '/AUTH_p1/c', { as: 'member@p2' })).headers
  assert.deepEqual(
    [seen['x-container-meta-open'], seen['x-container-meta-temp-url-key'], seen['x-container-read']],
    ['1', undefined, undefined],
  )
  const own = (await swift.call('HEAD', '/AUTH_p1/c')).headers
  assert.deepEqual([own['x-container-meta-temp-url-key'], own['x-container-read']], ['secret', 'p2:*'])
  const reader = (await swift.call('HEAD', '/AUTH_p1/c', { as: 'reader@p1' })).headers
  assert.equal(reader['x-container-meta-temp-url-key'], undefined)
  await swift.call('POST', '/AUTH_p1', { headers: { 'X-Account-Meta-Temp-URL-Key': 'secret' } })
  assert.equal((await swift.call('HEAD', '/AUTH_p1', { as: 'reader@p1' })).headers['x-account-meta-temp-url-key'], undefined)
  await acl(none)
})

test('CORS: who may ask is the container’s metadata; others see no header of it', async () => {
  await acl({ 'X-Container-Meta-Access-Control-Allow-Origin': 'http://a.org http://b.org', 'X-Container-Meta-Access-Control-Max-Age': '5' })
  const preflight = (origin: string) =>
    swift.call('OPTIONS', '/AUTH_p1/c/o', {
      as: null,
      headers: { origin, 'Access-Control-Request-Method': 'GET', 'Access-Control-Request-Headers': 'x-auth-token' },
    })
  const allowed = await preflight('http://a.org')
  assert.equal(allowed.status, 200)
  assert.deepEqual(
    ['access-control-allow-origin', 'access-control-max-age', 'access-control-allow-headers'].map((name) => allowed.headers[name]),
    ['http://a.org', '5', 'x-auth-token'],
  )
  assert.match(String(allowed.headers['vary']), /Origin/)
  const refused = await preflight('http://evil.org')
  assert.deepEqual([refused.status, refused.headers['access-control-allow-origin']], [401, undefined])
  const got = await swift.call('GET', '/AUTH_p1/c/o', { headers: { origin: 'http://b.org' } })
  assert.equal(got.headers['access-control-allow-origin'], 'http://b.org')
  assert.match(String(got.headers['access-control-expose-headers']), /etag.*x-trans-id/)
  assert.equal(
    (await swift.call('GET', '/AUTH_p1/c/o', { headers: { origin: 'http://evil.org' } })).headers['access-control-allow-origin'],
    undefined,
  )
  await acl({ 'X-Container-Meta-Access-Control-Allow-Origin': '*' })
  assert.equal((await preflight('http://evil.org')).headers['access-control-allow-origin'], '*')
})
