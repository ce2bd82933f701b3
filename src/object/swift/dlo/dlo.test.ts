import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { startSwift, type SwiftCloud } from '../../../../test/support/swift.ts'

let swift: SwiftCloud
const md5 = (text: string) => createHash('md5').update(text).digest('hex')

before(async () => {
  swift = await startSwift()
  for (const container of ['c', 'segs ü']) await swift.call('PUT', `/AUTH_p1/${encodeURIComponent(container)}`)
  for (const name of ['a', 'b', 'c']) await swift.call('PUT', `/AUTH_p1/segs%20%C3%BC/x/${name}`, { body: name.repeat(10) })
})
after(() => swift.stop())

const manifest = (path: string, value: string, body = '') =>
  swift.call('PUT', `/AUTH_p1/${path}`, { body, headers: { 'x-object-manifest': value, 'x-object-meta-m': 'n' } })

test('a manifest is read as what lies under its prefix', async () => {
  assert.equal((await manifest('c/o', 'segs%20%C3%BC/x/')).status, 201)
  const read = await swift.call('GET', '/AUTH_p1/c/o')
  assert.equal(read.text, `${'a'.repeat(10)}${'b'.repeat(10)}${'c'.repeat(10)}`)
  assert.equal(read.headers.etag, `"${md5(['a', 'b', 'c'].map((name) => md5(name.repeat(10))).join(''))}"`)
  assert.deepEqual(
    [read.headers['x-object-manifest'], read.headers['x-object-meta-m'], read.headers['content-length']],
    ['segs%20%C3%BC/x/', 'n', '30'],
  )
  const range = await swift.call('GET', '/AUTH_p1/c/o', { headers: { range: 'bytes=8-21' } })
  assert.deepEqual([range.status, range.text], [206, 'aabbbbbbbbbbcc'])
  assert.equal((await swift.call('GET', '/AUTH_p1/c/o', { headers: { range: 'bytes=0-1,4-5' } })).status, 200)
  assert.equal((await swift.call('HEAD', '/AUTH_p1/c/o')).headers['content-length'], '30')
})

test('asked for as itself it is its own bytes', async () => {
  await manifest('c/itself', 'segs%20%C3%BC/x/', 'own')
  const read = await swift.call('GET', '/AUTH_p1/c/itself?multipart-manifest=get')
  assert.deepEqual([read.text, read.headers.etag], ['own', md5('own')])
})

test('a copy has the bytes, or is another manifest', async () => {
  await manifest('c/from', 'segs%20%C3%BC/x/')
  await swift.call('COPY', '/AUTH_p1/c/from', { headers: { destination: 'c/bytes' } })
  const bytes = await swift.call('HEAD', '/AUTH_p1/c/bytes')
  assert.deepEqual(
    [bytes.headers['content-length'], bytes.headers['x-object-manifest'], bytes.headers['x-object-meta-m']],
    ['30', undefined, 'n'],
  )
  await swift.call('COPY', '/AUTH_p1/c/from?multipart-manifest=get', { headers: { destination: 'c/manifest' } })
  assert.equal((await swift.call('HEAD', '/AUTH_p1/c/manifest')).headers['x-object-manifest'], 'segs%20%C3%BC/x/')
})

test('POST drops the manifest when it does not say it again', async () => {
  await manifest('c/posted', 'segs%20%C3%BC/x/')
  await swift.call('POST', '/AUTH_p1/c/posted', { headers: { 'x-object-manifest': 'segs%20%C3%BC/x/a' } })
  assert.equal((await swift.call('HEAD', '/AUTH_p1/c/posted')).headers['content-length'], '10')
  await swift.call('POST', '/AUTH_p1/c/posted')
  assert.equal((await swift.call('HEAD', '/AUTH_p1/c/posted')).headers['content-length'], '0')
})

test('what is no manifest is refused; a prefix without objects is an empty object, a container that is missing 404', async () => {
  for (const wrong of ['c', 'c/', '/c/x', 'c/x?y', 'c/x&y']) assert.equal((await manifest('c/wrong', wrong)).status, 400, wrong)
  await manifest('c/empty', 'c/nothing-begins-so')
  const empty = await swift.call('GET', '/AUTH_p1/c/empty')
  assert.deepEqual([empty.status, empty.text], [200, ''])
  await manifest('c/nowhere', 'none/x')
  assert.equal((await swift.call('GET', '/AUTH_p1/c/nowhere')).status, 404)
})

test('a manifest that lies under its own prefix counts with its own bytes', async () => {
  await manifest('c/self/1', 'c/self/', 'own')
  assert.equal((await swift.call('GET', '/AUTH_p1/c/self/1')).text, 'own')
})
