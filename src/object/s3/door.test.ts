// The S3 door from outside, over a socket: buckets, objects, listings, copies, uploads in parts.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { crc32 } from 'node:zlib'
import { presigned, send, startS3Cloud, type S3Client, type S3Cloud } from '../../../test/support/s3.ts'

let cloud: S3Cloud
let own: S3Client
let other: S3Client
before(async () => {
  cloud = await startS3Cloud()
  own = await cloud.client('own')
  other = await cloud.client('other')
  assert.equal((await own.ask('PUT', '/first')).status, 200)
})
after(() => cloud.stop())

const md5 = (bytes: string | Buffer): string => createHash('md5').update(bytes).digest('hex')
const crc = (bytes: string): string => {
  const raw = Buffer.alloc(4)
  raw.writeUInt32BE(crc32(bytes))
  return raw.toString('base64')
}
const tags = (text: string, name: string): string[] =>
  [...text.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, value]) => value ?? '')

test('buckets: made once, listed, located, deleted when empty', async () => {
  assert.equal((await own.ask('PUT', '/b-1')).status, 200)
  assert.equal((await own.ask('PUT', '/b-1')).code, 'BucketAlreadyOwnedByYou')
  assert.equal((await other.ask('PUT', '/b-1')).code, 'BucketAlreadyExists')
  for (const name of ['ab', 'Upper', 'a..b', '1.2.3.4', 'x'.repeat(64), '-a-', 'under_score']) {
    assert.equal((await own.ask('PUT', `/${name}`)).code, 'InvalidBucketName', name)
  }
  assert.deepEqual(tags((await own.ask('GET', '/')).text, 'Name'), ['b-1', 'first'])
  assert.equal((await own.ask('HEAD', '/b-1')).status, 200)
  assert.equal((await own.ask('HEAD', '/b-2')).status, 404)
  assert.match((await own.ask('GET', '/b-1?location')).text, /<LocationConstraint xmlns/)
  await own.ask('PUT', '/b-1/k', { body: 'x' })
  assert.equal((await own.ask('DELETE', '/b-1')).code, 'BucketNotEmpty')
  await own.ask('DELETE', '/b-1/k')
  assert.equal((await own.ask('DELETE', '/b-1')).status, 204)
  assert.equal((await own.ask('GET', '/b-1')).code, 'NoSuchBucket')
})

test('an object comes back byte by byte, with its headers, metadata and ETag', async () => {
  const body = 'hello world'
  const put = await own.ask('PUT', '/first/a/../b//c', {
    body,
    headers: {
      'content-type': 'text/x',
      'x-amz-meta-some_Name': 'a  b',
      'cache-control': 'no-store',
      'content-encoding': 'aws-chunked,gzip',
    },
  })
  assert.equal(put.status, 200, put.text)
  assert.equal(put.headers['etag'], `"${md5(body)}"`)
  const got = await own.ask('GET', '/first/a/../b//c')
  assert.equal(got.text, body)
  assert.equal(got.headers['content-type'], 'text/x')
  assert.equal(got.headers['x-amz-meta-some_name'], 'a  b')
  assert.equal(got.headers['cache-control'], 'no-store')
  assert.equal(got.headers['content-encoding'], 'gzip')
  assert.equal(got.headers['x-content-type-options'], 'nosniff')
  assert.match(String(got.headers['content-security-policy']), /sandbox/)
  const head = await own.ask('HEAD', '/first/a/../b//c')
  assert.deepEqual([head.status, head.headers['content-length'], head.text], [200, '11', ''])
  assert.equal((await own.ask('DELETE', '/first/a/../b//c')).status, 204)
  assert.equal((await own.ask('DELETE', '/first/a/../b//c')).status, 204)
  assert.equal((await own.ask('GET', '/first/a/../b//c')).code, 'NoSuchKey')
  const gone = await own.ask('HEAD', '/first/a/../b//c')
  assert.deepEqual([gone.status, gone.text], [404, ''])
})

test('ranges: of GET and HEAD; faulty ones are not there, those beyond the end 416', async () => {
  await own.ask('PUT', '/first/range', { body: '0123456789' })
  const range = async (value: string, method = 'GET') => own.ask(method, '/first/range', { headers: { range: value } })
  for (const [value, text, shown] of [
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-30', '0123456789', 'bytes 0-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
  ] as const) {
    const got = await range(value)
    assert.deepEqual([got.status, got.text, got.headers['content-range']], [206, text, shown])
  }
  for (const value of ['bytes=4-2', 'bytes=x', 'bytes=-', 'lines=1-2', 'bytes=0-1,4-5'])
    assert.equal((await range(value)).status, 200, value)
  const beyond = await range('bytes=10-')
  assert.deepEqual([beyond.status, beyond.code, beyond.headers['content-range']], [416, 'InvalidRange', 'bytes */10'])
  const head = await range('bytes=2-4', 'HEAD')
  assert.deepEqual([head.status, head.headers['content-length']], [206, '3'])
})

test('a checksum of the whole object never comes with a range', async () => {
  await own.ask('PUT', '/first/summed', { body: 'hello', headers: { 'x-amz-checksum-crc32': crc('hello') } })
  const mode = { 'x-amz-checksum-mode': 'ENABLED' }
  for (const method of ['GET', 'HEAD']) {
    assert.equal((await own.ask(method, '/first/summed', { headers: mode })).headers['x-amz-checksum-crc32'], crc('hello'))
    assert.equal((await own.ask(method, '/first/summed')).headers['x-amz-checksum-crc32'], undefined)
    assert.equal(
      (await own.ask(method, '/first/summed', { headers: { ...mode, range: 'bytes=0-1' } })).headers['x-amz-checksum-crc32'],
      undefined,
    )
  }
})

test('a body that is not what was said of it is refused, and nothing is kept', async () => {
  const put = async (asked: Parameters<S3Client['ask']>[2]) => (await own.ask('PUT', '/first/never', { body: 'hello', ...asked })).code
  assert.equal(await put({ payload: createHash('sha256').update('other').digest('hex') }), 'XAmzContentSHA256Mismatch')
  assert.equal(await put({ headers: { 'content-md5': createHash('md5').update('other').digest('base64') } }), 'BadDigest')
  assert.equal(await put({ headers: { 'content-md5': 'nonsense' } }), 'InvalidDigest')
  assert.equal(await put({ headers: { 'x-amz-checksum-crc32': crc('other') } }), 'BadDigest')
  assert.equal(await put({ headers: { 'x-amz-checksum-crc32': 'x' } }), 'InvalidRequest')
  assert.equal(await put({ headers: { 'x-amz-checksum-crc32': crc('hello'), 'x-amz-checksum-sha1': 'x' } }), 'InvalidRequest')
  assert.equal(await put({ headers: { 'x-amz-sdk-checksum-algorithm': 'CRC32' } }), 'InvalidRequest')
  assert.equal(await put({ headers: { 'x-amz-meta-x': 'y'.repeat(3_000) } }), 'MetadataTooLarge')
  assert.equal(await put({ headers: { 'x-amz-storage-class': 'GLACIER' } }), 'InvalidStorageClass')
  assert.equal((await own.ask('PUT', `/first/${'k'.repeat(1_025)}`, { body: 'x' })).code, 'KeyTooLongError')
  assert.equal((await own.ask('HEAD', '/first/never')).status, 404)
})

test('chunked uploads: signed, and unsigned with a checksum in the trailer', async () => {
  const body = `5\r\nhello\r\n0\r\nx-amz-checksum-crc32:${crc('hello')}\r\n\r\n`
  const headers = { 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': '5', 'x-amz-trailer': 'x-amz-checksum-crc32' }
  const payload = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'
  const put = await own.ask('PUT', '/first/chunked', { body, headers, payload })
  assert.equal(put.status, 200, put.text)
  const got = await own.ask('GET', '/first/chunked')
  assert.deepEqual([got.text, got.headers['content-encoding']], ['hello', undefined])
  const wrong = body.replace(crc('hello'), crc('other'))
  assert.equal((await own.ask('PUT', '/first/chunked', { body: wrong, headers, payload })).code, 'BadDigest')
  assert.equal((await own.ask('PUT', '/first/chunked', { body: body.slice(0, 12), headers, payload })).code, 'IncompleteBody')
})

test('attack-40: a chunked body that is longer than announced is refused before anybody reads it, and the process lives', async () => {
  for (let round = 0; round < 5; round++) {
    const body = `10\r\n${'x'.repeat(16)}\r\n0\r\n\r\n`
    const headers = { 'x-amz-decoded-content-length': '5' }
    const answer = await own.ask('PUT', '/first/long', { body, headers, payload: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' })
    assert.equal(answer.code, 'IncompleteBody')
  }
})

test('attack-40: a chunked body with an unsigned trailer still needs the request’s own signature', async () => {
  const body = `5\r\nhello\r\n0\r\nx-amz-checksum-crc32:${crc('hello')}\r\n\r\n`
  const headers = {
    host: `127.0.0.1:${cloud.port}`,
    'x-amz-decoded-content-length': '5',
    'x-amz-trailer': 'x-amz-checksum-crc32',
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  }
  const forged = {
    authorization: `AWS4-HMAC-SHA256 Credential=${own.access}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00`,
  }
  const sent = async (target: string, more: Record<string, string> = {}) =>
    (await send(cloud.port, { method: 'PUT', target, headers: { ...headers, ...more }, body })).status
  assert.equal(await sent('/first/forged'), 403)
  assert.notEqual(await sent('/first/forged', forged), 200)
  const target = presigned({ ...own, nowMs: () => cloud.clock.nowMs() }, { method: 'PUT', path: '/first/forged', headers })
  assert.equal(await sent(target), 400)
  assert.equal((await own.ask('HEAD', '/first/forged')).status, 404)
})

test('presigned URLs: read and write until they expire; a header that was not signed is refused (attack-38)', async () => {
  await own.ask('PUT', '/first/signed', { body: 'text' })
  const key = { ...own, nowMs: () => cloud.clock.nowMs() }
  const host = { host: `127.0.0.1:${cloud.port}` }
  const by = (method: string, target: string, headers: Record<string, string> = {}, body?: string) =>
    send(cloud.port, { method, target, headers: { ...host, ...headers }, body })
  const get = presigned(key, { method: 'GET', path: '/first/signed' })
  assert.equal((await by('GET', get)).text, 'text')
  assert.equal((await by('PUT', get, {}, 'x')).code, 'SignatureDoesNotMatch')
  assert.equal((await by('GET', `${get}&response-content-type=text/html`)).code, 'SignatureDoesNotMatch')
  const shown = presigned(key, { method: 'GET', path: '/first/signed', query: 'response-content-type=text%2Fx' })
  assert.equal((await by('GET', shown)).headers['content-type'], 'text/x')
  const put = presigned(key, { method: 'PUT', path: '/first/by-url' })
  assert.equal((await by('PUT', put, { 'x-amz-copy-source': '/first/signed' })).code, 'AccessDenied')
  assert.equal((await by('PUT', put, { 'x-amz-acl': 'public-read' }, 'x')).code, 'AccessDenied')
  assert.equal((await by('PUT', put, { 'x-copy-from': '/first/signed' }, 'own')).status, 200)
  assert.equal((await own.ask('GET', '/first/by-url')).text, 'own')
  assert.equal(
    (await by('GET', presigned({ ...key, nowMs: () => cloud.clock.nowMs() - 61_000 }, { method: 'GET', path: '/first/signed' }))).code,
    'AccessDenied',
  )
})

test('nobody, and others, get nothing; what is missing is told only to who may list', async () => {
  await own.ask('PUT', '/first/private', { body: 'x' })
  for (const target of ['/first/private', '/first/none', '/first', '/']) {
    assert.equal((await own.ask('GET', target, { anonymous: true })).status, 403, target)
  }
  for (const target of ['/first/private', '/first/none', '/first', '/first?uploads'])
    assert.equal((await other.ask('GET', target)).code, 'AccessDenied', target)
  assert.equal((await other.ask('PUT', '/first/x', { body: 'x' })).code, 'AccessDenied')
  assert.equal((await other.ask('DELETE', '/first/private')).code, 'AccessDenied')
  assert.equal((await other.ask('PUT', '/first/x', { headers: { 'x-amz-copy-source': '/first/private' } })).code, 'AccessDenied')
  await other.ask('PUT', '/theirs')
  assert.equal((await other.ask('PUT', '/theirs/x', { headers: { 'x-amz-copy-source': '/first/private' } })).code, 'AccessDenied')
  const refused = await own.ask('GET', '/first?delete', { headers: {} })
  assert.equal(refused.code, 'NotImplemented')
})

test('conditions: reads by RFC 9110, writes and deletes as compare-and-set', async () => {
  const etag = String((await own.ask('PUT', '/first/cond', { body: 'x' })).headers['etag'])
  const get = async (headers: Record<string, string>) => (await own.ask('GET', '/first/cond', { headers })).status
  assert.equal(await get({ 'if-match': etag }), 200)
  assert.equal(await get({ 'if-match': '"other"' }), 412)
  assert.equal(await get({ 'if-none-match': etag }), 304)
  assert.equal(await get({ 'if-none-match': '*' }), 304)
  assert.equal(await get({ 'if-modified-since': new Date(Date.now() + 5_000).toUTCString() }), 304)
  assert.equal(await get({ 'if-modified-since': new Date(Date.now() + 5_000).toUTCString(), 'if-none-match': '"other"' }), 200)
  assert.equal(await get({ 'if-unmodified-since': new Date(0).toUTCString() }), 412)
  assert.equal(await get({ 'if-unmodified-since': new Date(0).toUTCString(), 'if-match': etag }), 200)
  const put = async (key: string, headers: Record<string, string>) => {
    const { status, code } = await own.ask('PUT', `/first/${key}`, { body: 'y', headers })
    return code ?? status
  }
  assert.equal(await put('cond', { 'if-none-match': '*' }), 'PreconditionFailed')
  assert.equal(await put('cond', { 'if-match': '"other"' }), 'PreconditionFailed')
  assert.equal(await put('none', { 'if-match': etag }), 'NoSuchKey')
  assert.equal(await put('cond', { 'if-match': etag }), 200)
  assert.equal(await put('cond-new', { 'if-none-match': '*' }), 200)
  assert.equal((await own.ask('DELETE', '/first/cond', { headers: { 'if-match': etag } })).code, 'PreconditionFailed')
  assert.equal((await own.ask('DELETE', '/first/cond', { headers: { 'x-amz-if-match-size': '1' } })).status, 204)
})

test('of a hundred writers with If-None-Match one wins', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => own.ask('PUT', '/first/race', { body: `writer ${n}`, headers: { 'if-none-match': '*' } })),
  )
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.equal(answers.filter(({ status }) => status === 412).length, 19)
})

test('listings: both versions, delimiter, pages, tokens, encoding, limits', async () => {
  await own.ask('PUT', '/listed')
  const keys = ['a', 'b/1', 'b/2', 'c d', 'c+d', 'é', '\u0001', '😀']
  for (const key of keys) assert.equal((await own.ask('PUT', `/listed/${encodeURIComponent(key)}`, { body: key })).status, 200)
  const list = async (query: string) => (await own.ask('GET', `/listed?${query}`)).text
  const whole = await list('list-type=2')
  assert.deepEqual(tags(whole, 'Key'), ['&#x1;', 'a', 'b/1', 'b/2', 'c d', 'c+d', 'é', '😀'])
  assert.deepEqual(tags(whole, 'KeyCount'), ['8'])
  assert.deepEqual(tags(await list('encoding-type=url'), 'Key'), ['%01', 'a', 'b/1', 'b/2', 'c%20d', 'c%2Bd', '%C3%A9', '%F0%9F%98%80'])
  const folded = await list('delimiter=/&max-keys=3')
  assert.deepEqual([tags(folded, 'Key'), tags(folded, 'IsTruncated'), tags(folded, 'NextMarker')], [['&#x1;', 'a'], ['true'], ['b/']])
  assert.deepEqual(tags(await list('delimiter=/&marker=b/'), 'Key'), ['c d', 'c+d', 'é', '😀'])
  assert.deepEqual(tags(await list('max-keys=2'), 'NextMarker'), [])
  const seen: string[] = []
  for (let token = ''; ;) {
    const page = await list(`list-type=2&max-keys=3&start-after=a${token === '' ? '' : `&continuation-token=${encodeURIComponent(token)}`}`)
    seen.push(...tags(page, 'Key'))
    token = tags(page, 'NextContinuationToken')[0] ?? ''
    if (token === '') break
  }
  assert.deepEqual(seen, ['b/1', 'b/2', 'c d', 'c+d', 'é', '😀'])
  const none = await list('list-type=2&max-keys=0')
  assert.deepEqual([tags(none, 'IsTruncated'), tags(none, 'KeyCount')], [['false'], ['0']])
  assert.deepEqual(tags(await list('max-keys=5000'), 'MaxKeys'), ['5000'])
  for (const query of [
    'max-keys=-1',
    'max-keys=x',
    'encoding-type=x',
    'list-type=2&continuation-token=',
    'list-type=2&continuation-token=*',
  ]) {
    assert.equal((await own.ask('GET', `/listed?${query}`)).code, 'InvalidArgument', query)
  }
  assert.equal(tags(await list('list-type=2'), 'ID').length, 0)
  assert.equal(tags(await list('list-type=2&fetch-owner=true'), 'ID')[0], own.projectId)
})

test('a copy takes metadata along or replaces it; onto itself it must change something', async () => {
  await own
    .ask('PUT', '/first/source é', { body: 'bytes', headers: { 'x-amz-meta-a': '1', 'content-type': 'text/x' } })
    .catch(() => undefined)
  await own.ask('PUT', '/first/source%20%C3%A9', { body: 'bytes', headers: { 'x-amz-meta-a': '1', 'content-type': 'text/x' } })
  const source = { 'x-amz-copy-source': '/first/source%20%C3%A9' }
  const copy = await own.ask('PUT', '/first/copy', { headers: { ...source, 'content-type': 'text/ignored' } })
  assert.equal(copy.status, 200, copy.text)
  assert.match(copy.text, /<ETag>&quot;/)
  const kept = await own.ask('GET', '/first/copy')
  assert.deepEqual([kept.text, kept.headers['content-type'], kept.headers['x-amz-meta-a']], ['bytes', 'text/x', '1'])
  await own.ask('PUT', '/first/copy', { headers: { ...source, 'x-amz-metadata-directive': 'REPLACE', 'x-amz-meta-b': '2' } })
  const replaced = await own.ask('GET', '/first/copy')
  assert.deepEqual(
    [replaced.headers['content-type'], replaced.headers['x-amz-meta-a'], replaced.headers['x-amz-meta-b']],
    ['binary/octet-stream', undefined, '2'],
  )
  const self = { 'x-amz-copy-source': '/first/copy' }
  assert.equal((await own.ask('PUT', '/first/copy', { headers: self })).code, 'InvalidRequest')
  assert.equal((await own.ask('PUT', '/first/copy', { headers: { ...self, 'x-amz-metadata-directive': 'REPLACE' } })).status, 200)
  assert.equal((await own.ask('PUT', '/first/copy', { headers: { 'x-amz-copy-source': '/first/none' } })).code, 'NoSuchKey')
  assert.equal(
    (await own.ask('PUT', '/first/copy', { headers: { ...source, 'x-amz-copy-source-if-none-match': `"${md5('bytes')}"` } })).code,
    'PreconditionFailed',
  )
  assert.equal((await own.ask('PUT', '/first/copy', { headers: { ...source, range: 'bytes=0-1' } })).code, 'InvalidRequest')
})

test('DeleteObjects: each by itself, quiet or not, bounded, with a digest', async () => {
  for (const key of ['d1', 'd2']) await own.ask('PUT', `/first/${key}`, { body: key })
  const body = '<Delete><Object><Key>d1</Key></Object><Object><Key>d2</Key></Object><Object><Key>none</Key></Object></Delete>'
  const digest = (text: string) => ({ 'content-md5': createHash('md5').update(text).digest('base64') })
  assert.equal((await own.ask('POST', '/first?delete', { body })).code, 'InvalidRequest')
  assert.equal((await other.ask('POST', '/first?delete', { body, headers: digest(body) })).text.match(/AccessDenied/g)?.length, 3)
  const answer = await own.ask('POST', '/first?delete', { body, headers: digest(body) })
  assert.deepEqual(tags(answer.text, 'Key'), ['d1', 'd2', 'none'])
  const quiet = body.replace('<Delete>', '<Delete><Quiet>true</Quiet>')
  assert.deepEqual(tags((await own.ask('POST', '/first?delete', { body: quiet, headers: digest(quiet) })).text, 'Key'), [])
  const many = `<Delete>${'<Object><Key>k</Key></Object>'.repeat(1_001)}</Delete>`
  assert.equal((await own.ask('POST', '/first?delete', { body: many, headers: digest(many) })).code, 'MalformedXML')
  const evil = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&x;</Key></Object></Delete>'
  assert.equal((await own.ask('POST', '/first?delete', { body: evil, headers: digest(evil) })).code, 'MalformedXML')
})

const begin = async (key: string, headers: Record<string, string> = {}): Promise<string> =>
  tags((await own.ask('POST', `/first/${key}?uploads`, { headers })).text, 'UploadId')[0] ?? ''
const completion = (parts: { number: number; etag: string }[]): string =>
  `<CompleteMultipartUpload>${parts.map(({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`).join('')}</CompleteMultipartUpload>`

test('an upload in parts becomes one object, and completing it twice is answered twice', async () => {
  const id = await begin('parts', { 'content-type': 'text/x', 'x-amz-meta-a': '1' })
  const bodies = [Buffer.alloc(5 * 1_048_576, 'a'), Buffer.from('tail')]
  const parts: { number: number; etag: string }[] = []
  for (const [at, body] of bodies.entries()) {
    const number = at * 7 + 1
    const put = await own.ask('PUT', `/first/parts?partNumber=${number}&uploadId=${id}`, { body })
    assert.equal(put.status, 200, put.text)
    parts.push({ number, etag: String(put.headers['etag']) })
  }
  assert.deepEqual(tags((await own.ask('GET', `/first/parts?uploadId=${id}`)).text, 'PartNumber'), ['1', '8'])
  assert.deepEqual(tags((await own.ask('GET', '/first?uploads')).text, 'UploadId'), [id])
  assert.equal((await own.ask('HEAD', '/first/parts')).status, 404)
  const etag = `"${md5(Buffer.concat(bodies.map((body) => createHash('md5').update(body).digest())))}-2"`
  for (let round = 0; round < 2; round++) {
    const done = await own.ask('POST', `/first/parts?uploadId=${id}`, { body: completion(parts) })
    assert.equal(done.status, 200, done.text)
    assert.deepEqual(tags(done.text, 'ETag'), [etag.replaceAll('"', '&quot;')])
  }
  const got = await own.ask('GET', '/first/parts')
  assert.ok(got.body.equals(Buffer.concat(bodies)))
  assert.deepEqual([got.headers['etag'], got.headers['content-type'], got.headers['x-amz-meta-a']], [etag, 'text/x', '1'])
  const across = await own.ask('GET', '/first/parts', { headers: { range: 'bytes=5242878-5242881' } })
  assert.equal(across.text, 'aata')
  const second = await own.ask('GET', '/first/parts?partNumber=2')
  assert.deepEqual([second.status, second.text, second.headers['x-amz-mp-parts-count']], [206, 'tail', '2'])
  assert.equal((await own.ask('GET', '/first/parts?partNumber=3')).code, 'InvalidPartNumber')
  const head = await own.ask('HEAD', '/first/parts', { headers: { 'x-amz-checksum-mode': 'ENABLED' } })
  assert.equal(head.headers['x-amz-checksum-type'], 'FULL_OBJECT')
})

test('an upload refuses parts that are not there, small, out of order, or none, and ends when aborted', async () => {
  const id = await begin('refused')
  const put = async (number: number | string, body: string) =>
    own.ask('PUT', `/first/refused?partNumber=${number}&uploadId=${id}`, { body })
  const one = { number: 1, etag: String((await put(1, 'one')).headers['etag']) }
  const two = { number: 2, etag: String((await put(2, 'two')).headers['etag']) }
  const complete = async (parts: { number: number; etag: string }[]) =>
    (await own.ask('POST', `/first/refused?uploadId=${id}`, { body: completion(parts) })).code
  assert.equal(await complete([one, two]), 'EntityTooSmall')
  assert.equal(await complete([two, one]), 'InvalidPartOrder')
  assert.equal(await complete([one, { number: 3, etag: one.etag }]), 'InvalidPart')
  assert.equal(await complete([{ ...one, etag: two.etag }]), 'InvalidPart')
  assert.equal(await complete([]), 'MalformedXML')
  for (const number of ['0', '10001', 'x', '']) assert.equal((await put(number, 'x')).code, 'InvalidArgument', number)
  assert.equal((await own.ask('PUT', '/first/refused?partNumber=1&uploadId=none', { body: 'x' })).code, 'NoSuchUpload')
  assert.equal((await own.ask('DELETE', `/first/refused?uploadId=${id}`)).status, 204)
  assert.equal((await put(1, 'one')).code, 'NoSuchUpload')
  assert.equal((await own.ask('DELETE', `/first/refused?uploadId=${id}`)).code, 'NoSuchUpload')
})

test('a part may be copied from an object, or from a range of it', async () => {
  await own.ask('PUT', '/first/part-source', { body: '0123456789' })
  const id = await begin('part-target')
  const copied = async (number: number, headers: Record<string, string>) =>
    own.ask('PUT', `/first/part-target?partNumber=${number}&uploadId=${id}`, {
      headers: { 'x-amz-copy-source': 'first/part-source', ...headers },
    })
  assert.equal((await copied(1, { 'x-amz-copy-source-range': 'bytes=0-10' })).code, 'InvalidArgument')
  assert.equal((await copied(1, { 'x-amz-copy-source-range': 'bytes=5-' })).code, 'InvalidArgument')
  const etag = tags((await copied(1, { 'x-amz-copy-source-range': 'bytes=2-4' })).text, 'ETag')[0] ?? ''
  assert.equal(etag, `&quot;${md5('234')}&quot;`)
  await own.ask('POST', `/first/part-target?uploadId=${id}`, { body: completion([{ number: 1, etag }]) })
  assert.equal((await own.ask('GET', '/first/part-target')).text, '234')
})

test('checksums of parts: composite out of theirs, or of the whole object', async () => {
  const bodies = [Buffer.alloc(5 * 1_048_576, 'a').toString(), 'tail']
  for (const type of ['COMPOSITE', 'FULL_OBJECT']) {
    const id = await begin('sums', { 'x-amz-checksum-algorithm': 'CRC32', 'x-amz-checksum-type': type })
    let xml = ''
    for (const [at, body] of bodies.entries()) {
      const put = await own.ask('PUT', `/first/sums?partNumber=${at + 1}&uploadId=${id}`, {
        body,
        headers: { 'x-amz-checksum-crc32': crc(body) },
      })
      assert.equal(put.status, 200, put.text)
      xml += `<Part><PartNumber>${at + 1}</PartNumber><ETag>${String(put.headers['etag'])}</ETag><ChecksumCRC32>${crc(body)}</ChecksumCRC32></Part>`
    }
    const done = await own.ask('POST', `/first/sums?uploadId=${id}`, { body: `<CompleteMultipartUpload>${xml}</CompleteMultipartUpload>` })
    const raw = Buffer.alloc(4)
    raw.writeUInt32BE(crc32(Buffer.concat(bodies.map((body) => Buffer.from(crc(body), 'base64')))))
    assert.deepEqual(tags(done.text, 'ChecksumCRC32'), [type === 'COMPOSITE' ? `${raw.toString('base64')}-2` : crc(bodies.join(''))])
  }
  const id = await begin('sums', { 'x-amz-checksum-algorithm': 'SHA256' })
  assert.equal(
    (await own.ask('PUT', `/first/sums?partNumber=1&uploadId=${id}`, { body: 'x', headers: { 'x-amz-checksum-crc32': crc('x') } })).code,
    'InvalidRequest',
  )
  assert.equal(
    (
      await own.ask('POST', '/first/sums?uploads', {
        headers: { 'x-amz-checksum-algorithm': 'SHA256', 'x-amz-checksum-type': 'FULL_OBJECT' },
      })
    ).code,
    'InvalidRequest',
  )
})

test('what is not built says so', async () => {
  for (const target of [
    '/first?replication',
    '/first?logging',
    '/first?inventory',
    '/first/x?torrent',
    '/first/x?restore',
    '/first?requestPayment',
  ]) {
    assert.equal((await own.ask('GET', target)).code, 'NotImplemented', target)
  }
  assert.equal((await own.ask('PATCH', '/first/x')).code, 'MethodNotAllowed')
  assert.equal((await own.ask('DELETE', '/')).code, 'MethodNotAllowed')
})
