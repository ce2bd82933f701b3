// Placement through its API: generations, claims against capacity, candidates over trees and shared providers.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestCloud, type TestCloud } from '../../test/support/cloud.ts'
import { defined } from '../platform/defined.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud()))
after(() => cloud.stop())

const call = (method: string, path: string, body?: unknown, version = '1.39', as = 'admin@p1') =>
  cloud.request(method, `/placement${path}`, {
    as,
    headers: { 'openstack-api-version': `placement ${version}` },
    ...defined({ body }),
  })

const uuid = (n: number) => `11111111-1111-4111-8111-${String(n).padStart(12, '0')}`

async function provider(
  n: number,
  inventories: Record<string, object>,
  more: { traits?: string[]; aggregates?: string[]; parent?: number } = {},
): Promise<string> {
  const parent = more.parent === undefined ? {} : { parent_provider_uuid: uuid(more.parent) }
  assert.equal((await call('POST', '/resource_providers', { uuid: uuid(n), name: `rp${n}`, ...parent })).status, 200)
  const set = await call('PUT', `/resource_providers/${uuid(n)}/inventories`, { resource_provider_generation: 0, inventories })
  assert.equal(set.status, 200, set.text)
  if (more.traits) await call('PUT', `/resource_providers/${uuid(n)}/traits`, { resource_provider_generation: 1, traits: more.traits })
  if (more.aggregates)
    await call('PUT', `/resource_providers/${uuid(n)}/aggregates`, {
      resource_provider_generation: more.traits ? 2 : 1,
      aggregates: more.aggregates,
    })
  return uuid(n)
}

test('a stale generation is refused, and everything that changes a provider moves it on', async () => {
  const id = await provider(1, { VCPU: { total: 4 } })
  const stale = await call('PUT', `/resource_providers/${id}/inventories`, { resource_provider_generation: 0, inventories: {} })
  assert.equal(stale.status, 409)
  assert.equal(stale.body.errors[0].code, 'placement.concurrent_update')
  assert.equal((await call('GET', `/resource_providers/${id}`)).body.generation, 1)
})

test('a claim is checked against what others hold, units and capacity', async () => {
  const id = await provider(2, { VCPU: { total: 2, allocation_ratio: 2, max_unit: 3, step_size: 1 } })
  const claim = (consumer: number, VCPU: number, generation: number | null = null) =>
    call('PUT', `/allocations/${uuid(consumer)}`, {
      allocations: { [id]: { resources: { VCPU } } },
      project_id: 'p',
      user_id: 'u',
      consumer_generation: generation,
      consumer_type: 'INSTANCE',
    })
  assert.equal((await claim(100, 3)).status, 204)
  assert.equal((await claim(101, 2)).status, 409)
  assert.equal((await claim(101, 1)).status, 204)
  assert.equal((await claim(100, 4, 1)).status, 409)
  assert.equal((await claim(100, 1)).status, 409, 'the consumer is there: its generation must be named')
  assert.equal((await claim(100, 2, 1)).status, 204)
  assert.deepEqual((await call('GET', `/allocations/${uuid(100)}`)).body, {
    allocations: { [id]: { resources: { VCPU: 2 }, generation: 4 } },
    project_id: 'p',
    user_id: 'u',
    consumer_generation: 2,
    consumer_type: 'INSTANCE',
  })
  assert.deepEqual((await call('GET', '/usages?project_id=p')).body, { usages: { INSTANCE: { VCPU: 3, consumer_count: 2 } } })
  assert.deepEqual((await call('GET', '/usages?project_id=p', undefined, '1.9')).body, { usages: { VCPU: 3 } })
  assert.equal((await call('DELETE', `/resource_providers/${id}`)).body.errors[0].code, 'placement.resource_provider.inuse')
  assert.equal((await call('DELETE', `/allocations/${uuid(100)}`)).status, 204)
  assert.equal((await call('DELETE', `/allocations/${uuid(100)}`)).status, 404)
  assert.equal((await call('DELETE', `/allocations/${uuid(101)}`)).status, 204)
})

test('candidates take from a tree and from what is shared with it, and honour groups, traits and limits', async () => {
  const host = await provider(
    10,
    { VCPU: { total: 8 }, MEMORY_MB: { total: 1024 } },
    { traits: ['HW_CPU_X86_AVX'], aggregates: [uuid(900)] },
  )
  await provider(11, { SRIOV_NET_VF: { total: 2 } }, { parent: 10, traits: ['HW_NIC_SRIOV'] })
  await provider(12, { SRIOV_NET_VF: { total: 2 } }, { parent: 10 })
  const disk = await provider(13, { DISK_GB: { total: 100 } }, { traits: ['MISC_SHARES_VIA_AGGREGATE'], aggregates: [uuid(900)] })
  const ask = async (query: string, version = '1.39') => (await call('GET', `/allocation_candidates?${query}`, undefined, version)).body
  const shared = await ask('resources=VCPU:1,DISK_GB:10')
  assert.deepEqual(
    shared.allocation_requests.map((each: any) => each.allocations),
    [{ [host]: { resources: { VCPU: 1 } }, [disk]: { resources: { DISK_GB: 10 } } }],
  )
  const granular = await ask('resources=VCPU:1&resources1=SRIOV_NET_VF:1&resources2=SRIOV_NET_VF:1&group_policy=isolate')
  assert.equal(granular.allocation_requests.length, 2)
  assert.equal(
    (await ask('resources=VCPU:1&resources1=SRIOV_NET_VF:1&resources2=SRIOV_NET_VF:2&group_policy=none')).allocation_requests.length,
    2,
  )
  assert.equal((await ask('resources1=SRIOV_NET_VF:1&required1=HW_NIC_SRIOV')).allocation_requests.length, 1)
  assert.equal((await ask('resources1=SRIOV_NET_VF:1&required1=!HW_NIC_SRIOV')).allocation_requests.length, 1)
  assert.equal((await ask('resources=SRIOV_NET_VF:1&limit=1')).allocation_requests.length, 1)
  assert.equal((await ask(`resources=VCPU:1&in_tree=${uuid(12)}`)).allocation_requests.length, 1)
  assert.equal((await ask('resources=VCPU:9')).allocation_requests.length, 0)
  assert.equal((await ask('resources=VCPU:1,SRIOV_NET_VF:1', '1.28')).allocation_requests.length, 0, 'before 1.29 nobody knew of trees')
  assert.equal((await call('GET', '/allocation_candidates?resources=BOGUS:1')).status, 400)
  assert.equal((await call('GET', '/allocation_candidates?resources=VCPU:0')).status, 400)
  assert.equal((await call('GET', '/allocation_candidates?resources1=VCPU:1&resources2=VCPU:1')).status, 400)
})

test('custom traits and classes come and go, standard ones stay', async () => {
  assert.equal((await call('PUT', '/traits/CUSTOM_A')).status, 201)
  assert.equal((await call('PUT', '/traits/CUSTOM_A')).status, 204)
  assert.equal((await call('PUT', '/traits/bad')).status, 400)
  assert.equal((await call('DELETE', '/traits/HW_CPU_X86_AVX')).status, 400)
  const twice = async (path: string) => (await Promise.all([call('DELETE', path), call('DELETE', path)])).map(({ status }) => status).sort()
  assert.deepEqual(await twice('/traits/CUSTOM_A'), [204, 404], 'of two deletions one finds it gone')
  assert.equal((await call('PUT', '/resource_classes/CUSTOM_TWICE')).status, 201)
  assert.deepEqual(await twice('/resource_classes/CUSTOM_TWICE'), [204, 404])
  assert.deepEqual((await call('GET', '/traits?name=startswith:HW_CPU_X86_AVX512V')).body.traits.includes('HW_CPU_X86_AVX512VNNI'), true)
  assert.equal((await call('PUT', '/resource_classes/CUSTOM_GOLD', undefined, '1.7')).status, 201)
  assert.equal((await call('DELETE', '/resource_classes/VCPU')).status, 400)
  assert.equal((await call('DELETE', '/resource_classes/CUSTOM_GOLD')).status, 204)
})

test('only admins and services come in, and each microversion has its own', async () => {
  assert.equal((await cloud.request('GET', '/placement')).status, 200)
  assert.equal((await call('GET', '/resource_providers', undefined, '1.0', 'member@p1')).status, 403)
  assert.equal((await call('GET', '/usages?project_id=p1', undefined, '1.9', 'reader@p1')).status, 200)
  assert.equal((await call('GET', '/usages?project_id=p2', undefined, '1.9', 'reader@p1')).status, 403)
  assert.equal((await call('GET', '/traits', undefined, '1.5')).status, 404)
  assert.equal((await call('DELETE', `/resource_providers/${uuid(1)}/inventories`, undefined, '1.4')).status, 405)
  assert.equal((await call('POST', '/resource_providers', { name: 'x' }, '1.19')).status, 201)
  const dated = await call('GET', '/resource_providers', undefined, '1.15')
  assert.equal(dated.headers['cache-control'], 'no-cache')
  assert.equal('last-modified' in (await call('GET', '/resource_providers', undefined, '1.14')).headers, false)
})

test('G21 over capacity, a write that makes it no worse is accepted, one that makes it worse is not', async () => {
  const id = await provider(70, { VCPU: { total: 8 }, MEMORY_MB: { total: 64 } })
  const claim = (consumer: number, resources: object, generation: number | null) =>
    call('PUT', `/allocations/${uuid(consumer)}`, {
      allocations: { [id]: { resources } },
      project_id: 'p',
      user_id: 'u',
      consumer_generation: generation,
      consumer_type: 'INSTANCE',
    })
  assert.equal((await claim(170, { VCPU: 6 }, null)).status, 204)
  const { body } = await call('GET', `/resource_providers/${id}`)
  assert.equal(
    (
      await call('PUT', `/resource_providers/${id}/inventories`, {
        resource_provider_generation: body.generation,
        inventories: { VCPU: { total: 4 }, MEMORY_MB: { total: 64 } },
      })
    ).status,
    200,
  )
  assert.equal((await claim(170, { VCPU: 6 }, 1)).status, 204)
  assert.equal((await claim(170, { VCPU: 7 }, 2)).status, 409)
  assert.equal((await claim(170, { VCPU: 6, MEMORY_MB: 65 }, 2)).status, 409)
  assert.equal((await claim(170, { VCPU: 5 }, 2)).status, 204)
  assert.equal((await claim(171, { VCPU: 1 }, null)).status, 409)
  const both = (first: number, second: number) =>
    call('POST', '/allocations', {
      [uuid(170)]: {
        allocations: { [id]: { resources: { VCPU: first } } },
        project_id: 'p',
        user_id: 'u',
        consumer_generation: 3,
        consumer_type: 'INSTANCE',
      },
      [uuid(171)]: {
        allocations: { [id]: { resources: { VCPU: second } } },
        project_id: 'p',
        user_id: 'u',
        consumer_generation: null,
        consumer_type: 'INSTANCE',
      },
    })
  assert.equal((await both(4, 2)).status, 409)
  assert.equal((await both(4, 1)).status, 204)
})

test('clients 10 aggregates come back as they were given, in order and without dashes, and are found under both spellings', async () => {
  const id = await provider(71, { VCPU: { total: 8 } })
  const given = [uuid(902).replaceAll('-', ''), uuid(901), uuid(903)]
  const set = await call('PUT', `/resource_providers/${id}/aggregates`, { resource_provider_generation: 1, aggregates: given })
  assert.deepEqual(set.body.aggregates, given)
  assert.deepEqual((await call('GET', `/resource_providers/${id}/aggregates`)).body.aggregates, given)
  for (const spelt of [uuid(902), given[0]])
    assert.deepEqual(
      (await call('GET', `/resource_providers?member_of=${spelt}`)).body.resource_providers.map((one: { uuid: string }) => one.uuid),
      [id],
    )
})
