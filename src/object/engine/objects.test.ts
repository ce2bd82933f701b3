// What acts on objects leave in the rows: objects, versions, bytes, counters and lines, on both engines.
import assert from 'node:assert/strict'
import { bodyOf, by, testEngine, type TestEngine } from '../../../test/support/objects.ts'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { eventsOf } from '../../platform/events.ts'
import { blobFetch } from '../store/blobs.ts'
import type { ObjectSystem, Versioning } from '../store/tables.ts'
import {
  accountFind,
  accountUpdate,
  bodyLimit,
  containerDelete,
  containerFind,
  containerPut,
  containerUpdate,
  newestMarker,
  objectCopy,
  objectDelete,
  objectFind,
  objectPut,
  objectUpdate,
  objectsExpire,
  objectsList,
  containersList,
  versionId,
  type Conditions,
} from './index.ts'

const account = 'acc'
const draft = { contentType: 'text/plain', metadata: {}, system: {} }

async function container(engine: TestEngine, name: string, more: { set?: Record<string, string>; versioning?: Versioning } = {}) {
  return (await containerPut(engine, { by, account, name, ...more })).container
}

const put = (engine: TestEngine, of: string, name: string, text: string, more: { conditions?: Conditions; quotaExempt?: boolean } = {}) =>
  objectPut(engine, { by, account, container: of, name, ...draft, body: bodyOf(text), ...more })

const remove = (engine: TestEngine, of: string, name: string, version?: number | 'null') =>
  objectDelete(engine, { by, account, container: of, name, version })

const names = async (engine: TestEngine, of: { id: string }) =>
  (await objectsList(engine, of, { limit: 100 })).entries.map((entry) => ('row' in entry ? entry.row.name : entry.subdir))

const refused = (kind: string, facts?: Record<string, unknown>) => (error: { kind?: string; facts?: Record<string, unknown> }) => {
  assert.equal(error.kind, kind, String(error))
  for (const [name, value] of Object.entries(facts ?? {})) assert.equal(error.facts?.[name], value)
  return true
}

forEachDialect('an object is written, found, listed and deleted, and its bytes and counters follow', async (store) => {
  const engine = await testEngine(store)
  assert.equal(await accountFind(engine, account), undefined)
  const { created } = await containerPut(engine, { by, account, name: 'c', set: { 'x-container-meta-a': 'b' } })
  assert.equal(created, true)
  assert.equal((await containerPut(engine, { by, account, name: 'c' })).created, false)
  const of = await container(engine, 'c')
  assert.deepEqual(of.metadata, { 'x-container-meta-a': 'b' })
  const first = await put(engine, 'c', 'ä/1', 'hello')
  const second = await put(engine, 'c', 'ä/1', 'hello!')
  assert.equal(second.replaced?.etag, first.object.etag)
  assert.ok(second.object.version_us > first.object.version_us)
  assert.equal(second.object.version_us % 10, 0)
  assert.equal((await blobFetch(store, first.object.blob_id ?? ''))?.state, 'garbage')
  const counted = async () => {
    const { object_count, bytes_used } = (await containerFind(engine, account, 'c')) ?? assert.fail()
    const { object_count: objects, bytes_used: bytes, container_count } = (await accountFind(engine, account)) ?? assert.fail()
    return { object_count, bytes_used, objects, bytes, container_count }
  }
  assert.deepEqual(await counted(), { object_count: 1, bytes_used: 6, objects: 1, bytes: 6, container_count: 1 })
  assert.deepEqual(await names(engine, of), ['ä/1'])
  assert.equal((await objectFind(engine, of, 'ä/1'))?.bytes, 6)
  await assert.rejects(containerDelete(engine, { by, account, name: 'c' }), refused('not-empty'))
  assert.equal((await remove(engine, 'c', 'ä/1')).removed?.bytes, 6)
  assert.deepEqual(await remove(engine, 'c', 'ä/1'), {})
  assert.deepEqual(await counted(), { object_count: 0, bytes_used: 0, objects: 0, bytes: 0, container_count: 1 })
  await containerDelete(engine, { by, account, name: 'c' })
  await assert.rejects(put(engine, 'c', 'x', 'lost'), refused('no-container'))
  assert.equal(engine.discarded.length, 1)
  assert.equal((await accountFind(engine, account))?.container_count, 0)
  const lines = await eventsOf(store, 'acc/c/ä/1')
  assert.deepEqual(
    lines.map(({ action, user_id, request_id, project_id }) => [action, user_id, request_id, project_id]),
    ['delete', 'create', 'create'].map((action) => [action, 'user', 'req-test', 'acc']),
  )
})

forEachDialect('conditions are compared in the transaction that writes', async (store) => {
  const engine = await testEngine(store)
  await container(engine, 'c')
  const none = { conditions: { ifNoneMatch: '*' as const } }
  const tries = await Promise.allSettled(Array.from({ length: 8 }, (_, n) => put(engine, 'c', 'lock', `holder ${n}`, none)))
  assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1, 'one of eight gets the lock')
  assert.equal(engine.discarded.length, 7)
  const { object } = await put(engine, 'c', 'o', 'one')
  await assert.rejects(
    put(engine, 'c', 'o', 'two', { conditions: { ifMatch: ['0'] } }),
    refused('precondition', { condition: 'if-match', exists: true }),
  )
  await assert.rejects(put(engine, 'c', 'none', 'two', { conditions: { ifMatch: '*' } }), refused('precondition', { exists: false }))
  await put(engine, 'c', 'o', 'two', { conditions: { ifMatch: [object.etag] } })
  const guard = () => assert.fail('what a door refuses by itself')
  await assert.rejects(objectPut(engine, { by, account, container: 'c', name: 'o', ...draft, body: bodyOf('x'), guard }), /by itself/)
  assert.equal(engine.discarded.length, 10, 'whatever refused it, its bytes are gone')
  const wrong = objectDelete(engine, { by, account, container: 'c', name: 'o', conditions: { ifBytes: 4 } })
  await assert.rejects(wrong, refused('precondition', { condition: 'if-bytes' }))
})

forEachDialect('quotas hold to the byte and to the object, for containers and accounts', async (store) => {
  const engine = await testEngine(store)
  await container(engine, 'c', { set: { 'x-container-meta-quota-bytes': '10', 'x-container-meta-quota-count': '2' } })
  await put(engine, 'c', 'a', '12345')
  await assert.rejects(put(engine, 'c', 'b', '123456'), refused('quota', { which: 'bytes', of: 'container', limit: 10 }))
  await put(engine, 'c', 'b', '12345')
  await put(engine, 'c', 'b', 'xxxxx')
  await assert.rejects(put(engine, 'c', 'c', ''), refused('quota', { which: 'count' }))
  await remove(engine, 'c', 'a')
  await put(engine, 'c', 'c', '1')
  const both = await Promise.allSettled(['x', 'y'].map((name) => put(engine, 'c', name, '1')))
  assert.ok(both.every(({ status }) => status === 'rejected'))
  const limit = async (name: string) => (await bodyLimit(engine, { account, container: 'c', name })).bytes
  assert.equal(await limit('b'), 9, 'what it replaces makes room')
  await assert.rejects(limit('new'), refused('quota', { which: 'count' }))
  await accountUpdate(engine, { by, account, set: { 'x-account-quota-bytes': '7' } })
  await container(engine, 'd')
  assert.deepEqual(await bodyLimit(engine, { account, container: 'd', name: 'x' }), { bytes: 1, of: 'account' })
  await assert.rejects(put(engine, 'd', 'x', '12'), refused('quota', { of: 'account', limit: 7 }))
  await put(engine, 'd', 'x', '12', { quotaExempt: true })
  await remove(engine, 'd', 'x')
})

forEachDialect('versions: a marker hides, its deletion shows again, null is one of them', async (store) => {
  const engine = await testEngine(store)
  const of = await container(engine, 'c')
  const old = (await put(engine, 'c', 'o', 'old')).object
  assert.equal(versionId(old), 'null')
  await containerUpdate(engine, { by, account, name: 'c', versioning: 'enabled' })
  const one = (await put(engine, 'c', 'o', 'one')).object
  const { marker } = await remove(engine, 'c', 'o')
  assert.ok(marker)
  assert.equal(await objectFind(engine, of, 'o'), undefined)
  assert.equal((await newestMarker(engine, of, 'o'))?.version_us, marker.version_us)
  assert.deepEqual(await names(engine, of), [])
  assert.equal((await objectFind(engine, of, 'o', 'null'))?.etag, old.etag)
  assert.equal((await objectFind(engine, of, 'o', one.version_us))?.etag, one.etag)
  const counts = async () => {
    const { object_count, bytes_used, version_count, version_bytes } = (await containerFind(engine, account, 'c')) ?? assert.fail()
    return [object_count, bytes_used, version_count, version_bytes]
  }
  assert.deepEqual(await counts(), [0, 0, 3, 6])
  await assert.rejects(containerDelete(engine, { by, account, name: 'c' }), refused('not-empty'))
  await remove(engine, 'c', 'o', marker.version_us)
  assert.equal((await objectFind(engine, of, 'o'))?.version_us, one.version_us, 'it is back, under its id')
  assert.deepEqual(await counts(), [1, 3, 1, 3])
  await containerUpdate(engine, { by, account, name: 'c', versioning: '' })
  assert.equal((await containerFind(engine, account, 'c'))?.versioning, 'suspended')
  const later = (await put(engine, 'c', 'o', 'later')).object
  assert.equal(versionId(later), 'null')
  assert.equal((await objectFind(engine, of, 'o', 'null'))?.etag, later.etag, 'the older null is gone')
  assert.deepEqual(await counts(), [1, 5, 1, 3])
  await remove(engine, 'c', 'o')
  assert.equal((await newestMarker(engine, of, 'o'))?.is_null, true)
  assert.deepEqual(await counts(), [0, 0, 2, 3])
  await remove(engine, 'c', 'o', 'null')
  assert.equal((await objectFind(engine, of, 'o'))?.version_us, one.version_us)
  await remove(engine, 'c', 'o', one.version_us)
  assert.deepEqual(await counts(), [0, 0, 0, 0])
  await containerDelete(engine, { by, account, name: 'c' })
})

forEachDialect('what has expired is nowhere, and a container of nothing else can be deleted', async (store) => {
  let nowMs = 1_800_000_000_000
  const engine = await testEngine(store, { nowMs: () => nowMs, after: () => assert.fail() })
  const of = await container(engine, 'c')
  await objectPut(engine, { by, account, container: 'c', name: 'o', ...draft, expiresUs: (nowMs + 1000) * 1000, body: bodyOf('x') })
  assert.deepEqual(await names(engine, of), ['o'])
  nowMs += 1000
  assert.deepEqual(await names(engine, of), [])
  assert.equal(await objectFind(engine, of, 'o'), undefined)
  await put(engine, 'c', 'p', 'x', { conditions: { ifNoneMatch: '*' } })
  await assert.rejects(containerDelete(engine, { by, account, name: 'c' }), refused('not-empty'))
  await remove(engine, 'c', 'p')
  assert.deepEqual(await remove(engine, 'c', 'none'), {})
  await containerDelete(engine, { by, account, name: 'c' })
  assert.equal((await accountFind(engine, account))?.object_count, 0)
})

forEachDialect('a locked version stays, and governance may be bypassed', async (store) => {
  const engine = await testEngine(store)
  await container(engine, 'c', { versioning: 'enabled' })
  const { object } = await put(engine, 'c', 'o', 'x')
  const untilUs = engine.nowUs() + 60_000_000
  const lock = (mode: 'GOVERNANCE' | 'COMPLIANCE') =>
    objectUpdate(engine, { by, account, container: 'c', name: 'o', change: () => ({ system: { lock: { mode, untilUs } } }) })
  await lock('COMPLIANCE')
  const end = (bypassGovernance: boolean) =>
    objectDelete(engine, { by, account, container: 'c', name: 'o', version: object.version_us, bypassGovernance })
  await assert.rejects(end(true), refused('locked'))
  await lock('GOVERNANCE')
  await assert.rejects(end(false), refused('locked'))
  await end(true)
})

forEachDialect('what is expired goes, also behind what is expired and locked', async (store) => {
  let nowMs = 1_800_000_000_000
  const engine = await testEngine(store, { nowMs: () => nowMs, after: () => assert.fail() })
  await container(engine, 'c')
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    const lock = name < 'c' ? { lock: { hold: true } } : {}
    const expiresUs = nowMs * 1000 + name.charCodeAt(0)
    await objectPut(engine, { by, account, container: 'c', name, ...draft, system: lock, expiresUs, body: bodyOf('x') })
  }
  assert.equal(await objectsExpire(engine, 2), 0)
  nowMs += 1000
  assert.equal(await objectsExpire(engine, 2), 2)
  assert.equal(await objectsExpire(engine, 2), 1)
  assert.equal((await containerFind(engine, account, 'c'))?.object_count, 2)
})

forEachDialect('older versions as Swift had them first: a stack gives the last one back, a history keeps all', async (store) => {
  const engine = await testEngine(store)
  const archive = await container(engine, 'old')
  const of = await container(engine, 'c', { set: { 'x-versions-location': 'old' } })
  for (const text of ['1', '2', '3']) await put(engine, 'c', 'ö', text)
  const archived = await names(engine, archive)
  assert.deepEqual(
    archived.map((name) => name.replace(/\/[\d.]{16}$/, '/TIME')),
    ['002ö/TIME', '002ö/TIME'],
  )
  await remove(engine, 'c', 'ö')
  assert.equal((await objectFind(engine, of, 'ö'))?.etag, bodyOf('2').md5)
  await containerUpdate(engine, { by, account, name: 'c', set: { 'x-versions-location': null, 'x-history-location': 'old' } })
  await remove(engine, 'c', 'ö')
  assert.equal(await objectFind(engine, of, 'ö'), undefined)
  const { entries } = await objectsList(engine, archive, { limit: 10 })
  const types = entries.map((entry) => ('row' in entry ? entry.row.content_type : ''))
  assert.deepEqual(types, ['text/plain', 'text/plain', 'application/x-deleted;swift_versions_deleted=1'])
  await containerUpdate(engine, { by, account, name: 'c', set: { 'x-history-location': null, 'x-versions-location': 'old' } })
  await remove(engine, 'c', 'ö')
  assert.equal((await objectFind(engine, of, 'ö'))?.etag, bodyOf('2').md5)
  assert.equal((await names(engine, archive)).length, 1)
  await containerUpdate(engine, { by, account, name: 'c', set: { 'x-versions-location': 'nowhere' } })
  await assert.rejects(put(engine, 'c', 'ö', '4'), refused('no-archive'))
})

forEachDialect('containers are listed by name, and a bucket’s name is claimed once', async (store) => {
  const engine = await testEngine(store)
  for (const name of ['b', 'a/1', 'a/2', 'c']) await container(engine, name)
  const { entries } = await containersList(engine, account, { limit: 2, delimiter: '/' })
  assert.deepEqual(
    entries.map((entry) => ('row' in entry ? entry.row.name : entry)),
    [{ subdir: 'a/' }, 'b'],
  )
  await containerPut(engine, { by, account, name: 'bucket', claim: 'must' })
  await assert.rejects(containerPut(engine, { by, account: 'other', name: 'bucket', claim: 'must' }), refused('exists', { owner: account }))
  await containerPut(engine, { by, account: 'other', name: 'bucket', claim: 'may' })
  await containerDelete(engine, { by, account, name: 'bucket' })
  await containerPut(engine, { by, account: 'other', name: 'bucket', claim: 'must' })
})

forEachDialect('attack: a size that no number holds exactly is refused, and the listing stays whole', async (store) => {
  const engine = await testEngine(store)
  await container(engine, 'c')
  const sized = (bytes: number) =>
    objectPut(engine, { by, account, container: 'c', name: 'o', ...draft, body: bodyOf(''), kind: 'slo', bytes, counted: 2 })
  for (const bytes of [2 ** 53, 1e16, 1e20]) await assert.rejects(sized(bytes), refused('too-large'))
  await sized(2 ** 53 - 1)
  const found = await containerFind(engine, account, 'c')
  assert.ok(found)
  assert.equal((await objectsList(engine, found, { limit: 10 })).entries.length, 1)
})

forEachDialect('attack: a copy has neither the lock nor the ACL of its source, whatever its draft takes along', async (store) => {
  const engine = await testEngine(store)
  for (const name of ['theirs', 'mine']) await container(engine, name)
  const own = { lock: { mode: 'COMPLIANCE' as const, untilUs: engine.nowUs() + 1e12 }, acl: { canned: 'public-read' } }
  const system = { ...own, 'content-encoding': 'gzip' } as unknown as ObjectSystem
  await objectPut(engine, { by, account, container: 'theirs', name: 'o', ...draft, system, body: bodyOf('x') })
  const { object } = await objectCopy(engine, {
    by,
    from: { account, container: 'theirs', name: 'o' },
    to: { account, container: 'mine', name: 'o' },
    draft: (source) => ({ ...draft, system: source.system }),
  })
  assert.deepEqual(object.system, { 'content-encoding': 'gzip' })
  await remove(engine, 'mine', 'o')
  await assert.rejects(remove(engine, 'theirs', 'o'), refused('locked'))
})
