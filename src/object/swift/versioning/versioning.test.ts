import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startSwift, type SwiftCloud } from '../../../../test/support/swift.ts'

let swift: SwiftCloud
before(async () => {
  swift = await startSwift()
})
after(() => swift.stop())

const call = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
  swift.call(method, `/AUTH_p1/${path}`, { headers, ...(body === undefined ? {} : { body }) })
const write = (path: string, body: string) => call('PUT', path, {}, body)
const versions = async (container: string, query = '') => (await call('GET', `${container}?versions&format=json${query}`)).json

test('every write of a container that keeps versions has an id, and is read, listed and deleted by it', async () => {
  await call('PUT', 'v', { 'x-versions-enabled': 'true' })
  assert.equal((await call('HEAD', 'v')).headers['x-versions-enabled'], 'True')
  const ids = []
  for (const text of ['one', 'two!', 'three']) ids.push(String((await write('v/o', text)).headers['x-object-version-id']))
  assert.match(ids[0] ?? '', /^\d{10}\.\d{5}$/)
  const read = await call('GET', 'v/o')
  assert.deepEqual([read.text, read.headers['x-object-version-id']], ['three', ids[2]])
  const old = await call('GET', `v/o?version-id=${ids[0]}`)
  assert.deepEqual([old.text, old.headers['x-object-version-id']], ['one', ids[0]])
  const listed = await versions('v')
  assert.deepEqual(
    listed.map((version: Record<string, unknown>) => [version['name'], version['version_id'], version['is_latest'], version['bytes']]),
    [
      ['o', ids[2], true, 5],
      ['o', ids[1], false, 4],
      ['o', ids[0], false, 3],
    ],
  )
  assert.equal((await call('HEAD', 'v')).headers['x-container-bytes-used'], '12')
  const gone = await call('DELETE', `v/o?version-id=${ids[1]}`)
  assert.deepEqual([gone.status, gone.headers['x-object-version-id'], gone.headers['x-object-current-version-id']], [204, ids[1], ids[2]])
  assert.equal((await versions('v')).length, 2)
})

test('a deletion leaves a mark, and an old version can be current again', async () => {
  await call('PUT', 'm', { 'x-versions-enabled': 'true' })
  const first = String((await write('m/o', 'one')).headers['x-object-version-id'])
  const deleted = await call('DELETE', 'm/o')
  const marker = String(deleted.headers['x-object-version-id'])
  assert.equal(deleted.status, 204)
  assert.equal((await call('GET', 'm/o')).status, 404)
  const [mark] = await versions('m')
  assert.deepEqual([mark.version_id, mark.content_type, mark.is_latest], [marker, 'application/x-deleted;swift_versions_deleted=1', true])
  const byId = await call('GET', `m/o?version-id=${marker}`)
  assert.deepEqual([byId.status, byId.headers['content-type']], [404, 'application/x-deleted;swift_versions_deleted=1'])
  assert.equal((await call('PUT', `m/o?version-id=${first}`, {}, 'bytes')).status, 400)
  assert.equal((await call('PUT', `m/o?version-id=${first}`, {}, '')).status, 201)
  assert.equal((await call('GET', 'm/o')).text, 'one')
  assert.equal((await call('POST', `m/o?version-id=${first}`)).status, 400)
  assert.equal((await call('DELETE', 'm')).status, 409)
})

test('what was written before, or while versions are off, is the version null', async () => {
  await call('PUT', 'n')
  await write('n/o', 'before')
  await call('POST', 'n', { 'x-versions-enabled': 'true' })
  await write('n/o', 'during')
  assert.equal((await call('GET', 'n/o?version-id=null')).text, 'before')
  await call('POST', 'n', { 'x-versions-enabled': 'false' })
  assert.equal((await call('HEAD', 'n')).headers['x-versions-enabled'], 'False')
  await write('n/o', 'after')
  assert.deepEqual(
    (await versions('n')).map((version: Record<string, unknown>) => [version['version_id'] === 'null', version['is_latest']]),
    [
      [true, true],
      [false, false],
    ],
  )
})

test('pages of versions go on where the last one ended', async () => {
  await call('PUT', 'p', { 'x-versions-enabled': 'true' })
  for (const name of ['a', 'a', 'b', 'b', 'c']) await write(`p/${name}`, name)
  const all = await versions('p')
  const seen = []
  for (let marker = ''; ;) {
    const page = await versions('p', `&limit=2${marker}`)
    if (page.length === 0) break
    seen.push(...page)
    const last = page.at(-1)
    marker = `&marker=${last.name}&version_marker=${last.version_id}`
  }
  assert.deepEqual(seen, all)
  assert.equal((await call('GET', 'p?versions&format=json&version_marker=1')).status, 400)
  assert.equal((await call('GET', 'p?versions&format=json&delimiter=1')).status, 400)
  assert.equal((await call('GET', 'p?versions&format=xml')).status, 406)
})

test('a stack: old objects move to another container, and DELETE brings the last one back', async () => {
  await call('PUT', 'archive')
  await call('PUT', 's', { 'x-versions-location': 'archive' })
  assert.equal((await call('HEAD', 's')).headers['x-versions-location'], 'archive')
  await write('s/o', 'one')
  await write('s/o', 'two')
  const [kept] = (await call('GET', 'archive?format=json')).json
  assert.match(kept.name, /^001o\/\d{10}\.\d{5}$/)
  assert.equal((await call('GET', `archive/${kept.name}`)).text, 'one')
  await call('DELETE', 's/o')
  assert.equal((await call('GET', 's/o')).text, 'one')
  assert.equal((await call('GET', 'archive')).text, '')
  await call('DELETE', 's/o')
  assert.equal((await call('GET', 's/o')).status, 404)
})

test('a history: DELETE leaves a mark, and a way is given up by its header', async () => {
  await call('PUT', 'past')
  await call('PUT', 'h', { 'x-history-location': 'past' })
  await write('h/o', 'one')
  assert.equal((await call('DELETE', 'h/o')).status, 204)
  assert.equal((await call('GET', 'h/o')).status, 404)
  const types = (await call('GET', 'past?format=json')).json.map((row: Record<string, unknown>) => row['content_type'])
  assert.deepEqual(types, ['application/octet-stream', 'application/x-deleted;swift_versions_deleted=1'])
  await call('POST', 'h', { 'x-remove-history-location': 'x' })
  assert.equal((await call('HEAD', 'h')).headers['x-history-location'], undefined)
})

test('an ACL gives what is current, not older versions; what was not there is marked and missing', async () => {
  await call('PUT', 'shared', { 'x-versions-enabled': 'true', 'x-container-read': 'p2:*' })
  const id = String((await write('shared/o', 'one')).headers['x-object-version-id'])
  const stranger = (query: string) => swift.call('GET', `/AUTH_p1/shared/o${query}`, { as: 'member@p2' })
  assert.deepEqual([(await stranger('')).status, (await stranger(`?version-id=${id}`)).status], [200, 403])
  const missing = await call('DELETE', 'shared/none')
  assert.equal(missing.status, 404)
  assert.match(String(missing.headers['x-object-version-id']), /^\d{10}\./)
  assert.equal((await call('GET', 'shared?versions=None&format=json')).json.length, 2)
})

test('a stack whose archive is gone still deletes, and a deletion that a history marked can be undone by one', async () => {
  await call('PUT', 'undone-archive')
  await call('PUT', 'undone', { 'x-history-location': 'undone-archive' })
  await write('undone/o', 'one')
  await call('DELETE', 'undone/o')
  await call('POST', 'undone', { 'x-versions-location': 'undone-archive' })
  assert.equal((await call('DELETE', 'undone/o')).status, 204)
  assert.equal((await call('GET', 'undone/o')).text, 'one')
  await call('DELETE', 'undone-archive')
  assert.equal((await call('DELETE', 'undone/o')).status, 204)
  assert.equal((await call('DELETE', 'undone/o')).status, 404)
})

test('an archive that is missing refuses, one may be named percent-encoded', async () => {
  await call('PUT', 'lost', { 'x-versions-location': 'nowhere' })
  await write('lost/o', 'one')
  assert.equal((await write('lost/o', 'two')).status, 412)
  await call('PUT', '%C3%BC')
  await call('POST', 'lost', { 'x-versions-location': '%C3%BC' })
  assert.equal((await write('lost/o', 'two')).status, 201)
  assert.equal((await call('DELETE', 'plain-stack/o?version-id=null')).status, 404)
})

test('what nobody would do is refused: containers are not synced', async () => {
  const refused = await call('PUT', 'synced', { 'x-container-sync-to': '//realm/cluster/a/c', 'x-container-sync-key': 'k' })
  assert.equal(refused.status, 400)
  assert.equal((await call('HEAD', 'synced')).status, 404)
})

test('a container keeps versions in one way only', async () => {
  assert.equal((await call('PUT', 'both', { 'x-versions-location': 'a', 'x-history-location': 'b' })).status, 400)
  await call('PUT', 'old', { 'x-versions-location': 'archive' })
  assert.equal((await call('POST', 'old', { 'x-versions-enabled': 'true' })).status, 400)
  await call('PUT', 'new', { 'x-versions-enabled': 'true' })
  assert.equal((await call('POST', 'new', { 'x-versions-location': 'archive' })).status, 400)
  assert.equal((await call('POST', 'new', { 'x-container-sync-to': 'http://x/v1/a/c' })).status, 400)
  await call('PUT', 'plain')
  await write('plain/o', 'x')
  assert.equal((await call('GET', 'plain/o?version-id=1234567890.12345')).status, 400)
})

test('a container’s list lets others read what is current, and no version by its id', async () => {
  await call('PUT', 'shared', { 'x-versions-enabled': 'true', 'x-container-read': 'p2:*', 'x-container-write': 'p2:*' })
  const id = String((await write('shared/o', 'x')).headers['x-object-version-id'])
  const other = async (method: string, query = '') => (await swift.call(method, `/AUTH_p1/shared/o${query}`, { as: 'member@p2' })).status
  assert.equal(await other('GET'), 200)
  assert.equal(await other('GET', `?version-id=${id}`), 403)
  assert.equal(await other('DELETE', `?version-id=${id}`), 403)
  assert.equal((await swift.call('GET', `/AUTH_p1/shared/o?version-id=${id}`, { as: 'reader@p1' })).status, 200)
})
