// The scheduler on fake hosts: filters, groups, weights, claims; and that what it claims never exceeds what there is.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import fc from 'fast-check'
import { fakeHosts, startTestCloud, type TestCloud } from '../../../test/support/cloud.ts'
import { allocationsOf, allocationsRelease } from '../../placement/index.ts'
import { defined } from '../../platform/defined.ts'
import { eventsOf } from '../../platform/events.ts'
import { satisfies } from './filters/extra-specs.ts'
import { wantedOf } from './resources.ts'
import { schedule, type Decision, type ScheduleRequest } from './scheduler.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud({ hosts: await fakeHosts(3) })))
after(() => cloud.stop())

let claimed: string[] = []
beforeEach(async () => {
  const ctx = cloud.systemContext()
  for (const id of claimed) await ctx.transaction((tx) => allocationsRelease(tx, id))
  claimed = []
})

const flavor = { vcpus: 1, ramMib: 64, rootGib: 1, ephemeralGib: 0, swapMib: 0, extraSpecs: {} }

async function run(change: Partial<ScheduleRequest> = {}): Promise<Decision & { id: string }> {
  const ctx = cloud.systemContext()
  const id = ctx.ids.uuid()
  claimed.push(id)
  const request: ScheduleRequest = {
    action: 'create',
    serverId: id,
    projectId: 'p1',
    userId: 'u1',
    flavor,
    image: null,
    bootFromVolume: false,
    availabilityZone: null,
    ...change,
  }
  return { ...(await ctx.transaction((tx) => schedule(tx, request))), id }
}

const admin = (method: string, path: string, body?: unknown) =>
  cloud.request(method, `/compute/v2.1${path}`, { as: 'admin@p1', ...defined({ body }) })

test('servers spread over hosts, each with its claim and its decision', async () => {
  const hosts = [(await run()).host, (await run()).host, (await run()).host]
  assert.deepEqual(hosts.sort(), ['host1', 'host2', 'host3'])
  const chosen = await run()
  const ctx = cloud.systemContext()
  assert.deepEqual(Object.values(await allocationsOf(ctx, chosen.id)), [{ VCPU: 1, MEMORY_MB: 64, DISK_GB: 1 }])
  const [event] = await eventsOf(ctx.db, chosen.id)
  assert.deepEqual([event?.result, event?.host, event?.action], ['decision', chosen.host, 'create'])
})

test('want of room is a reason that says who removed whom', async () => {
  const none = await run({ flavor: { ...flavor, ramMib: 100_000_000 } })
  assert.equal(none.host, null)
  assert.equal(none.reason, 'No valid host was found. There are not enough hosts available. Placement removed host1, host2, host3.')
  assert.deepEqual(await allocationsOf(cloud.systemContext(), none.id), {})
  const elsewhere = await run({ availabilityZone: 'mars' })
  assert.match(elsewhere.reason, /AvailabilityZoneFilter removed host1, host2, host3\./)
})

test('a disabled host is passed over, a forced one is not', async () => {
  await admin('PUT', '/os-services/disable', { host: 'host1', binary: 'nova-compute' })
  for (let times = 0; times < 4; times++) assert.notEqual((await run()).host, 'host1')
  assert.match((await run({ host: 'host1' })).reason, /ComputeFilter removed host1/)
  assert.equal((await run({ host: 'host1', forced: true })).host, 'host1')
  assert.equal((await run({ ignoreHosts: ['host2'] })).host, 'host3')
  await admin('PUT', '/os-services/enable', { host: 'host1', binary: 'nova-compute' })
})

test('zones, aggregate extra specs, tenancy and image properties choose hosts', async () => {
  const { id } = (await admin('POST', '/os-aggregates', { aggregate: { name: 'gpu', availability_zone: 'z1' } })).body.aggregate
  await admin('POST', `/os-aggregates/${id}/action`, { add_host: { host: 'host2' } })
  await admin('POST', `/os-aggregates/${id}/action`, { set_metadata: { metadata: { gpu: 'a100,h100', filter_tenant_id: 'p1' } } })
  assert.deepEqual(
    [(await run({ availabilityZone: 'z1' })).host, (await run({ availabilityZone: 'z1' })).availabilityZone],
    ['host2', 'z1'],
  )
  assert.equal(
    (await run({ flavor: { ...flavor, extraSpecs: { 'aggregate_instance_extra_specs:gpu': '<or> h100 <or> x' } } })).host,
    'host2',
  )
  assert.match((await run({ availabilityZone: 'z1', projectId: 'p2' })).reason, /AggregateMultiTenancyIsolation removed host2/)
  assert.match(
    (await run({ image: { id: 'i', properties: { hw_architecture: 'sparc' } } })).reason,
    /ImagePropertiesFilter removed host1, host2, host3/,
  )
  assert.equal((await run({ flavor: { ...flavor, extraSpecs: { 'trait:CUSTOM_NOBODY': 'required' } } })).host, null)
  await admin('POST', `/os-aggregates/${id}/action`, { remove_host: { host: 'host2' } })
  await admin('DELETE', `/os-aggregates/${id}`)
})

test('what a server asks of placement comes from its flavor', () => {
  const wants = wantedOf({
    flavor: {
      vcpus: 2,
      ramMib: 64,
      rootGib: 5,
      ephemeralGib: 1,
      swapMib: 1500,
      extraSpecs: { 'resources:VCPU': '0', 'trait:A': 'forbidden' },
    },
    image: null,
    bootFromVolume: true,
  })
  assert.deepEqual(
    { ...wants, resources: { ...wants.resources } },
    { resources: { MEMORY_MB: 64, DISK_GB: 3 }, requiredTraits: [], forbiddenTraits: ['A'] },
  )
})

test('the language of extra specs', () => {
  for (const [value, requirement, expected] of [
    ['12', '>= 5', true],
    ['4', '>= 5', false],
    ['abc', '<in> b', true],
    ['a', '<or> b <or> a', true],
    ['x', 's== x', true],
    ['x', 's!= x', false],
    ['x', 'x', true],
    ['5', '= 4', true],
  ] as const)
    assert.equal(satisfies(value, requirement), expected, `${value} ${requirement}`)
})

test('whatever is asked for, no host gets more than it has', async () => {
  const small = await startTestCloud({ hosts: await fakeHosts(2) })
  const ctx = small.systemContext()
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ vcpus: fc.integer({ min: 1, max: 256 }), ramMib: fc.integer({ min: 1, max: 500_000 }) }), { maxLength: 12 }),
        async (sizes) => {
          const ids: string[] = []
          const used = new Map<string, number>()
          for (const size of sizes) {
            const id = ctx.ids.uuid()
            ids.push(id)
            const request: ScheduleRequest = {
              action: 'create',
              serverId: id,
              projectId: 'p',
              userId: 'u',
              flavor: { ...flavor, ...size },
              image: null,
              bootFromVolume: false,
              availabilityZone: null,
            }
            const { host } = await ctx.transaction((tx) => schedule(tx, request))
            if (host !== null) used.set(host, (used.get(host) ?? 0) + size.ramMib)
          }
          for (const ramMib of used.values()) assert.ok(ramMib <= 1_048_576 - 512)
          for (const id of ids) await ctx.transaction((tx) => allocationsRelease(tx, id))
        },
      ),
      { numRuns: 15 },
    )
  } finally {
    await small.stop()
  }
})
