import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { startSwift, type SwiftCloud } from '../../../../test/support/swift.ts'

let swift: SwiftCloud
const md5 = (...texts: string[]) => createHash('md5').update(texts.join('')).digest('hex')

before(async () => {
  swift = await startSwift()
  for (const container of ['c', 'segs']) assert.equal((await swift.call('PUT', `/AUTH_p1/${container}`)).status, 201)
  for (const name of ['a', 'b', 'c'])
    assert.equal((await swift.call('PUT', `/AUTH_p1/segs/${name}`, { body: name.repeat(10) })).status, 201)
})
after(() => swift.stop())

const put = (path: string, manifest: unknown, query = '') =>
  swift.call('PUT', `/AUTH_p1/${path}?multipart-manifest=put${query}`, {
    body: typeof manifest === 'string' ? manifest : JSON.stringify(manifest),
    headers: { 'content-type': 'text/special' },
  })
const [a, b] = [md5('a'.repeat(10)), md5('b'.repeat(10))]

test('segments are read as one, whole, in parts and by number', async () => {
  const made = await put('c/o', [{ path: '/segs/a', etag: a, size_bytes: 10 }, { path: '/segs/b', range: '2-4' }, { data: 'eHl6' }])
  assert.equal(made.status, 201, made.text)
  const etag = `"${md5(a, `${b}:2-4;`, md5('xyz'))}"`
  assert.equal(made.headers.etag, etag)
  const read = await swift.call('GET', '/AUTH_p1/c/o')
  assert.equal(read.text, `${'a'.repeat(10)}bbbxyz`)
  assert.equal(read.headers.etag, etag)
  assert.equal(read.headers['x-static-large-object'], 'True')
  assert.equal(read.headers['content-type'], 'text/special')
  const range = await swift.call('GET', '/AUTH_p1/c/o', { headers: { range: 'bytes=8-14' } })
  assert.deepEqual([range.status, range.text, range.headers['content-range']], [206, 'aabbbxy', 'bytes 8-14/16'])
  const part = await swift.call('GET', '/AUTH_p1/c/o?part-number=2')
  assert.deepEqual(
    [part.status, part.text, part.headers['x-parts-count'], part.headers['content-range']],
    [206, 'bbb', '3', 'bytes 10-12/16'],
  )
  const head = await swift.call('HEAD', '/AUTH_p1/c/o?part-number=3')
  assert.deepEqual([head.status, head.headers['content-length']], [206, '3'])
  assert.equal((await swift.call('GET', '/AUTH_p1/c/o?part-number=4')).status, 416)
  assert.equal((await swift.call('GET', '/AUTH_p1/c/o?part-number=0')).status, 400)
})

test('the manifest is shown as it is kept, and as it can be sent again', async () => {
  await put('c/shown', [{ path: '/segs/a' }, { path: '/segs/b', range: '2-4' }])
  const kept = await swift.call('GET', '/AUTH_p1/c/shown?multipart-manifest=get')
  assert.deepEqual(
    kept.json.map((segment: { name: string; hash: string; bytes: number; range?: string }) => [
      segment.name,
      segment.hash,
      segment.bytes,
      segment.range,
    ]),
    [
      ['/segs/a', a, 10, undefined],
      ['/segs/b', b, 10, '2-4'],
    ],
  )
  assert.equal(kept.headers.etag, (await swift.call('HEAD', '/AUTH_p1/c/shown')).headers['x-manifest-etag'])
  const raw = await swift.call('GET', '/AUTH_p1/c/shown?multipart-manifest=get&format=raw')
  assert.equal((await put('c/again', raw.text)).status, 201)
  assert.equal((await swift.call('GET', '/AUTH_p1/c/again')).text, `${'a'.repeat(10)}bbb`)
  const listed = (await swift.call('GET', '/AUTH_p1/c?format=json&prefix=shown')).json[0]
  assert.deepEqual([listed.bytes, listed.hash, listed.slo_etag], [13, kept.headers.etag, `"${md5(a, `${b}:2-4;`)}"`])
})

test('what is wrong with segments is told by name, and nothing is kept', async () => {
  const wrong = await put('c/wrong', [{ path: '/segs/a', etag: b }, { path: '/segs/none' }, { path: '/segs/b', size_bytes: 11 }])
  assert.equal(wrong.status, 400)
  assert.match(wrong.text, /\/segs\/a, Etag Mismatch\n\/segs\/none, 404 Not Found\n\/segs\/b, Size Mismatch/)
  assert.equal((await swift.call('HEAD', '/AUTH_p1/c/wrong')).status, 404)
  assert.equal((await put('c/wrong', '{')).status, 400)
  const etag = await swift.call('PUT', '/AUTH_p1/c/wrong?multipart-manifest=put', { body: '[{"path":"/segs/a"}]', headers: { etag: a } })
  assert.equal(etag.status, 422)
  assert.equal((await swift.call('PUT', '/AUTH_p1/c/wrong', { body: '', headers: { 'x-static-large-object': 'True' } })).status, 400)
})

test('a heartbeat answers at once and tells the end in the body', async () => {
  const made = await put('c/beat', [{ path: '/segs/a' }], '&heartbeat=on')
  assert.equal(made.status, 202)
  assert.match(made.text, /^ \r\n\r\n/)
  assert.match(made.text, /Response Status: 201 Created\n/)
  const refused = await put('c/beat2', [{ path: '/segs/none' }], '&heartbeat=on')
  assert.equal(refused.status, 202)
  assert.match(refused.text, /Response Status: 400 Bad Request\nErrors:\n\/segs\/none, 404 Not Found/)
})

test('large objects may be made of large objects; a segment that changed is a conflict', async () => {
  await put('c/inner', [{ path: '/segs/a' }, { path: '/segs/b' }])
  assert.equal((await put('c/outer', [{ path: '/c/inner', range: '5-14' }, { path: '/segs/c' }])).status, 201)
  assert.equal((await swift.call('GET', '/AUTH_p1/c/outer')).text, 'aaaaabbbbbcccccccccc')
  await swift.call('PUT', '/AUTH_p1/segs/c', { body: 'something else' })
  assert.equal((await put('c/first', [{ path: '/segs/c' }])).status, 201)
  await swift.call('PUT', '/AUTH_p1/segs/c', { body: 'another' })
  assert.equal((await swift.call('GET', '/AUTH_p1/c/first')).status, 409)
  // its first segment was sent already: the answer breaks off
  await assert.rejects(swift.call('GET', '/AUTH_p1/c/outer'))
})

test('a copy is a plain object, or with its manifest another large one', async () => {
  await put('c/source', [{ path: '/segs/a' }, { path: '/segs/b' }])
  assert.equal((await swift.call('COPY', '/AUTH_p1/c/source', { headers: { destination: 'c/plain' } })).status, 201)
  const plain = await swift.call('HEAD', '/AUTH_p1/c/plain')
  assert.deepEqual([plain.headers['x-static-large-object'], plain.headers.etag], [undefined, md5(`${'a'.repeat(10)}${'b'.repeat(10)}`)])
  assert.equal((await swift.call('COPY', '/AUTH_p1/c/source?multipart-manifest=get', { headers: { destination: 'c/large' } })).status, 201)
  const large = await swift.call('GET', '/AUTH_p1/c/large')
  assert.deepEqual([large.headers['x-static-large-object'], large.text.length], ['True', 20])
})

test('its segments go with it, at once or a little later', async () => {
  await swift.call('PUT', '/AUTH_p1/gone')
  for (const name of ['1', '2', '3']) await swift.call('PUT', `/AUTH_p1/gone/${name}`, { body: name })
  await put('c/inner2', [{ path: '/gone/1' }])
  await put('c/doomed', [{ path: '/c/inner2' }, { path: '/gone/2' }])
  const done = await swift.call('DELETE', '/AUTH_p1/c/doomed?multipart-manifest=delete', { headers: { accept: 'application/json' } })
  assert.deepEqual(done.json, { 'Response Status': '200 OK', 'Response Body': '', 'Number Deleted': 4, 'Number Not Found': 0, Errors: [] })
  const notOne = await swift.call('DELETE', '/AUTH_p1/gone/3?multipart-manifest=delete')
  assert.match(notOne.text, /Response Status: 400 Bad Request\nErrors:\n\/gone\/3, Not an SLO manifest/)
  await put('c/later', [{ path: '/gone/3' }])
  const later = await swift.call('DELETE', '/AUTH_p1/c/later?multipart-manifest=delete&async=on')
  assert.equal(later.status, 204)
  assert.equal((await swift.call('GET', '/AUTH_p1/gone')).text, '')
})

test('who may not read a segment cannot make or read an object of it', async () => {
  await swift.call('PUT', '/AUTH_p1/open', { headers: { 'x-container-read': '.r:*', 'x-container-write': '*:*' } })
  const made = await swift.call('PUT', '/AUTH_p1/open/o?multipart-manifest=put', { as: 'member@p2', body: '[{"path":"/segs/a"}]' })
  assert.equal(made.status, 400)
  assert.match(made.text, /\/segs\/a, 403 Forbidden/)
  await put('open/mine', [{ path: '/segs/a' }])
  assert.equal((await swift.call('GET', '/AUTH_p1/open/mine', { as: null })).status, 409)
})

test('large objects lie ten deep within each other and no deeper, also through links', async () => {
  let path = 'segs/a'
  for (let depth = 1; depth <= 11; depth++) {
    assert.equal((await put(`c/deep${depth}`, [{ path }])).status, 201)
    await swift.call('PUT', `/AUTH_p1/c/link${depth}`, { body: '', headers: { 'x-symlink-target': `c/deep${depth}` } })
    path = `c/link${depth}`
  }
  assert.equal((await swift.call('GET', '/AUTH_p1/c/deep10')).text, 'a'.repeat(10))
  assert.equal((await swift.call('GET', '/AUTH_p1/c/deep11')).status, 409)
})
