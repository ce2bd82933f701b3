// Two control processes on one PostgreSQL write into one container: one of them gets a lock, and what is counted is what is there.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bodyOf, by, testEngine, type TestEngine } from '../../../test/support/objects.ts'
import { createDatabase, postgresMissing, postgresUrl } from '../../../test/support/postgres.ts'
import { systemClock } from '../../platform/clock.ts'
import { systemIds } from '../../platform/ids.ts'
import { openPostgres } from '../../platform/store/postgres.ts'
import { createStore } from '../../platform/store/store.ts'
import { containerDelete, containerFind, containerPut, objectDelete, objectPut, objectsList } from './index.ts'

const key = (name: string) => ({ account: 'acc', container: 'c', name })

const put = (engine: TestEngine, name: string, text: string, more = {}) =>
  objectPut(engine, { by, ...key(name), contentType: 't', metadata: {}, system: {}, body: bodyOf(text), ...more })

test('writers of two processes wait for each other, and none is lost (PostgreSQL)', { skip: postgresMissing }, async () => {
  const url = postgresUrl(await createDatabase())
  const open = async () => testEngine(createStore('postgres', await openPostgres(url, 3), { clock: systemClock, ids: systemIds }))
  const engines = [await open(), await open()]
  const [first] = engines
  assert.ok(first)
  const { container } = await containerPut(first, { by, account: 'acc', name: 'c', versioning: 'enabled' })
  const once = { conditions: { ifNoneMatch: '*' } }
  const tries = await Promise.allSettled(engines.flatMap((engine) => [1, 2, 3].map((n) => put(engine, 'lock', `${n}`, once))))
  assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1)
  await Promise.all(engines.flatMap((engine, which) => Array.from({ length: 12 }, (_, n) => put(engine, `o${n % 6}`, `${which} ${n}`))))
  await Promise.all(engines.map((engine) => objectDelete(engine, { by, ...key('o0') })))
  const row = (await containerFind(first, 'acc', 'c')) ?? assert.fail()
  assert.deepEqual([row.object_count, row.version_count], [6, 18 + 1 + 2])
  assert.equal((await objectsList(first, container, { limit: 10 })).entries.length, row.object_count)
  await containerPut(first, { by, account: 'acc', name: 'd' })
  const race = await Promise.allSettled([
    containerDelete(first, { by, account: 'acc', name: 'd' }),
    ...engines.map((engine) => put(engine, 'x', 'x', { container: 'd' })),
  ])
  const isThere = (await containerFind(first, 'acc', 'd')) !== undefined
  assert.deepEqual(
    race.map(({ status }) => status === 'fulfilled'),
    [!isThere, isThere, isThere],
  )
  for (const { store } of engines) await store.close()
})
