// Commits that share their fsyncs: nobody hears of a commit before the disk has it, and nobody waits for ever.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../clock.ts'
import { systemIds } from '../ids.ts'
import { GroupCommit, type Disk } from './group-commit.ts'
import { openSqliteStore } from './sqlite.ts'
import { sql } from './store.ts'

const parts = { clock: systemClock, ids: systemIds }

/** A disk whose syncs end when the test says so. */
function slowDisk() {
  const pending: { resolve(): void; reject(error: Error): void }[] = []
  const disk: Disk = { sync: () => new Promise((resolve, reject) => void pending.push({ resolve, reject })), close: () => {} }
  return { disk, pending }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('a commit during a sync waits for the next one, which all latecomers share', async () => {
  const { disk, pending } = slowDisk()
  const commits = new GroupCommit(disk)
  const ended: string[] = []
  const write = (name: string) => {
    commits.committed()
    return commits.durable().then(() => void ended.push(name))
  }
  const all = [write('a')]
  await turn()
  all.push(write('b'), write('c'))
  await turn()
  assert.equal(pending.length, 1, 'one sync at a time')
  pending[0]?.resolve()
  await turn()
  assert.deepEqual(ended, ['a'], 'the first sync began before b and c')
  assert.equal(pending.length, 2)
  pending[1]?.resolve()
  await Promise.all(all)
  assert.deepEqual(ended, ['a', 'b', 'c'])
  await commits.durable()
  assert.equal(pending.length, 2, 'nothing new, nothing synced')
})

test('after a failed sync nothing is called durable any more', async () => {
  const { disk, pending } = slowDisk()
  const commits = new GroupCommit(disk)
  commits.committed()
  const first = commits.durable()
  await turn()
  pending[0]?.reject(new Error('EIO'))
  await assert.rejects(first, /cannot be written/)
  commits.committed()
  await assert.rejects(commits.durable(), /cannot be written/)
})

test('many transactions at once are all there, also for a process that opens the file anew', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'group-commit-'))
  const path = join(folder, 'db')
  const store = openSqliteStore(path, parts)
  await sql`create table t (id integer primary key)`.execute(store.as())
  const hooks: number[] = []
  await Promise.all(
    Array.from({ length: 100 }, (_, id) =>
      store.transaction(async (db) => {
        db.afterCommit(() => void hooks.push(id))
        await sql`insert into t (id) values (${id})`.execute(db.as())
      }),
    ),
  )
  await assert.rejects(
    store.transaction(async (db) => {
      await sql`insert into t (id) values (1000)`.execute(db.as())
      throw new Error('no')
    }),
  )
  assert.equal(hooks.length, 100)
  await store.close()
  const again = openSqliteStore(path, parts)
  const { rows } = await sql<{ n: number }>`select count(*) as n from t`.execute(again.as())
  assert.equal(rows[0]?.n, 100)
  await again.close()
  rmSync(folder, { recursive: true })
})
