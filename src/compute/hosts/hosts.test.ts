// What one heartbeat of a host is written down as.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startServerCloud, type ServerCloud } from '../../../test/support/server-cloud.ts'
import { Context } from '../../platform/context.ts'
import type { EventTables } from '../../platform/events/tables.ts'
import { computeHeartbeat } from './hosts.ts'

let the: ServerCloud
before(async () => void (the = await startServerCloud()))
after(() => the.stop())

/** A beat so long from now. */
async function beat(inMs: number): Promise<void> {
  const { platform } = the.cloud
  const nowMs = platform.clock.nowMs() + inMs
  const ctx = Context.ofCloud({ ...platform, clock: { ...platform.clock, nowMs: () => nowMs } }, 'a test')
  await computeHeartbeat.run({ ctx, itemId: '', call: { fence: 1, requestId: 'req-beat' }, attempt: 1 }, '')
}

const rowOf = async <Row>(table: 'compute_nodes' | 'volume_services') =>
  (await the.cloud.platform.store.as<Record<string, Row>>().selectFrom(table).selectAll().executeTakeFirstOrThrow()) as Row
const node = () => rowOf<{ inventory: string; updated_at: string }>('compute_nodes')
const pool = () => rowOf<{ free_gib: number; updated_at: string }>('volume_services')
/** what the timeline was told of the node, or of the pool */
const told = async (type: 'node' | 'volume_service') => {
  const events = the.cloud.platform.store.as<EventTables>().selectFrom('events').selectAll()
  return events.where('resource_type', '=', type).orderBy('seq').execute()
}
const freeGib = async () =>
  (await the.api('GET', '/volume/v3/scheduler-stats/get_pools?detail=true', { as: 'admin@p1' })).pools[0].capabilities.free_capacity_gb

test('what a pool holds comes with the heartbeat, is written down once a minute, and is no news of the node', async () => {
  const before = { node: await node(), free: await freeGib() }
  assert.equal(before.free, 10_000)
  // its own heart beats too while other tests run: the minute counts from what it wrote last
  const sinceMs = the.cloud.platform.clock.nowMs() - Date.parse((await pool()).updated_at)
  the.host.world.freeGib = 9_000
  await beat(30_000 - sinceMs)
  assert.equal(await freeGib(), 10_000)
  await beat(90_000 - sinceMs)
  assert.equal(await freeGib(), 9_000)
  assert.deepEqual(await node(), before.node)
  assert.equal('volumePool' in JSON.parse(before.node.inventory), false)
  const written = await pool()
  await beat(180_000 - sinceMs)
  assert.deepEqual(await pool(), { ...written, updated_at: (await pool()).updated_at })
  assert.ok((await pool()).updated_at > written.updated_at)
})

test('a pool that grew is told of, and what is free of it is not', async (t) => {
  const before = await told('volume_service')
  const sinceMs = the.cloud.platform.clock.nowMs() - Date.parse((await pool()).updated_at)
  const inventory = await the.host.inventory()
  let volumePool = { ...inventory.volumePool, freeGib: 5_000 }
  t.mock.method(the.host, 'inventory', async () => ({ ...inventory, volumePool }))
  await beat(90_000 - sinceMs)
  assert.deepEqual(await told('volume_service'), before)
  volumePool = { ...volumePool, totalGib: volumePool.totalGib + 1_000 }
  await beat(180_000 - sinceMs)
  const [line, ...more] = (await told('volume_service')).slice(before.length)
  assert.deepEqual([JSON.parse(line?.facts ?? ''), more], [{ total_gib: Math.floor(volumePool.totalGib) }, []])
})

test('another processor and a restart are news of the node', async (t) => {
  const inventory = await the.host.inventory()
  const lines = await told('node')
  const says = t.mock.method(the.host, 'inventory', async () => ({
    ...inventory,
    cpuInfo: { ...inventory.cpuInfo, model: 'newer' },
    uptimeSeconds: 7,
  }))
  await beat(0)
  const first = await node()
  assert.equal(JSON.parse(first.inventory).cpuInfo.model, 'newer')
  says.mock.mockImplementation(async () => ({ ...inventory, cpuInfo: { ...inventory.cpuInfo, model: 'newer' }, uptimeSeconds: 9 }))
  await beat(20_000)
  assert.deepEqual(await node(), first)
  says.mock.mockImplementation(async () => ({ ...inventory, cpuInfo: { ...inventory.cpuInfo, model: 'newer' }, uptimeSeconds: 8 }))
  await beat(40_000)
  assert.equal(JSON.parse((await node()).inventory).uptimeSeconds, 8)
  assert.deepEqual(await told('node'), lines, 'no fact of the node changed')
})

test('first use 14 hypervisors show what is free of the disk and the load of now, and a disk that others fill takes no server', async (t) => {
  const usual = await the.host.inventory()
  t.after(() => void (the.host.inventory = async () => usual))
  the.host.inventory = async () => ({ ...usual, diskGib: 242, diskReservedGib: 169, diskFreeGib: 73, loadAverage: [1.5, 0.25, 0] })
  await beat(200_000)
  const old = (await the.api('GET', '/compute/v2.1/os-hypervisors/detail', { as: 'admin@p1', version: '2.87' })).hypervisors[0]
  assert.deepEqual([old.local_gb, old.local_gb_used, old.free_disk_gb, old.disk_available_least], [242, 169, 73, 73])
  const now = (await the.api('GET', `/compute/v2.1/os-hypervisors/${old.id}`, { as: 'admin@p1', version: '2.88' })).hypervisor
  assert.match(now.uptime, /load average: 1\.50, 0\.25, 0\.00$/)
  the.host.inventory = async () => ({ ...usual, diskGib: 0, diskReservedGib: 0, diskFreeGib: 0 })
  await beat(230_000)
  const { server } = await the.api('POST', '/compute/v2.1/servers', { body: the.server() })
  await the.until(server.id, 'ERROR')
})
