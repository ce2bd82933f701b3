// A store that is written all the time keeps a log of bounded size, and none of it is lost when it is opened again.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../clock.ts'
import { systemIds } from '../ids.ts'
import { openBulkStore } from './sqlite.ts'
import { sql } from './store.ts'

const mib = 2 ** 20
const parts = { clock: systemClock, ids: systemIds }

test('the log of a bulk store begins anew while it is written without a pause', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'stackling-log-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'bulk.db')
  const store = openBulkStore(path, parts)
  await sql`create table things (id integer primary key, bytes blob)`.execute(store.as())
  const bytes = Buffer.alloc(mib, 'x')
  const count = 160
  for (let id = 0; id < count; id += 2) {
    await store.transaction(async (db) => {
      for (const each of [id, id + 1]) await sql`insert into things values (${each}, ${bytes})`.execute(db.as())
    })
  }
  const { rows } = await sql<{ page_size: number }>`pragma page_size`.execute(store.as())
  assert.equal(rows[0]?.page_size, 8192)
  const logMib = statSync(`${path}-wal`).size / mib
  assert.ok(logMib < 100, `${logMib} MiB`)
  await store.close()
  const again = openBulkStore(path, parts)
  const { rows: counted } = await sql<{ n: number }>`select count(*) as n from things`.execute(again.as())
  assert.equal(counted[0]?.n, count)
  await again.close()
})
