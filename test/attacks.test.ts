// Attacks of the list that touch the whole cloud rather than one domain, each by its number.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { startTestCloud, type TestCloud } from './support/cloud.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud({ authenticate: (await import('../src/identity/index.ts')).authenticate })))
after(() => cloud.stop())

async function rowCounts(): Promise<Record<string, number>> {
  const db = cloud.platform.store.as<Record<string, never>>()
  const { rows } = await sql<{ name: string }>`select name from sqlite_master where type = 'table'`.execute(db)
  const counts: Record<string, number> = {}
  for (const { name } of rows)
    counts[name] = (await sql<{ n: number }>`select count(*) as n from ${sql.table(name)}`.execute(db)).rows[0]?.n ?? -1
  return counts
}

test('attack-34: unknown paths and invalid tokens leave nothing behind', async () => {
  const rows = await rowCounts()
  assert.ok(Object.keys(rows).length > 50)
  const flood = async (from: number, to: number) => {
    for (let index = from; index < to; index++) {
      assert.equal((await cloud.request('GET', `/compute/v2.1/nothing-${index}/x`, { as: `t${index}` })).status, 404)
      assert.equal((await cloud.request('GET', `/volume/v3/volumes?name=${index}`, { as: `gAAAAA${index}` })).status, 401)
      assert.equal(
        (await cloud.request('GET', `/identity/v3/auth/tokens`, { as: `gAAAAA${index}`, headers: { 'x-subject-token': String(index) } }))
          .status,
        401,
      )
    }
  }
  await flood(0, 20)
  const kept = [...cloud.platform.caches.keys()]
  await flood(20, 520)
  assert.deepEqual([...cloud.platform.caches.keys()], kept)
  for (const [name, cache] of cloud.platform.caches)
    assert.ok(((cache as { size?: number }).size ?? 0) < 520, `the cache ${name} keeps what strangers send`)
  assert.deepEqual(await rowCounts(), rows)
})
