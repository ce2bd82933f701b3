// Copies, renames and uploads in parts: rows only, and what they name is counted and kept as long as somebody names it.
import assert from 'node:assert/strict'
import { bodyOf, by, testEngine, type TestEngine } from '../../../test/support/objects.ts'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { blobFetch } from '../store/blobs.ts'
import {
  accountFind,
  containerDelete,
  containerFind,
  containerPut,
  objectCopy,
  objectDelete,
  objectFind,
  objectPut,
  objectRename,
  objectsList,
  partCopy,
  partPut,
  partsList,
  segmentsOf,
  uploadAbort,
  uploadComplete,
  uploadCreate,
  uploadFind,
  uploadsExpire,
  uploadsList,
  versionRestore,
  versionsList,
} from './index.ts'

const account = 'acc'
const draft = { contentType: 'text/plain', metadata: { 'x-object-meta-a': 'b' }, system: {} }
const key = (name: string, container = 'c') => ({ account, container, name })

async function begin(store: Parameters<typeof testEngine>[0]): Promise<TestEngine> {
  const engine = await testEngine(store)
  for (const name of ['c', 'd']) await containerPut(engine, { by, account, name })
  return engine
}

const put = (engine: TestEngine, name: string, text: string, container = 'c') =>
  objectPut(engine, { by, ...key(name, container), ...draft, body: bodyOf(text) })

const found = async (engine: TestEngine, container: string) => (await containerFind(engine, account, container)) ?? assert.fail()
const refs = async (engine: TestEngine, id: string | null) => (await blobFetch(engine.store, id ?? ''))?.refs
const kindIs = (kind: string) => (error: { kind?: string }) => error.kind === kind

forEachDialect('a copy is a row on the same bytes, which stay until the last row is gone', async (store) => {
  const engine = await begin(store)
  const { object } = await put(engine, 'o', 'hello')
  const copy = await objectCopy(engine, { by, from: key('o'), to: key('p', 'd') })
  assert.equal(copy.object.blob_id, object.blob_id)
  assert.deepEqual(copy.object.metadata, draft.metadata)
  assert.equal(await refs(engine, object.blob_id), 2)
  await objectCopy(engine, {
    by,
    from: key('o'),
    to: key('o'),
    draft: (source) => ({ ...draft, contentType: `${source.content_type}; x` }),
  })
  assert.equal(await refs(engine, object.blob_id), 2, 'onto itself: one more, one less')
  await objectDelete(engine, { by, ...key('o') })
  assert.equal((await blobFetch(store, object.blob_id ?? ''))?.state, 'kept')
  const renamed = await objectRename(engine, { by, from: key('p', 'd'), to: key('q') })
  assert.equal(await objectFind(engine, await found(engine, 'd'), 'p'), undefined)
  assert.equal((await objectFind(engine, await found(engine, 'c'), 'q'))?.version_us, renamed.object.version_us)
  assert.deepEqual([(await found(engine, 'c')).bytes_used, (await found(engine, 'd')).bytes_used], [5, 0])
  await objectDelete(engine, { by, ...key('q') })
  assert.equal((await blobFetch(store, object.blob_id ?? ''))?.state, 'garbage')
  await assert.rejects(objectCopy(engine, { by, from: key('o'), to: key('x') }), kindIs('no-object'))
})

forEachDialect('an upload is completed into one object, once, and twice answered the same', async (store) => {
  const engine = await begin(store)
  const upload = await uploadCreate(engine, { by, ...key('big'), ...draft, owner: 'user' })
  const small = (await put(engine, 'small', 'from elsewhere')).object
  const part = (number: number, text: string) => partPut(engine, { by, uploadId: upload.id, number, body: bodyOf(text) })
  const replaced = await part(3, 'old')
  const [one, three, seven] = [await part(1, 'first '), await part(3, 'third '), await part(7, 'unused')]
  const two = await partCopy(engine, { by, uploadId: upload.id, number: 2, source: small })
  assert.equal(await refs(engine, replaced.blob_id), 0)
  assert.equal((await found(engine, 'c')).part_bytes, 6 + 6 + 6 + 14)
  assert.deepEqual(
    (await partsList(engine, upload.id, { after: 1, limit: 2 })).map(({ number }) => number),
    [2, 3],
  )
  assert.equal((await objectsList(engine, await found(engine, 'c'), { limit: 9 })).entries.length, 1, 'an open upload is no object')
  const complete = (parts: { number: number; etag: string }[], minPartBytes = 1) =>
    uploadComplete(engine, { by, ...key('big'), uploadId: upload.id, parts, minPartBytes })
  const all = [one, two, three].map(({ number, etag }) => ({ number, etag }))
  await assert.rejects(complete(all.toReversed()), kindIs('part-order'))
  await assert.rejects(complete([{ number: 4, etag: one.etag }]), kindIs('no-part'))
  await assert.rejects(complete([{ number: 1, etag: two.etag }]), kindIs('no-part'))
  await assert.rejects(complete(all, 7), kindIs('part-small'))
  const { object, again } = await complete(all)
  assert.equal(again, false)
  assert.match(object.etag, /^[0-9a-f]{32}-3$/)
  assert.equal(object.bytes, 26)
  assert.deepEqual(object.metadata, draft.metadata)
  const segments = await segmentsOf(engine, object)
  assert.deepEqual(
    segments.map(({ number, blob_id, etag }) => [number, blob_id, etag]),
    [one, two, three].map(({ number, blob_id, etag }) => [number, blob_id, etag]),
  )
  assert.equal(await refs(engine, seven.blob_id), 0)
  assert.equal(await refs(engine, small.blob_id), 2)
  const { part_bytes, bytes_used } = await found(engine, 'c')
  assert.deepEqual({ part_bytes, bytes_used }, { part_bytes: 0, bytes_used: 26 + 14 })
  const twice = await complete(all)
  assert.deepEqual([twice.again, twice.object.version_us], [true, object.version_us])
  await assert.rejects(part(8, 'late'), kindIs('no-upload'))
  assert.equal(engine.discarded.length, 1)
  const copy = await objectCopy(engine, { by, from: key('big'), to: key('copy', 'd') })
  assert.equal(copy.object.etag, object.etag)
  assert.equal(await refs(engine, one.blob_id), 2)
  await objectDelete(engine, { by, ...key('big') })
  await objectDelete(engine, { by, ...key('copy', 'd') })
  assert.deepEqual([await refs(engine, one.blob_id), await refs(engine, two.blob_id)], [0, 1])
  assert.equal((await segmentsOf(engine, copy.object)).length, 0)
})

forEachDialect('an upload that is aborted, forgotten, or loses its container leaves nothing', async (store) => {
  const engine = await begin(store)
  const create = (name: string, container = 'c') => uploadCreate(engine, { by, ...key(name, container), ...draft, owner: 'user' })
  const [first, second, other] = [await create('a'), await create('a'), await create('b/1')]
  const list = async (more: { marker?: string; idMarker?: string; delimiter?: string }) =>
    (await uploadsList(engine, await found(engine, 'c'), { limit: 2, ...more })).entries.map((entry) =>
      'row' in entry ? entry.row.id : entry.subdir,
    )
  const [low, high] = [first.id, second.id].toSorted()
  assert.deepEqual(await list({ delimiter: '/' }), [low, high])
  assert.deepEqual(await list({ marker: 'a', idMarker: low ?? '' }), [high, other.id])
  assert.deepEqual(await list({ marker: 'a', delimiter: '/' }), ['b/'])
  const part = await partPut(engine, { by, uploadId: first.id, number: 1, body: bodyOf('x') })
  await assert.rejects(uploadAbort(engine, { by, ...key('other'), uploadId: first.id }), kindIs('no-upload'))
  await uploadAbort(engine, { by, ...key('a'), uploadId: first.id })
  assert.equal(await refs(engine, part.blob_id), 0)
  assert.equal(await uploadFind(engine, await found(engine, 'c'), 'a', first.id), undefined)
  const forgotten = await partPut(engine, { by, uploadId: second.id, number: 1, body: bodyOf('y') })
  assert.equal(await uploadsExpire(engine, { beforeUs: engine.nowUs(), limit: 10 }), 2)
  assert.equal(await refs(engine, forgotten.blob_id), 0)
  const last = await partPut(engine, { by, uploadId: (await create('z', 'd')).id, number: 1, body: bodyOf('z') })
  await containerDelete(engine, { by, account, name: 'd' })
  assert.equal(await refs(engine, last.blob_id), 0)
  assert.equal((await accountFind(engine, account))?.part_bytes, 0)
})

forEachDialect('versions are listed newest first, page by page, and an older one can be made current', async (store) => {
  const engine = await testEngine(store)
  const { container } = await containerPut(engine, { by, account, name: 'c', versioning: 'enabled' })
  for (const name of ['a', 'b/1', 'b/2', '𐐀', 'ｚ']) for (const text of ['1', '2', '3']) await put(engine, name, text)
  await objectDelete(engine, { by, ...key('a') })
  const all = async (limit: number, more: { delimiter?: string; reverse?: boolean } = {}) => {
    const seen: string[] = []
    let marker: string | undefined
    let versionMarker: number | undefined
    for (;;) {
      const page = await versionsList(engine, container, { limit, ...more, marker, versionMarker })
      for (const entry of page.entries)
        seen.push(
          'row' in entry
            ? `${entry.row.name} ${entry.row.is_marker ? '-' : entry.row.etag.slice(0, 2)}${entry.row.is_latest ? '!' : ''}`
            : entry.subdir,
        )
      const last = page.entries.at(-1)
      marker = page.last
      versionMarker = last && 'row' in last ? last.row.version_us : undefined
      if (!page.truncated) return seen
      assert.equal(page.entries.length, limit)
    }
  }
  const [one, two, three] = ['1', '2', '3'].map((text) => bodyOf(text).md5.slice(0, 2))
  const of = (name: string) => [`${name} ${three}!`, `${name} ${two}`, `${name} ${one}`]
  const expected = ['a -!', `a ${three}`, `a ${two}`, `a ${one}`, ...of('b/1'), ...of('b/2'), ...of('ｚ'), ...of('𐐀')]
  for (const limit of [1, 2, 3, 100]) assert.deepEqual(await all(limit), expected, `pages of ${limit}`)
  assert.deepEqual(await all(2, { delimiter: '/' }), [...expected.slice(0, 4), 'b/', ...of('ｚ'), ...of('𐐀')])
  for (const limit of [1, 2, 5, 100]) assert.deepEqual(await all(limit, { reverse: true }), expected.toReversed(), `backwards by ${limit}`)
  const { entries } = await versionsList(engine, container, { limit: 3, marker: 'b/', prefix: 'b/1' })
  const oldest = entries.flatMap((entry) => ('row' in entry ? entry.row : [])).at(-1) ?? assert.fail()
  await versionRestore(engine, { by, ...key('b/1'), version: oldest.version_us })
  assert.equal((await objectFind(engine, container, 'b/1'))?.version_us, oldest.version_us)
  const after = await all(2)
  assert.deepEqual(after.slice(4, 7), [`b/1 ${three}`, `b/1 ${two}`, `b/1 ${one}!`])
  assert.equal((await found(engine, 'c')).object_count, 4)
  assert.equal((await found(engine, 'c')).version_count, 12)
  assert.deepEqual(await all(3, { reverse: true }), after.toReversed())
  await objectDelete(engine, { by, ...key('b/1'), version: oldest.version_us, promote: false })
  assert.equal(await objectFind(engine, container, 'b/1'), undefined)
  assert.deepEqual((await all(9)).slice(4, 6), [`b/1 ${three}`, `b/1 ${two}`], 'none of them is current')
})
