// No statement of the engine reads through a table or sorts: each finds its rows by an index, so that a page costs the same at a
// thousand and at a million names.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bodyOf, by, testEngine, type TestEngine } from '../../../test/support/objects.ts'
import { systemClock } from '../../platform/clock.ts'
import { systemIds } from '../../platform/ids.ts'
import { openSqlite } from '../../platform/store/sqlite.ts'
import { createStore } from '../../platform/store/store.ts'
import { blobsGarbage, rottenCount } from '../store/blobs.ts'
import {
  accountErase,
  accountUpdate,
  bodyLimit,
  claimOwner,
  containerDelete,
  containerPut,
  containerUpdate,
  containersList,
  newestMarker,
  objectCopy,
  objectDelete,
  objectFind,
  objectPut,
  objectRename,
  objectsExpire,
  objectsList,
  partCopy,
  partPut,
  partsList,
  segmentsOf,
  transferCount,
  transfersWrite,
  uploadAbort,
  uploadComplete,
  uploadCreate,
  uploadsExpire,
  uploadsList,
  versionRestore,
  versionsList,
} from './index.ts'

const account = 'acc'
const draft = { contentType: 't', metadata: {}, system: {} }
const key = (name: string) => ({ account, container: 'c', name })

async function listAll(engine: TestEngine, container: { id: string }): Promise<void> {
  for (const reverse of [false, true])
    for (const metadata of [false, true])
      for (const more of [{}, { prefix: 'a' }, { marker: 'a' }, { endMarker: 'z' }, { prefix: 'a', marker: 'ab', delimiter: '/' }]) {
        await objectsList(engine, container, { limit: 2, reverse, metadata, ...more })
        await containersList(engine, account, { limit: 2, reverse, ...more })
        await versionsList(engine, container, { limit: 2, ...more, versionMarker: 'null' })
        await uploadsList(engine, container, { limit: 2, ...more, idMarker: 'x' })
      }
}

async function useAll(engine: TestEngine): Promise<void> {
  const { container } = await containerPut(engine, { by, account, name: 'c', claim: 'must' })
  await accountUpdate(engine, { by, account, set: { a: 'b' } })
  const put = (name: string, expiresUs: number | null = null) =>
    objectPut(engine, { by, ...key(name), ...draft, expiresUs, body: bodyOf('x') })
  await bodyLimit(engine, key('o'))
  await put('o')
  const { object } = await put('o')
  await objectCopy(engine, { by, from: key('o'), to: key('p') })
  await objectRename(engine, { by, from: key('p'), to: key('q') })
  for (const versioning of ['enabled', 'suspended'] as const) {
    await containerUpdate(engine, { by, account, name: 'c', versioning })
    await put('o')
    await objectDelete(engine, { by, ...key('o') })
    await newestMarker(engine, container, 'o')
  }
  await objectFind(engine, container, 'o', 'null')
  await objectFind(engine, container, 'o', 17)
  await versionRestore(engine, { by, ...key('q'), version: 'null' }).catch(() => undefined)
  const upload = () => uploadCreate(engine, { by, ...key('u'), ...draft, owner: 'user' })
  const uploadId = (await upload()).id
  await partPut(engine, { by, uploadId, number: 1, body: bodyOf('y') })
  await partCopy(engine, { by, uploadId, number: 2, source: object })
  const parts = await partsList(engine, uploadId, { limit: 5 })
  const big = await uploadComplete(engine, { by, ...key('u'), uploadId, parts, minPartBytes: 0 })
  await segmentsOf(engine, big.object)
  await objectCopy(engine, { by, from: key('u'), to: key('w') })
  await objectRename(engine, { by, from: key('w'), to: key('x') })
  await uploadAbort(engine, { by, ...key('u'), uploadId: (await upload()).id })
  await upload()
  await listAll(engine, container)
  await put('gone', 10)
  await objectsExpire(engine, 10)
  await uploadsExpire(engine, { beforeUs: engine.nowUs(), limit: 5 })
  await claimOwner(engine, 'c')
  transferCount(engine, account, { in: 1 })
  await transfersWrite(engine)
  await blobsGarbage(engine.store, { beforeUs: 1, afterUs: 2 }, 5)
  await rottenCount(engine.store)
  await assert.rejects(containerDelete(engine, { by, account, name: 'c' }))
  while (!(await accountErase(engine, { by, account })).done);
}

test('every statement finds its rows by an index, in their order', async () => {
  const { dialect, raw } = openSqlite(':memory:')
  const texts = new Set<string>()
  const prepare = raw.prepare.bind(raw)
  raw.prepare = (text) => {
    texts.add(text)
    return prepare(text)
  }
  const store = createStore('sqlite', dialect, { clock: systemClock, ids: systemIds })
  const engine = await testEngine(store)
  texts.clear()
  await useAll(engine)
  const faults: string[] = []
  const asked = [...texts].filter((text) => /^\s*(select|insert|update|delete|with)/i.test(text))
  for (const text of asked) {
    const plan = prepare(`explain query plan ${text}`).all() as { detail: string }[]
    for (const { detail } of plan)
      // what a statement made itself is small; grouping by what the index is not in the order of is of one object's pieces
      if (/^SCAN (?!used|\(|json_each|constant|\d+-ROW VALUES)|USE TEMP B-TREE FOR ORDER/i.test(detail))
        faults.push(`${detail}: ${text.replaceAll(/\s+/g, ' ')}`)
  }
  assert.ok(asked.length > 60, `${asked.length} statements`)
  assert.deepEqual(faults, [])
  await store.close()
})
