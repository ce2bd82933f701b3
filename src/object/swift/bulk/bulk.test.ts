import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { startSwift, type SwiftCloud } from '../../../../test/support/swift.ts'

let swift: SwiftCloud
before(async () => {
  swift = await startSwift()
  await swift.call('PUT', '/AUTH_p1/c')
})
after(() => swift.stop())

async function archive(entries: [name: string, text: string, pax?: Record<string, string>][]): Promise<Buffer> {
  const made = pack()
  for (const [name, text, pax] of entries) made.entry({ name, ...(pax && { pax }) }, text)
  made.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of made) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

const json = { accept: 'application/json' }
const listing = async (container: string) => (await swift.call('GET', `/AUTH_p1/${container}`)).text.trimEnd().split('\n')

test('names are deleted, objects first, and what became of them stands in the body', async () => {
  await swift.call('PUT', '/AUTH_p1/gone')
  for (const name of ['a', 'ü%b']) await swift.call('PUT', `/AUTH_p1/gone/${encodeURIComponent(name)}`, { body: 'x' })
  const done = await swift.call('POST', '/AUTH_p1?bulk-delete', {
    body: 'gone\n/gone/a\ngone/%C3%BC%25b\ngone/none\n',
    headers: { ...json, 'content-type': 'text/plain' },
  })
  assert.equal(done.status, 200)
  assert.deepEqual(done.json, { 'Response Status': '200 OK', 'Response Body': '', 'Number Deleted': 3, 'Number Not Found': 1, Errors: [] })
  assert.equal((await swift.call('HEAD', '/AUTH_p1/gone')).status, 404)
})

test('what cannot be deleted is named', async () => {
  await swift.call('PUT', '/AUTH_p1/full/x').catch(() => undefined)
  await swift.call('PUT', '/AUTH_p1/full')
  await swift.call('PUT', '/AUTH_p1/full/x', { body: 'x' })
  const done = await swift.call('DELETE', '/AUTH_p1?bulk-delete=1', { body: 'full\nc/%FF', headers: json })
  assert.equal(done.json['Response Status'], '400 Bad Request')
  assert.deepEqual(done.json.Errors, [
    ['c/%25FF', '412 Precondition Failed'],
    ['full', '409 Conflict'],
  ])
  const stranger = await swift.call('POST', '/AUTH_p1?bulk-delete', { as: 'member@p2', body: 'full/x', headers: json })
  assert.deepEqual(stranger.json.Errors, [['full/x', '403 Forbidden']])
  assert.equal(
    (await swift.call('POST', '/AUTH_p1?bulk-delete', { body: '', headers: json })).json['Response Body'],
    'Invalid bulk delete.',
  )
  const xml = await swift.call('POST', '/AUTH_p1?bulk-delete', { body: 'c/none', headers: { accept: 'application/xml' } })
  assert.match(xml.text, /^<delete>\n<number_deleted>0<\/number_deleted>\n<number_not_found>1</)
  const typed = await swift.call('POST', '/AUTH_p1?bulk-delete', {
    body: 'c/none',
    headers: { ...json, 'content-type': 'application/json' },
  })
  assert.equal(typed.json['Response Status'], '406 Not Acceptable')
})

test('an archive’s files become objects, in containers that are made for them', async () => {
  const bytes = await archive([
    ['./one/a.txt', 'first', { 'SCHILY.xattr.user.meta.Colour': 'blue', 'SCHILY.xattr.user.mime_type': 'text/special' }],
    ['two/../../b', 'second'],
    ['base', 'in no container'],
  ])
  const done = await swift.call('PUT', '/AUTH_p1?extract-archive=tar', { body: bytes, headers: { ...json, 'x-object-meta-all': 'yes' } })
  assert.equal(done.status, 200)
  assert.deepEqual(done.json, { 'Response Status': '201 Created', 'Response Body': '', 'Number Files Created': 2, Errors: [] })
  const first = await swift.call('GET', '/AUTH_p1/one/a.txt')
  assert.deepEqual(
    [first.text, first.headers['content-type'], first.headers['x-object-meta-colour'], first.headers['x-object-meta-all']],
    ['first', 'text/special', 'blue', 'yes'],
  )
  assert.deepEqual(await listing('two'), ['../../b'])
})

test('an archive goes below a path, packed or not', async () => {
  const bytes = await archive([
    ['x/a', 'x'.repeat(200_000)],
    ['b', 'y'],
  ])
  const done = await swift.call('PUT', '/AUTH_p1/into/dir?extract-archive=tar.gz', { body: gzipSync(bytes) })
  assert.match(done.text, /Number Files Created: 2\n/)
  assert.deepEqual(await listing('into'), ['dir/b', 'dir/x/a'])
})

test('what is no archive, or no kind of one, is told', async () => {
  assert.equal((await swift.call('PUT', '/AUTH_p1/c?extract-archive=zip', { body: 'x' })).status, 400)
  const wrong = await swift.call('PUT', '/AUTH_p1/c?extract-archive=tar.bz2', { body: 'hello', headers: json })
  assert.equal(wrong.json['Response Status'], '400 Bad Request')
  assert.match(wrong.json['Response Body'], /^Invalid Tar File: /)
  const stranger = await swift.call('PUT', '/AUTH_p1?extract-archive=tar', { as: null, body: await archive([['c/x', 'x']]), headers: json })
  assert.equal(stranger.json['Response Status'], '401 Unauthorized')
  assert.equal((await swift.call('HEAD', '/AUTH_p1/c/x')).status, 404)
})

test('a file that is refused does not stop those behind it', async () => {
  const bytes = await archive([
    [`c/${'n'.repeat(1025)}`, 'x'.repeat(100_000)],
    ['c/after', 'ok'],
  ])
  const done = await swift.call('PUT', '/AUTH_p1?extract-archive=tar', { body: bytes, headers: json })
  assert.deepEqual([done.json['Number Files Created'], done.json.Errors[0][1]], [1, '400 Bad Request'])
})
