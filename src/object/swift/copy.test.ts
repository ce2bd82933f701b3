import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startSwift, type SwiftCloud } from '../../../test/support/swift.ts'

let swift: SwiftCloud
before(async () => {
  swift = await startSwift()
  for (const [account, as] of [
    ['p1', 'member@p1'],
    ['p2', 'member@p2'],
  ] as const)
    assert.equal((await swift.call('PUT', `/AUTH_${account}/c`, { as })).status, 201)
  const headers = { 'Content-Type': 'text/x-src', 'X-Object-Meta-A': 'a', 'X-Object-Meta-B': 'b', 'Content-Encoding': 'gzip' }
  await swift.call('PUT', '/AUTH_p1/c/src', { body: '0123456789', headers })
})
after(() => swift.stop())

test('COPY takes metadata, headers and type along; the request’s own come over them', async () => {
  const made = await swift.call('COPY', '/AUTH_p1/c/src', { headers: { Destination: 'c/dst', 'X-Object-Meta-B': 'new' } })
  assert.equal(made.status, 201, made.text)
  assert.equal(made.headers['x-copied-from'], 'c/src')
  assert.equal(made.headers['x-copied-from-account'], 'AUTH_p1')
  assert.equal(made.headers['x-object-meta-a'], 'a')
  assert.ok(made.headers['x-copied-from-last-modified'])
  const { headers, text } = await swift.call('GET', '/AUTH_p1/c/dst')
  assert.deepEqual(
    [text, headers['content-type'], headers['x-object-meta-a'], headers['x-object-meta-b'], headers['content-encoding']],
    ['0123456789', 'text/x-src', 'a', 'new', 'gzip'],
  )
})

test('PUT with X-Copy-From, fresh metadata, a type of its own', async () => {
  const headers = { 'X-Copy-From': '/c/src', 'X-Fresh-Metadata': 'true', 'Content-Type': 'text/other', 'Content-Length': '0' }
  assert.equal((await swift.call('PUT', '/AUTH_p1/c/fresh', { headers })).status, 201)
  const { headers: now } = await swift.call('HEAD', '/AUTH_p1/c/fresh')
  assert.deepEqual([now['content-type'], now['x-object-meta-a'], now['content-encoding']], ['text/other', undefined, undefined])
})

test('conditions and the range are the source’s', async () => {
  const copy = (headers: Record<string, string>) => swift.call('COPY', '/AUTH_p1/c/src', { headers: { Destination: 'c/part', ...headers } })
  assert.equal((await copy({ 'If-Match': 'other' })).status, 412)
  assert.equal((await copy({ 'If-Modified-Since': new Date(Date.now() + 60_000).toUTCString() })).status, 304)
  assert.equal((await copy({ Range: 'bytes=2-4' })).status, 201)
  const part = await swift.call('GET', '/AUTH_p1/c/part')
  assert.deepEqual([part.text, part.headers['x-object-meta-a']], ['234', 'a'])
})

test('what is not well formed is refused, and so is a body', async () => {
  const copy = async (headers: Record<string, string>) => (await swift.call('COPY', '/AUTH_p1/c/src', { headers })).status
  assert.equal(await copy({}), 412)
  assert.equal(await copy({ Destination: 'c' }), 412)
  assert.equal(await copy({ Destination: 'c/x', 'Destination-Account': 'a/b' }), 412)
  assert.equal(await copy({ Destination: 'none/x' }), 404)
  assert.equal((await swift.call('COPY', '/AUTH_p1/c/none', { headers: { Destination: 'c/x' } })).status, 404)
  assert.equal((await swift.call('PUT', '/AUTH_p1/c/x', { body: 'x', headers: { 'X-Copy-From': 'c/src' } })).status, 400)
})

test('across accounts the reader of the one must be a writer of the other', async () => {
  const headers = { Destination: 'c/from-p1', 'Destination-Account': 'AUTH_p2' }
  assert.equal((await swift.call('COPY', '/AUTH_p1/c/src', { headers })).status, 403)
  await swift.call('POST', '/AUTH_p2/c', { as: 'member@p2', headers: { 'X-Container-Write': 'p1:*' } })
  assert.equal((await swift.call('COPY', '/AUTH_p1/c/src', { headers })).status, 201)
  const from = { 'X-Copy-From': 'c/src', 'X-Copy-From-Account': 'AUTH_p1', 'Content-Length': '0' }
  assert.equal((await swift.call('PUT', '/AUTH_p2/c/stolen', { as: 'member@p2', headers: from })).status, 403)
})

test('an object copied onto itself has new metadata', async () => {
  await swift.call('PUT', '/AUTH_p1/c/self', { body: 'x', headers: { 'X-Object-Meta-A': '1' } })
  const headers = { Destination: 'c/self', 'X-Fresh-Metadata': 'true', 'X-Object-Meta-B': '2' }
  assert.equal((await swift.call('COPY', '/AUTH_p1/c/self', { headers })).status, 201)
  const { headers: now, text } = await swift.call('GET', '/AUTH_p1/c/self')
  assert.deepEqual([text, now['x-object-meta-a'], now['x-object-meta-b']], ['x', undefined, '2'])
})

test('with a heartbeat the answer begins at once, and its end says what became of the copy', async () => {
  const copy = (source: string) =>
    swift.call('COPY', `/AUTH_p1/c/${source}?heartbeat=on`, { headers: { Destination: 'c/alive', Accept: 'application/json' } })
  const made = await copy('src')
  assert.equal(made.status, 202)
  assert.equal(made.json['Response Status'], '201 Created')
  assert.equal((await swift.call('GET', '/AUTH_p1/c/alive')).text, '0123456789')
  assert.equal((await copy('none')).status, 404)
})

test('a POST that names a source is refused, and changes nothing', async () => {
  await swift.call('PUT', '/AUTH_p1/post-copy', {})
  await swift.call('PUT', '/AUTH_p1/post-copy/o', { body: 'x', headers: { 'X-Object-Meta-A': '1' } })
  const { status } = await swift.call('POST', '/AUTH_p1/post-copy/o', { headers: { 'X-Copy-From': 'post-copy/o', 'X-Object-Meta-B': '2' } })
  const { headers } = await swift.call('HEAD', '/AUTH_p1/post-copy/o')
  assert.deepEqual([status, headers['x-object-meta-a'], headers['x-object-meta-b']], [400, '1', undefined])
})
