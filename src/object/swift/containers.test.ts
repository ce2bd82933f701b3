// Accounts and containers at the door: metadata, counts, listings, quotas.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startSwift, type SwiftCloud } from '../../../test/support/swift.ts'

let swift: SwiftCloud
before(async () => void (swift = await startSwift()))
after(() => swift.stop())

test('an account that was never used answers as an empty one', async () => {
  const got = await swift.call('GET', '/AUTH_p9', { as: 'member@p9' })
  assert.deepEqual([got.status, got.text, got.headers['x-account-container-count']], [204, '', '0'])
  assert.equal((await swift.call('GET', '/AUTH_p9?format=json', { as: 'member@p9' })).text, '[]')
  assert.equal((await swift.call('HEAD', '/AUTH_p9', { as: 'member@p9' })).status, 204)
})

test('a container is made, known again, changed, and deleted when it is empty', async () => {
  assert.equal((await swift.call('PUT', '/AUTH_p1/c', { headers: { 'X-Container-Meta-A': '1' } })).status, 201)
  assert.equal((await swift.call('PUT', '/AUTH_p1/c', { headers: { 'X-Container-Meta-B': '2' } })).status, 202)
  assert.equal(
    (await swift.call('POST', '/AUTH_p1/c', { headers: { 'X-Remove-Container-Meta-A': 'x', 'X-Container-Meta-C': '3' } })).status,
    204,
  )
  await swift.call('PUT', '/AUTH_p1/c/o', { body: '12345' })
  const { status, headers } = await swift.call('HEAD', '/AUTH_p1/c')
  assert.equal(status, 204)
  assert.deepEqual(
    ['x-container-meta-a', 'x-container-meta-b', 'x-container-meta-c', 'x-container-object-count', 'x-container-bytes-used'].map(
      (name) => headers[name],
    ),
    [undefined, '2', '3', '1', '5'],
  )
  assert.ok(headers['x-storage-policy'] && headers['last-modified'] && headers['x-timestamp'])
  assert.equal((await swift.call('DELETE', '/AUTH_p1/c')).status, 409)
  const account = (await swift.call('HEAD', '/AUTH_p1')).headers
  assert.deepEqual(
    [account['x-account-container-count'], account['x-account-object-count'], account['x-account-bytes-used']],
    ['1', '1', '5'],
  )
  assert.equal(account['x-account-storage-policy-policy-0-object-count'], '1')
  await swift.call('DELETE', '/AUTH_p1/c/o')
  assert.equal((await swift.call('DELETE', '/AUTH_p1/c')).status, 204)
  assert.equal((await swift.call('DELETE', '/AUTH_p1/c')).status, 404)
  assert.equal((await swift.call('GET', '/AUTH_p1/c')).status, 404)
  assert.equal((await swift.call('POST', '/AUTH_p1/c')).status, 404)
  assert.equal((await swift.call('PUT', '/AUTH_p1/c/o', { body: 'x' })).status, 404)
})

test('names of containers: 256 bytes; a storage policy that is none is refused', async () => {
  assert.equal((await swift.call('PUT', `/AUTH_p1/${'x'.repeat(256)}`)).status, 201)
  assert.equal((await swift.call('PUT', `/AUTH_p1/${'x'.repeat(257)}`)).status, 400)
  assert.equal((await swift.call('PUT', '/AUTH_p1/gold', { headers: { 'X-Storage-Policy': 'gold' } })).status, 400)
  assert.equal((await swift.call('PUT', '/AUTH_p1/standard', { headers: { 'X-Storage-Policy': 'Policy-0' } })).status, 201)
})

test('an account’s metadata is merged, and is limited over all that is stored', async () => {
  const post = async (headers: Record<string, string>) => (await swift.call('POST', '/AUTH_p2', { as: 'member@p2', headers })).status
  assert.equal(await post({ 'X-Account-Meta-A': 'ä' }), 204)
  assert.equal(await post({ 'X-Account-Meta-B': '2' }), 204)
  const { headers } = await swift.call('HEAD', '/AUTH_p2', { as: 'member@p2' })
  assert.deepEqual([Buffer.from(String(headers['x-account-meta-a']), 'latin1').toString(), headers['x-account-meta-b']], ['ä', '2'])
  const many = (from: number, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`X-Account-Meta-K${from + index}`, 'v']))
  assert.equal(await post(many(0, 80)), 204)
  assert.equal(await post(many(80, 20)), 400)
  assert.equal(await post({ 'X-Account-Meta-A': '' }), 204)
  assert.equal((await swift.call('HEAD', '/AUTH_p2', { as: 'member@p2' })).headers['x-account-meta-a'], undefined)
})

test('listings: formats, markers, prefix, delimiter, path, reverse, limits', async () => {
  const as = 'member@p3'
  const list = async (query: string, headers: Record<string, string> = {}) => swift.call('GET', `/AUTH_p3/c${query}`, { as, headers })
  await swift.call('PUT', '/AUTH_p3/c', { as })
  assert.deepEqual([(await list('')).status, (await list('?format=json')).text], [204, '[]'])
  for (const name of ['a', 'b/1', 'b/2', 'b/3/x', 'c', '%F0%9F%98%80', '%EF%BF%BD'])
    await swift.call('PUT', `/AUTH_p3/c/${name}`, { as, body: name, headers: { 'X-Object-Meta-N': '1' } })
  assert.equal((await list('')).text, 'a\nb/1\nb/2\nb/3/x\nc\n\ufffd\n😀\n', 'in the order of their bytes')
  assert.equal((await list('?limit=2&marker=a')).text, 'b/1\nb/2\n')
  assert.equal((await list('?end_marker=b/2')).text, 'a\nb/1\n')
  assert.equal((await list('?prefix=b/')).text, 'b/1\nb/2\nb/3/x\n')
  assert.equal((await list('?delimiter=/')).text, 'a\nb/\nc\n\ufffd\n😀\n')
  assert.equal((await list('?delimiter=/&prefix=b/')).text, 'b/1\nb/2\nb/3/\n')
  assert.equal((await list('?delimiter=/&marker=b/')).text, 'c\n\ufffd\n😀\n')
  assert.equal((await list('?delimiter=/&marker=b/1')).text, 'b/\nc\n\ufffd\n😀\n')
  assert.equal((await list('?path=b')).text, 'b/1\nb/2\n')
  assert.equal((await list('?path=/')).text, '')
  assert.equal((await list('?marker=b/1%00&end_marker=b/2%00')).text, 'b/2\n', 'NUL stands right behind a name')
  assert.equal((await list('?reverse=true&limit=3')).text, '😀\n\ufffd\nc\n')
  assert.equal((await list('?reverse=on&marker=c&end_marker=a')).text, 'b/3/x\nb/2\nb/1\n')
  assert.equal((await list('?limit=nonsense')).status, 200)
  assert.equal((await list('?limit=0')).status, 204)
  assert.equal((await list('?limit=10001')).status, 412)
  assert.equal((await list('?prefix=%ff')).status, 400)
  for (const query of ['?prefix=a%00', '?path=%00', '?delimiter=%00&prefix=zz', '?prefix=zz&marker=%00'])
    assert.equal((await list(query)).status, 204, query)
  const json = (await list('?format=json&limit=1&metadata=true')).json
  assert.deepEqual(Object.keys(json[0]).sort(), ['bytes', 'content_type', 'hash', 'last_modified', 'metadata', 'name'])
  assert.deepEqual(json[0].metadata, { 'x-object-meta-n': '1' })
  assert.match(json[0].last_modified, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/)
  assert.deepEqual((await list('?format=json&delimiter=/')).json[1], { subdir: 'b/' })
  const xml = await list('?limit=1', { accept: 'application/xml' })
  assert.match(xml.text, /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<container name="c"><object><name>a<\/name>/)
  assert.equal(xml.headers['vary'], 'Accept')
  assert.equal((await list('', { accept: 'image/png' })).status, 406)
  assert.equal((await list('', { accept: 'nonsense' })).status, 400)
  const containers = (await swift.call('GET', '/AUTH_p3?format=json', { as })).json
  assert.deepEqual([containers[0].name, containers[0].count], ['c', 7])
})

test('a container’s quota is held exactly, also where the length is not said', async () => {
  const as = 'member@p4'
  await swift.call('PUT', '/AUTH_p4/q', { as, headers: { 'X-Container-Meta-Quota-Bytes': '10', 'X-Container-Meta-Quota-Count': '2' } })
  assert.equal((await swift.call('POST', '/AUTH_p4/q', { as, headers: { 'X-Container-Meta-Quota-Bytes': 'many' } })).status, 400)
  assert.equal((await swift.call('PUT', '/AUTH_p4/q/a', { as, body: '12345' })).status, 201)
  assert.equal((await swift.call('PUT', '/AUTH_p4/q/b', { as, body: '123456' })).status, 413)
  assert.equal((await swift.call('PUT', '/AUTH_p4/q/b', { as, body: '1' })).status, 201)
  assert.equal((await swift.call('PUT', '/AUTH_p4/q/c', { as, body: '' })).status, 413)
  const chunked =
    'PUT /object/v1/AUTH_p4/q/a HTTP/1.1\r\nHost: x\r\nX-Auth-Token: member@p4\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n' +
    'f\r\n123456789012345\r\n0\r\n\r\n'
  assert.match(await swift.talk(chunked), /^HTTP\/1\.1 413 /)
  assert.equal((await swift.call('GET', '/AUTH_p4/q/a', { as })).text, '12345')
})

test('only a reseller sets an account’s quota, makes and ends accounts', async () => {
  const quota = { 'X-Account-Meta-Quota-Bytes': '3' }
  assert.equal((await swift.call('POST', '/AUTH_p5', { as: 'member@p5', headers: quota })).status, 403)
  assert.equal((await swift.call('POST', '/AUTH_p5', { as: 'ResellerAdmin@other', headers: quota })).status, 204)
  await swift.call('PUT', '/AUTH_p5/c', { as: 'member@p5' })
  assert.equal((await swift.call('PUT', '/AUTH_p5/c/o', { as: 'member@p5', body: '1234' })).status, 413)
  const put = await swift.call('PUT', '/AUTH_p5', { as: 'member@p5' })
  assert.deepEqual([put.status, put.headers['allow']?.includes('PUT')], [405, false])
  assert.equal((await swift.call('DELETE', '/AUTH_p5', { as: 'member@p5' })).status, 403)
  assert.equal((await swift.call('DELETE', '/AUTH_p5?bulk-delet', { as: 'ResellerAdmin@other' })).status, 400)
  assert.equal((await swift.call('PUT', '/AUTH_new', { as: 'ResellerAdmin@other' })).status, 201)
  assert.equal((await swift.call('DELETE', '/AUTH_new', { as: 'ResellerAdmin@other' })).status, 204)
  assert.equal((await swift.call('GET', '/AUTH_new', { as: 'member@new' })).status, 410)
  assert.equal(
    (await swift.call('POST', '/AUTH_p5', { as: 'member@p5', headers: { 'X-Remove-Account-Meta-Quota-Bytes': 'x' } })).status,
    403,
  )
  await swift.call('POST', '/AUTH_p5', { as: 'ResellerAdmin@other', headers: { 'X-Remove-Account-Meta-Quota-Bytes': 'x' } })
  assert.equal((await swift.call('PUT', '/AUTH_p5/c/o', { as: 'member@p5', body: '1234' })).status, 201)
})

test('an underscore in the name of a header is a hyphen', async () => {
  await swift.call('PUT', '/AUTH_p1/underscores', { headers: { 'X-Container-Meta-Some_Name': 'x' } })
  const { headers } = await swift.call('HEAD', '/AUTH_p1/underscores')
  assert.deepEqual([headers['x-container-meta-some-name'], headers['x-container-meta-some_name']], ['x', undefined])
})
