// Objects at the door: what is written is read, and everything that a client may see of it.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { startSwift, type SwiftCloud } from '../../../test/support/swift.ts'

let swift: SwiftCloud
before(async () => {
  swift = await startSwift()
  assert.equal((await swift.call('PUT', '/AUTH_p1/c')).status, 201)
})
after(() => swift.stop())

const md5 = (text: string | Buffer) => createHash('md5').update(text).digest('hex')
const o = (name: string) => `/AUTH_p1/c/${name}`

test('an object is written, read, described and deleted', async () => {
  const put = await swift.call('PUT', o('a.txt'), { body: 'hello', headers: { 'X-Object-Meta-Colour': 'grün' } })
  assert.equal(put.status, 201, put.text)
  assert.equal(put.headers.etag, md5('hello'))
  assert.equal(put.headers['content-length'], '0')
  const got = await swift.call('GET', o('a.txt'))
  assert.equal(got.status, 200)
  assert.equal(got.text, 'hello')
  assert.equal(got.headers['content-type'], 'text/plain')
  assert.equal(got.headers['accept-ranges'], 'bytes')
  assert.match(String(got.headers['x-timestamp']), /^\d{10}\.\d{5}$/)
  assert.equal(Buffer.from(String(got.headers['x-object-meta-colour']), 'latin1').toString(), 'grün')
  assert.ok(got.raw.includes('X-Object-Meta-Colour'), 'names come back in Title-Case')
  const head = await swift.call('HEAD', o('a.txt'), { headers: { range: 'bytes=0-1' } })
  assert.deepEqual([head.status, head.headers['content-length'], head.text], [200, '5', ''])
  assert.equal((await swift.call('DELETE', o('a.txt'))).status, 204)
  assert.equal((await swift.call('DELETE', o('a.txt'))).status, 404)
  assert.equal((await swift.call('GET', o('a.txt'))).status, 404)
})

test('every answer names its transaction, in lower case, and what the client adds', async () => {
  const { headers } = await swift.call('GET', o('nothing'), { headers: { 'X-Trans-Id-Extra': 'extra-'.repeat(10) } })
  assert.match(String(headers['x-trans-id']), /^tx[0-9a-f]{21}-[0-9a-f]{10}-extra-extra-extra-extra-extra-ex$/)
  assert.equal(headers['x-openstack-request-id'], headers['x-trans-id'])
})

test('bytes of users are no page of ours: nosniff, sandbox, and a file to save when a browser navigates to them', async () => {
  const headers = { 'Content-Type': 'text/html', 'Content-Disposition': 'inline; filename=x.html' }
  await swift.call('PUT', o('page.html'), { body: '<script>', headers })
  const got = await swift.call('GET', o('page.html'), { headers: { 'Sec-Fetch-Mode': 'navigate' } })
  assert.equal(got.headers['x-content-type-options'], 'nosniff')
  assert.equal(got.headers['content-security-policy'], 'sandbox')
  assert.equal(got.headers['content-disposition'], 'attachment; filename=x.html')
  assert.equal((await swift.call('GET', o('page.html'))).headers['content-disposition'], 'inline; filename=x.html')
})

test('ranges: one, several with their exact length, none that can be had, and an empty object', async () => {
  await swift.call('PUT', o('range'), { body: '0123456789', headers: { 'Content-Type': 'text/x-ä' } })
  const range = (value: string) => swift.call('GET', o('range'), { headers: { range: `bytes=${value}` } })
  const one = await range('2-4')
  assert.deepEqual([one.status, one.text, one.headers['content-range'], one.headers['content-length']], [206, '234', 'bytes 2-4/10', '3'])
  assert.equal((await range('-3')).text, '789')
  const several = await range('0-1,8-')
  assert.equal(several.status, 206)
  assert.match(String(several.headers['content-type']), /^multipart\/byteranges;boundary=/)
  assert.equal(Number(several.headers['content-length']), several.bytes.length)
  assert.match(
    several.text,
    /Content-Type: text\/x-ä\r\nContent-Range: bytes 0-1\/10\r\n\r\n01\r\n--.*\r\n[^]*bytes 8-9\/10\r\n\r\n89\r\n--[0-9a-f]+--$/,
  )
  const none = await range('20-')
  assert.deepEqual([none.status, none.headers['content-range']], [416, 'bytes */10'])
  assert.equal((await range('x')).text, '0123456789')
  await swift.call('PUT', o('empty'), { body: '' })
  assert.equal((await swift.call('GET', o('empty'), { headers: { range: 'bytes=0-' } })).status, 416)
  assert.equal((await swift.call('GET', o('empty'), { headers: { range: 'bytes=-5' } })).status, 200)
})

test('conditions of a read', async () => {
  const etag = String((await swift.call('PUT', o('cond'), { body: 'x' })).headers.etag)
  const get = async (headers: Record<string, string>) => (await swift.call('GET', o('cond'), { headers })).status
  assert.equal(await get({ 'If-None-Match': `"${etag}"` }), 304)
  assert.equal(await get({ 'If-Match': 'other' }), 412)
  assert.equal(await get({ 'If-Match': etag }), 200)
  assert.equal(await get({ 'If-Modified-Since': new Date(Date.now() + 60_000).toUTCString() }), 304)
  assert.equal(await get({ 'If-Unmodified-Since': new Date(0).toUTCString() }), 412)
  assert.equal((await swift.call('GET', o('none'), { headers: { 'If-Match': '*' } })).status, 412)
})

test('conditions of a write are compared and set in one', async () => {
  assert.equal((await swift.call('PUT', o('lock'), { body: '1', headers: { 'If-None-Match': '*' } })).status, 201)
  assert.equal((await swift.call('PUT', o('lock'), { body: '2', headers: { 'If-None-Match': '*' } })).status, 412)
  assert.equal((await swift.call('PUT', o('lock'), { body: '2', headers: { 'If-None-Match': 'abc' } })).status, 400)
  assert.equal((await swift.call('PUT', o('lock'), { body: '2', headers: { 'If-Match': md5('0') } })).status, 412)
  assert.equal((await swift.call('PUT', o('lock'), { body: '2', headers: { 'If-Match': md5('1') } })).status, 201)
  assert.equal((await swift.call('DELETE', o('lock'), { headers: { 'If-Match': md5('1') } })).status, 412)
  assert.equal((await swift.call('DELETE', o('lock'), { headers: { 'If-Match': md5('2') } })).status, 204)
  const racing = await Promise.all(
    Array.from({ length: 8 }, () => swift.call('PUT', o('race'), { body: 'me', headers: { 'If-None-Match': '*' } })),
  )
  assert.deepEqual(racing.map(({ status }) => status).sort(), [201, ...Array.from({ length: 7 }, () => 412)])
})

test('an ETag that is not the body’s is refused, and what was there stays', async () => {
  await swift.call('PUT', o('sum'), { body: 'good' })
  assert.equal((await swift.call('PUT', o('sum'), { body: 'bad', headers: { ETag: md5('good') } })).status, 422)
  assert.equal((await swift.call('GET', o('sum'))).text, 'good')
  assert.equal((await swift.call('PUT', o('sum'), { body: 'new', headers: { ETag: `"${md5('new').toUpperCase()}"` } })).status, 201)
})

test('POST replaces metadata and headers, but for the type', async () => {
  const headers = { 'X-Object-Meta-A': '1', 'Content-Type': 'text/csv', 'Content-Encoding': 'gzip', 'X-Delete-After': '1000' }
  await swift.call('PUT', o('post'), { body: 'x', headers })
  assert.equal((await swift.call('POST', o('post'), { headers: { 'X-Object-Meta-B': '2' } })).status, 202)
  const { headers: now } = await swift.call('HEAD', o('post'))
  assert.deepEqual(
    [now['x-object-meta-a'], now['x-object-meta-b'], now['content-type'], now['content-encoding'], now['x-delete-at']],
    [undefined, '2', 'text/csv', undefined, undefined],
  )
  assert.equal((await swift.call('POST', o('none'), { headers: { 'X-Object-Meta-B': '2' } })).status, 404)
})

test('metadata without a value is kept as such', async () => {
  await swift.call('PUT', o('blank'), { body: 'x', headers: { 'X-Object-Meta-Blank': '' } })
  assert.equal((await swift.call('HEAD', o('blank'))).headers['x-object-meta-blank'], '')
})

test('an object with an end is not there after it, and an end that is past or no number is refused', async () => {
  const put = async (headers: Record<string, string>) => (await swift.call('PUT', o('end'), { body: 'x', headers })).status
  assert.equal(await put({ 'X-Delete-At': '1000000000' }), 400)
  assert.equal(await put({ 'X-Delete-At': 'soon' }), 400)
  assert.equal(await put({ 'X-Delete-After': '-1' }), 400)
  assert.equal(await put({ 'X-Delete-After': '3600' }), 201)
  const at = Number((await swift.call('HEAD', o('end'))).headers['x-delete-at'])
  assert.ok(Math.abs(at - Date.now() / 1000 - 3600) < 60)
  assert.equal(await put({ 'X-Delete-At': String(2n ** 70n) }), 201, 'an end that nobody lives to see')
  assert.equal((await swift.call('DELETE', o('end'), { headers: { 'X-If-Delete-At': 'bad' } })).status, 400)
  assert.equal((await swift.call('DELETE', o('end'), { headers: { 'X-If-Delete-At': '5' } })).status, 412)
})

test('limits of metadata', async () => {
  const put = async (headers: Record<string, string>) => (await swift.call('PUT', o('limits'), { body: 'x', headers })).status
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`X-Object-Meta-K${index}`, 'v']))
  assert.equal(await put(many(90)), 201)
  assert.equal(await put(many(91)), 400)
  assert.equal(await put({ [`X-Object-Meta-${'n'.repeat(128)}`]: 'v'.repeat(256) }), 201)
  assert.equal(await put({ [`X-Object-Meta-${'n'.repeat(129)}`]: 'v' }), 400)
  assert.equal(await put({ 'X-Object-Meta-A': 'v'.repeat(257) }), 400)
  assert.equal(await put({ 'X-Object-Meta-': 'v' }), 400)
  assert.equal(await put({ 'Content-Disposition': 'v'.repeat(8_193) }), 400)
  assert.equal(await put(Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`X-Object-Meta-L${index}`, 'v'.repeat(250)]))), 400)
})

test('names: bytes as they come, 1,024 of them, slashes and dots and signs', async () => {
  for (const name of [
    '../../etc/passwd',
    '/lead',
    'trail/',
    'a//b',
    '%E2%82%AC',
    'a%20b',
    'a+b',
    '%F0%9F%98%80',
    '%01',
    'x'.repeat(1_024),
  ]) {
    assert.equal((await swift.call('PUT', o(name), { body: name })).status, 201, name)
    assert.equal((await swift.call('GET', o(name))).text, name)
  }
  assert.equal((await swift.call('PUT', o('x'.repeat(1_025)), { body: '' })).status, 400)
  assert.equal((await swift.call('PUT', o('%C3%A4'.repeat(513)), { body: '' })).status, 400)
  const names = (await swift.call('GET', '/AUTH_p1/c?prefix=..')).text
  assert.equal(names, '../../etc/passwd\n')
})

test('a rename moves the object in one step', async () => {
  await swift.call('PUT', o('old'), { body: 'moved', headers: { 'X-Object-Meta-A': '1' } })
  await swift.call('PUT', '/AUTH_p1/other')
  assert.equal((await swift.call('POST', o('old'), { headers: { 'X-Rename-To': 'nonsense' } })).status, 412)
  const moved = await swift.call('POST', o('old'), { headers: { 'X-Rename-To': '/other/new%20name' } })
  assert.equal(moved.status, 201, moved.text)
  assert.equal((await swift.call('GET', o('old'))).status, 404)
  const now = await swift.call('GET', '/AUTH_p1/other/new%20name')
  assert.deepEqual([now.text, now.headers['x-object-meta-a']], ['moved', '1'])
})
