import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { testActor } from '../../../test/support/cloud.ts'
import type { Clock } from '../clock.ts'
import { defaultConfig } from '../config.ts'
import { Context, type Platform } from '../context.ts'
import { HostRegistry } from '../hosts.ts'
import { systemIds } from '../ids.ts'
import { silentLog } from '../log.ts'
import { openSqliteStore } from '../store/sqlite.ts'
import { sql, type Store } from '../store/store.ts'
import { createWorkQueue } from '../work/queue.ts'
import { Policy } from './policy.ts'
import { unchanged } from './unchanged.ts'

async function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'unchanged-'))
  let nowMs = 0
  const clock: Clock = { nowMs: () => nowMs, after: () => ({ cancel() {} }) }
  const store: Store = openSqliteStore(join(folder, 'db'), { clock, ids: systemIds })
  await sql`create table t (id integer primary key)`.execute(store.as())
  const platform: Platform = {
    config: { ...defaultConfig, dataDir: folder, publicUrl: '' },
    store,
    clock,
    ids: systemIds,
    log: silentLog,
    policy: new Policy(),
    hosts: new HostRegistry(),
    work: createWorkQueue(() => {}),
    exclusive: true,
    services: [],
    stores: new Map(),
    caches: new Map(),
  }
  let made = 0
  const ask = async (project = 'p1', roles = ['member'], url = '/list') => {
    const ctx = new Context(platform, { actor: testActor(roles, project), requestId: 'r' })
    const answer = await unchanged(ctx, url, async () => ({ made: ++made }))
    return (JSON.parse(String(answer)) as { made: number }).made
  }
  const stop = async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  }
  return { store, ask, pass: (ms: number) => void (nowMs += ms), stop }
}

test('an answer is kept for who asked, until something is written or a second has passed', async () => {
  const { store, ask, pass, stop } = await setUp()
  assert.deepEqual([await ask(), await ask()], [1, 1])
  assert.equal(await ask('p2'), 2, 'another project')
  assert.equal(await ask('p1', ['reader']), 3, 'other roles')
  assert.equal(await ask('p1', ['member'], '/list?limit=1'), 4, 'another question')
  assert.equal(await ask(), 1)
  await store.transaction(async (db) => void (await sql`insert into t (id) values (1)`.execute(db.as())))
  assert.equal(await ask(), 5, 'a transaction wrote')
  await sql`delete from t`.execute(store.as())
  assert.equal(await ask(), 6, 'a statement wrote')
  await store.transaction(async (db) => void (await sql`select * from t`.execute(db.as())))
  assert.equal(await ask(), 6, 'a transaction only read')
  pass(1_000)
  assert.equal(await ask(), 7)
  await stop()
})
