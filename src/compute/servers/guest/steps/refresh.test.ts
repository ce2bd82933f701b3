// Making a guest as its rows say when its server has gone on meanwhile.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startServerCloud, type ServerCloud } from '../../../../../test/support/server-cloud.ts'
import { fenceTake } from '../../../../platform/work/claim.ts'
import type { WorkContext } from '../../../../platform/work/definition.ts'
import { guestRefresh } from './refresh.ts'

let c: ServerCloud
before(async () => void (c = await startServerCloud()))
after(() => c.stop())

/** Later than all work that was claimed. */
async function work(): Promise<WorkContext> {
  const ctx = c.cloud.systemContext()
  return { ctx, itemId: 'test', attempt: 1, call: { fence: await ctx.transaction((tx) => fenceTake(tx.db)), requestId: 'req-test' } }
}

test('a guest that somebody has just shut down from inside is not started', async () => {
  const id = await c.boot()
  const now = await work()
  c.host.guests.shutdownFromInside(id)
  await guestRefresh(now, id)
  assert.equal((await c.host.guests.observe(id)).power, 'stopped')
  await c.until(id, 'SHUTOFF')
  await c.drop(id)
})

test('a server that was offloaded has no guest to make', async () => {
  const id = await c.boot()
  await c.act(id, { shelve: null })
  await c.until(id, 'SHELVED_OFFLOADED')
  await guestRefresh(await work(), id)
  assert.deepEqual(await c.host.guests.list(), [])
  await c.drop(id)
})
