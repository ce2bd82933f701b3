// The scheduler in a cloud of more hosts than it looks at for each server.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fakeHosts, startTestCloud, type TestCloud } from '../../../test/support/cloud.ts'
import { schedule, type Decision } from './scheduler.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud({ hosts: await fakeHosts(140) })))
after(() => cloud.stop())

const flavor = { vcpus: 1, ramMib: 64, rootGib: 1, ephemeralGib: 0, swapMib: 0, extraSpecs: {} }

function run(availabilityZone: string | null): Promise<Decision> {
  const ctx = cloud.systemContext()
  const request = {
    action: 'create',
    serverId: ctx.ids.uuid(),
    projectId: 'p1',
    userId: 'u1',
    flavor,
    image: null,
    bootFromVolume: false,
    availabilityZone,
  }
  return ctx.transaction((tx) => schedule(tx, request))
}

test('the only host that will do is found, and who removed all the others is said of all', async () => {
  const admin = (path: string, body: unknown) => cloud.request('POST', `/compute/v2.1${path}`, { as: 'admin@p1', body })
  const { id } = (await admin('/os-aggregates', { aggregate: { name: 'far', availability_zone: 'far' } })).body.aggregate
  await admin(`/os-aggregates/${id}/action`, { add_host: { host: 'host77' } })
  for (let times = 0; times < 25; times++) assert.equal((await run('far')).host, 'host77')
  assert.match((await run('mars')).reason, /AvailabilityZoneFilter removed .* and 135 more\./)
})

test('servers come to different hosts', async () => {
  const hosts = new Set<string | null>()
  for (let times = 0; times < 40; times++) hosts.add((await run(null)).host)
  assert.ok(!hosts.has(null) && hosts.size > 30, `${hosts.size} hosts for 40 servers`)
})
