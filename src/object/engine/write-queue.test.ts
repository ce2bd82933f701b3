// Writes that share a transaction: each has its own verdict, one that fails takes nobody with it, and what lost is tried again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDatabase, forEachDialect, postgresMissing, postgresUrl } from '../../../test/support/postgres.ts'
import { systemClock } from '../../platform/clock.ts'
import { systemIds } from '../../platform/ids.ts'
import { openPostgres } from '../../platform/store/postgres.ts'
import { createStore, sql, type Db, type Store } from '../../platform/store/store.ts'
import { WriteQueue } from './write-queue.ts'

const numbers = async (store: Store) => (await sql<{ n: number }>`select n from t order by n`.execute(store.as())).rows.map(({ n }) => n)

const insert = (db: Db, n: number) => sql`insert into t (n) values (${n})`.execute(db.as())

/** Counts the store's transactions. */
function counting(store: Store): { store: Store; transactions: number } {
  const counted = { store, transactions: 0 }
  counted.store = {
    ...store,
    transaction(work) {
      counted.transactions++
      return store.transaction(work)
    },
  }
  return counted
}

forEachDialect('many writes share transactions; one that fails is undone alone, with what it wanted done at the commit', async (store) => {
  await sql`create table t (n integer primary key)`.execute(store.as())
  const counted = counting(store)
  const queue = new WriteQueue(counted.store)
  const done: string[] = []
  const results = await Promise.allSettled(
    Array.from({ length: 30 }, (_, n) =>
      queue.write(async (db) => {
        db.beforeCommit(async () => void done.push(`before ${n}`))
        db.afterCommit(() => void done.push(`after ${n}`))
        await insert(db, n)
        // a statement that the database refuses, and a refusal of one's own
        if (n === 7) await insert(db, 3)
        if (n === 9) throw new Error('no')
        return n * 2
      }),
    ),
  )
  assert.deepEqual(
    results.map((result, n) => (result.status === 'fulfilled' ? result.value : n)),
    Array.from({ length: 30 }, (_, n) => (n === 7 || n === 9 ? n : n * 2)),
  )
  assert.deepEqual(
    await numbers(store),
    Array.from({ length: 30 }, (_, n) => n).filter((n) => n !== 7 && n !== 9),
  )
  assert.equal(done.length, 56)
  assert.ok(!done.includes('after 7') && !done.includes('before 9'))
  assert.equal(counted.transactions, 2, 'the first alone, all others together')
})

forEachDialect('a write that comes alone begins at once, and its failure is its own', async (store) => {
  await sql`create table t (n integer primary key)`.execute(store.as())
  const queue = new WriteQueue(store)
  let begun = false
  const first = queue.write(async (db) => {
    begun = true
    await insert(db, 1)
    throw new TypeError('alone')
  })
  await assert.rejects(first, TypeError)
  assert.ok(begun)
  await queue.write((db) => insert(db, 2))
  assert.deepEqual(await numbers(store), [2])
})

test('a transaction that lost against another is tried again with all its writes (PostgreSQL)', { skip: postgresMissing }, async () => {
  const name = await createDatabase()
  const open = async () => createStore('postgres', await openPostgres(postgresUrl(name), 2), { clock: systemClock, ids: systemIds })
  const [store, other] = [await open(), await open()]
  await sql`create table t (n integer primary key)`.execute(store.as())
  await insert(store, 0)
  const queue = new WriteQueue(store)
  let runs = 0
  const raise = async (db: Db) => {
    runs++
    const { rows } = await sql<{ n: number }>`select n from t`.execute(db.as())
    // another process changes the row behind our back, once
    if (runs === 1) await sql`update t set n = 10`.execute(other.as())
    await sql`update t set n = ${Number(rows[0]?.n) + 1}`.execute(db.as())
    return runs
  }
  const results = await Promise.allSettled([
    queue.write(async () => 'first'),
    queue.write(raise),
    queue.write(async () => assert.fail('its own')),
    queue.write(raise),
  ])
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  )
  assert.equal(runs, 3, 'the one that lost, and both in the second try')
  assert.deepEqual(await numbers(store), [12])
  await Promise.all([store.close(), other.close()])
})
