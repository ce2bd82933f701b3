// What is counted from servers: hypervisors, usage, quotas, limits, groups, placement; and the old faces of images
// and volumes beside them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startServerCloud, type ServerCloud } from '../../test/support/server-cloud.ts'

let the: ServerCloud
let id = ''
let groupId = ''
before(async () => {
  the = await startServerCloud()
  const group = { server_group: { name: 'g', policies: ['anti-affinity'] } }
  groupId = (await the.api('POST', '/compute/v2.1/os-server-groups', { body: group })).server_group.id
  const { server } = await the.api('POST', '/compute/v2.1/servers', { body: { ...the.server(), 'os:scheduler_hints': { group: groupId } } })
  id = server.id
  await the.until(id, 'ACTIVE')
})
after(() => the.stop())

const get = (path: string, version = '2.1', as = 'admin@p1') => the.api('GET', `/compute/v2.1${path}`, { as, version })

test('a hypervisor shows its servers and what they use; placement the same', async () => {
  const [hypervisor] = (await get('/os-hypervisors/detail', '2.1')).hypervisors
  assert.deepEqual(
    [hypervisor.vcpus_used, hypervisor.memory_mb_used, hypervisor.local_gb_used, hypervisor.running_vms],
    [1, 64 + 512, 1, 1],
  )
  const [listed] = (await get('/os-hypervisors?with_servers=true', '2.53')).hypervisors
  assert.deepEqual(listed.servers, [{ name: 'server', uuid: id }])
  const usages = await the.cloud.request('GET', `/placement/resource_providers/${listed.id}/usages`, { as: 'admin@p1' })
  assert.deepEqual(usages.body.usages, { VCPU: 1, MEMORY_MB: 64, DISK_GB: 1 })
})

test('usage, limits and quotas count the server', async () => {
  const usage = (await get('/os-simple-tenant-usage/p1?start=2020-01-01T00:00:00', '2.1', 'member@p1')).tenant_usage
  assert.deepEqual(
    [usage.server_usages.length, usage.server_usages[0].instance_id, usage.server_usages[0].state, usage.server_usages[0].memory_mb],
    [1, id, 'active', 64],
  )
  const { absolute } = (await get('/limits', '2.57', 'member@p1')).limits
  assert.deepEqual(
    [absolute.totalInstancesUsed, absolute.totalCoresUsed, absolute.totalRAMUsed, absolute.totalServerGroupsUsed],
    [1, 1, 64, 1],
  )
  const page = await get('/os-simple-tenant-usage?start=2020-01-01T00:00:00&limit=1&detailed=1', '2.40')
  assert.match(page.tenant_usages_links[0].href, new RegExp(`marker=${id}`))
})

test('a server group names its member, and a second one finds no host', async () => {
  assert.deepEqual((await get(`/os-server-groups/${groupId}`, '2.64', 'member@p1')).server_group.members, [id])
  const { server } = await the.api('POST', '/compute/v2.1/servers', {
    body: { ...the.server({ name: 'second' }), 'os:scheduler_hints': { group: groupId } },
  })
  const failed = await the.until(server.id, 'ERROR')
  assert.match(failed.fault.details, /No valid host was found.*ServerGroupAntiAffinityFilter removed host1/)
  await the.drop(server.id)
})

test('a host with servers keeps its service', async () => {
  const [service] = (await get('/os-services?binary=nova-compute', '2.53')).services
  await the.api('DELETE', `/compute/v2.1/os-services/${service.id}`, { as: 'admin@p1', version: '2.53', status: 409 })
})

test('images through Nova: statuses in capitals, properties as metadata', async () => {
  const image = (await get(`/images/${the.imageId}`, '2.1', 'member@p1')).image
  assert.deepEqual([image.status, image.progress, image['OS-EXT-IMG-SIZE:size'], image.metadata], ['ACTIVE', 100, 4096, {}])
  assert.equal((await get('/images?limit=1', '2.1', 'member@p1')).images.length, 1)
  assert.equal((await get('/images/detail?status=SAVING', '2.1', 'member@p1')).images.length, 0)
  const admin = { as: 'admin@p1' }
  const path = `/compute/v2.1/images/${the.imageId}/metadata`
  assert.deepEqual((await the.api('POST', path, { ...admin, body: { metadata: { a: '1', b: '2' } } })).metadata, { a: '1', b: '2' })
  assert.deepEqual((await the.api('PUT', `${path}/a`, { ...admin, body: { meta: { a: '3' } } })).meta, { a: '3' })
  await the.api('DELETE', `${path}/b`, { ...admin, status: 204 })
  await the.api('DELETE', `${path}/b`, { ...admin, status: 404 })
  assert.deepEqual((await the.api('PUT', path, { ...admin, body: { metadata: { c: '4' } } })).metadata, { c: '4' })
  await the.api('GET', '/compute/v2.1/images/nothing', { status: 404 })
  await the.api('GET', '/compute/v2.1/images', { version: '2.36', status: 404 })
})

test('volumes and snapshots through Nova', async () => {
  const made = (
    await the.api('POST', '/compute/v2.1/os-volumes', { body: { volume: { size: '1', display_name: 'v', metadata: { a: 'b' } } } })
  ).volume
  assert.deepEqual([made.size, made.displayName, made.attachments, made.metadata], [1, 'v', [{}], { a: 'b' }])
  assert.deepEqual(
    (await the.api('GET', '/compute/v2.1/os-volumes?limit=1')).volumes.map((volume: any) => volume.id),
    [made.id],
  )
  for (const size of [0, 'x', -1]) await the.api('POST', '/compute/v2.1/os-volumes', { body: { volume: { size } }, status: 400 })
  await the.api('GET', '/compute/v2.1/os-volumes/11111111-1111-4111-8111-111111111111', { status: 404 })
  assert.deepEqual((await the.api('GET', '/compute/v2.1/os-snapshots')).snapshots, [])
})

test('with the last server everything is given back', async () => {
  await the.drop(id)
  const [listed] = (await get('/os-hypervisors', '2.53')).hypervisors
  assert.deepEqual((await the.cloud.request('GET', `/placement/resource_providers/${listed.id}/usages`, { as: 'admin@p1' })).body.usages, {
    VCPU: 0,
    MEMORY_MB: 0,
    DISK_GB: 0,
  })
  assert.deepEqual((await the.cloud.request('GET', `/placement/allocations/${id}`, { as: 'admin@p1' })).body.allocations, {})
})
