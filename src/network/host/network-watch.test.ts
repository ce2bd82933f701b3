import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startServerCloud, type ServerCloud } from '../../../test/support/server-cloud.ts'
import { eventsOf } from '../../platform/events.ts'
import { systemClock } from '../../platform/clock.ts'
import { itemFetch } from '../../platform/work/items.ts'
import { tapName } from '../../contract/guests.ts'
import { hostNetworkRound } from './network.reconciler.ts'
import { hostNetworkWatch } from './network-watch.reconciler.ts'
import { until } from '../../../test/support/until.ts'

let the: ServerCloud
before(async () => void (the = await startServerCloud()))
after(() => the.stop())

const watch = () =>
  hostNetworkWatch.run({ ctx: the.cloud.systemContext(), itemId: '', call: { fence: 1, requestId: 'req-test' }, attempt: 1 }, '')
const portOf = async (server: string) => (await the.api('GET', `/network/v2.0/ports?device_id=${server}`)).ports[0]
const generation = () => the.host.network.spec()?.generation ?? 0

/** Until nothing wakes the host any more; with what it was told then. */
async function settled(expected?: number): Promise<void> {
  if (expected === undefined) await hostNetworkRound(the.cloud.systemContext(), 'host1')
  let last = -1
  await until(async () => {
    const before = last
    last = generation()
    const item = await itemFetch(the.cloud.platform.store, 'host-network/host1')
    return item?.state === 'ready' && item.run_at > systemClock.nowMs() && before === last
  })
  if (expected !== undefined) assert.equal(last, expected)
}

test('a host that stands as it was told is left alone', async () => {
  const server = await the.boot()
  await settled()
  const told = generation()
  await watch()
  await settled(told)
  await the.drop(server)
})

test('a host that forgot everything is told anew', async () => {
  const server = await the.boot()
  await settled()
  const port = await portOf(server)
  await the.host.network.removeAll()
  await watch()
  await until(
    async () =>
      the.host.network
        .spec()
        ?.ports.map(({ id }) => id)
        .join() === port.id,
  )
  await the.drop(server)
})

test('a port that lost its tap is DOWN after the watch, with the reason in its timeline', async () => {
  const server = await the.boot()
  await settled()
  const port = await portOf(server)
  assert.equal(port.status, 'ACTIVE')
  await the.host.network.removeTap(port.id)
  assert.equal((await the.host.network.list()).taps.includes(tapName(port.id)), false)
  await watch()
  await until(async () => (await portOf(server)).status === 'DOWN')
  const lines = await eventsOf(the.cloud.platform.store, port.id)
  const wires = lines.filter(({ action }) => action === 'wire').map(({ project_id, result }) => ({ project_id, result }))
  assert.deepEqual(wires, [
    { project_id: port.project_id, result: 'error' },
    { project_id: port.project_id, result: 'success' },
  ])
  await the.drop(server)
})

test('a host that another process told something newer gets a whole round', async () => {
  await settled()
  const spec = the.host.network.spec()
  assert.ok(spec)
  await the.host.network.apply(
    { ...spec, generation: spec.generation + 1, ports: [] },
    { fence: spec.generation + 1, requestId: 'req-other' },
  )
  await the.cloud.platform.store.transaction(async (db) => {
    const { generationNext } = await import('./store.ts')
    await generationNext(db, 'host1', 0)
  })
  await watch()
  await until(async () => generation() > spec.generation + 1)
})
