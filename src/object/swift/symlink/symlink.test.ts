import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { startSwift, type SwiftCloud } from '../../../../test/support/swift.ts'

let swift: SwiftCloud
const md5 = (text: string) => createHash('md5').update(text).digest('hex')

before(async () => {
  swift = await startSwift()
  for (const container of ['c', 'private']) await swift.call('PUT', `/AUTH_p1/${container}`)
  await swift.call('PUT', '/AUTH_p1/c/target', { body: 'hello', headers: { 'x-object-meta-a': 'b', 'content-type': 'text/x' } })
})
after(() => swift.stop())

const link = (path: string, headers: Record<string, string>, body = '') => swift.call('PUT', `/AUTH_p1/${path}`, { body, headers })

test('a link is read as its target, and as itself', async () => {
  assert.equal((await link('c/l', { 'x-symlink-target': 'c/target' })).status, 201)
  const read = await swift.call('GET', '/AUTH_p1/c/l', { headers: { range: 'bytes=1-2' } })
  assert.deepEqual([read.status, read.text, read.headers['x-object-meta-a']], [206, 'el', 'b'])
  assert.equal(read.headers['content-location'], '/v1/AUTH_p1/c/target')
  const itself = await swift.call('HEAD', '/AUTH_p1/c/l?symlink=get')
  assert.deepEqual(
    [itself.headers['x-symlink-target'], itself.headers['content-length'], itself.headers['content-type']],
    ['c/target', '0', 'application/symlink'],
  )
  const listed = (await swift.call('GET', '/AUTH_p1/c?format=json&prefix=l')).json[0]
  assert.deepEqual([listed.symlink_path, listed.bytes], ['/v1/AUTH_p1/c/target', 0])
})

test('what is no target is refused', async () => {
  assert.equal((await link('c/x', { 'x-symlink-target': 'c/target' }, 'bytes')).status, 400)
  assert.equal((await link('c/x', { 'x-symlink-target': 'c/x' })).status, 400)
  for (const wrong of ['', 'c', '/c/target', 'c/']) assert.equal((await link('c/x', { 'x-symlink-target': wrong })).status, 412, wrong)
})

test('a static link holds for the object that it was made for', async () => {
  await swift.call('PUT', '/AUTH_p1/c/fixed', { body: 'one' })
  assert.equal((await link('c/s', { 'x-symlink-target': 'c/fixed', 'x-symlink-target-etag': md5('two') })).status, 409)
  assert.equal((await link('c/s', { 'x-symlink-target': 'c/none', 'x-symlink-target-etag': md5('two') })).status, 409)
  assert.equal((await link('c/s', { 'x-symlink-target': 'c/fixed', 'x-symlink-target-etag': md5('one') })).status, 201)
  assert.equal((await swift.call('GET', '/AUTH_p1/c/s')).text, 'one')
  const listed = (await swift.call('GET', '/AUTH_p1/c?format=json&prefix=s')).json[0]
  assert.deepEqual([listed.symlink_etag, listed.symlink_bytes], [md5('one'), 3])
  await swift.call('PUT', '/AUTH_p1/c/fixed', { body: 'two' })
  assert.equal((await swift.call('GET', '/AUTH_p1/c/s')).status, 409)
  await swift.call('DELETE', '/AUTH_p1/c/fixed')
  assert.equal((await swift.call('GET', '/AUTH_p1/c/s')).status, 404)
})

test('two links are followed, a third is too many', async () => {
  await link('c/l1', { 'x-symlink-target': 'c/target' })
  await link('c/l2', { 'x-symlink-target': 'c/l1' })
  await link('c/l3', { 'x-symlink-target': 'c/l2' })
  assert.equal((await swift.call('GET', '/AUTH_p1/c/l2')).text, 'hello')
  assert.equal((await swift.call('GET', '/AUTH_p1/c/l3')).status, 409)
})

test('POST changes the link, and says where the target is', async () => {
  await link('c/posted', { 'x-symlink-target': 'c/target' })
  const posted = await swift.call('POST', '/AUTH_p1/c/posted', { headers: { 'x-object-meta-mine': 'x' } })
  assert.deepEqual([posted.status, posted.headers.location], [307, '/object/v1/AUTH_p1/c/target'])
  const itself = await swift.call('HEAD', '/AUTH_p1/c/posted?symlink=get')
  assert.deepEqual([itself.headers['x-object-meta-mine'], itself.headers['x-symlink-target']], ['x', 'c/target'])
  assert.equal((await swift.call('HEAD', '/AUTH_p1/c/target')).headers['x-object-meta-a'], 'b')
})

test('a copy is the target’s bytes, or with symlink=get another link', async () => {
  await link('c/from', { 'x-symlink-target': 'c/target' })
  assert.equal((await swift.call('COPY', '/AUTH_p1/c/from', { headers: { destination: 'c/bytes' } })).status, 201)
  assert.equal((await swift.call('HEAD', '/AUTH_p1/c/bytes?symlink=get')).headers['content-length'], '5')
  assert.equal((await swift.call('COPY', '/AUTH_p1/c/from?symlink=get', { headers: { destination: 'c/link' } })).status, 201)
  assert.equal((await swift.call('HEAD', '/AUTH_p1/c/link?symlink=get')).headers['x-symlink-target'], 'c/target')
})

test('who may read the link but not its target reads nothing', async () => {
  await swift.call('PUT', '/AUTH_p1/private/o', { body: 'secret' })
  await swift.call('POST', '/AUTH_p1/c', { headers: { 'x-container-read': '.r:*' } })
  await link('c/out', { 'x-symlink-target': 'private/o' })
  assert.equal((await swift.call('GET', '/AUTH_p1/c/out', { as: null })).status, 401)
  assert.equal((await swift.call('GET', '/AUTH_p1/c/out', { as: 'member@p2' })).status, 403)
})
