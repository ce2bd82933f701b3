// What a request for servers and their ports runs into: the quota of ports, sizes, and what its user reads of a failure.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { resourceLeft } from '../../../test/support/ports-left.ts'
import { settled } from '../../../test/support/saga.ts'
import { startServerCloud, type ServerCloud } from '../../../test/support/server-cloud.ts'
import { quotaSet } from '../../platform/quota.ts'
import { withoutHosts } from './faults.ts'

let the: ServerCloud
before(async () => void (the = await startServerCloud({ hosts: 2 })))
after(() => the.stop())

const post = (url: string, body: unknown, { as = 'member@p1', version = '2.90' } = {}) =>
  the.cloud.request('POST', `/compute/v2.1/${url}`, { as, body, headers: { 'openstack-api-version': `compute ${version}` } })
const interfaces = async (id: string) =>
  (await the.api('GET', `/compute/v2.1/servers/${id}/os-interface`)).interfaceAttachments as { port_id: string }[]

test('G18 ports beyond the quota are refused with the request, at every way to make them, and a batch is as long as they allow', async () => {
  const id = await the.boot()
  await settled(the.cloud)
  await resourceLeft(the.cloud, 'port', 3)
  const nic = { uuid: the.networkId }
  for (const more of [{ networks: [nic, nic, nic, nic] }, { min_count: 4, max_count: 4 }, { min_count: 2, networks: [nic, nic] }]) {
    const answer = await post('servers', the.server(more))
    assert.equal(answer.status, 403, answer.text)
    assert.match(answer.text, /Maximum number of ports exceeded/)
  }
  const batch = await post('servers', {
    server: { ...(the.server()['server'] as object), min_count: 1, max_count: 5, return_reservation_id: true },
  })
  assert.equal(batch.status, 202, batch.text)
  await settled(the.cloud)
  const { servers } = await the.api('GET', `/compute/v2.1/servers?reservation_id=${batch.body.reservation_id}`, { as: 'admin@p1' })
  assert.equal(servers.length, 3)
  const plug = await post(`servers/${id}/os-interface`, { interfaceAttachment: { net_id: the.networkId } })
  assert.deepEqual([plug.status, plug.body.forbidden?.message], [403, 'Maximum number of ports exceeded'])
  assert.equal((await post('servers', the.server({ networks: 'none' }))).status, 202)
  await quotaSet(the.cloud.systemContext(), 'network', 'p1', { port: -1 })
  for (const server of servers) await the.drop(server.id)
  await the.drop(id)
})

test('clients 11 a port may be taken out at once after it was put in', async () => {
  const id = await the.boot()
  for (let round = 0; round < 3; round++) {
    const { port_id: port } = (await post(`servers/${id}/os-interface`, { interfaceAttachment: { net_id: the.networkId } })).body
      .interfaceAttachment
    const url = `/compute/v2.1/servers/${id}/os-interface/${port}`
    assert.equal((await the.cloud.request('DELETE', url, { as: 'member@p1' })).status, 202)
    assert.equal((await the.cloud.request('DELETE', url, { as: 'member@p1' })).status, 404)
    await settled(the.cloud)
    assert.equal((await interfaces(id)).length, 1)
    assert.equal((await the.cloud.request('GET', `/network/v2.0/ports/${port}`, { as: 'member@p1' })).status, 404)
  }
  const guests = await Promise.all(the.hosts.map(async (host) => (await host.guests.observe(id)).made?.portIds.length ?? 0))
  assert.equal(Math.max(...guests), 1)
  assert.deepEqual(
    await the.cloud
      .request('GET', `/compute/v2.1/servers/${id}`, { as: 'member@p1' })
      .then(({ body }) => [body.server.status, body.server['OS-EXT-STS:task_state']]),
    ['ACTIVE', null],
  )
  await the.drop(id)
})

test('clients 9 a network that could be any of several is a conflict for a new server, and a bad request for one that is there', async () => {
  const id = await the.boot()
  const { network } = (
    await the.cloud.request('POST', '/network/v2.0/networks', { as: 'member@p1', body: { network: { name: 'another' } } })
  ).body
  await the.cloud.request('POST', '/network/v2.0/subnets', {
    as: 'member@p1',
    body: { subnet: { network_id: network.id, cidr: '10.77.0.0/24', ip_version: 4 } },
  })
  assert.equal((await post('servers', the.server({ networks: 'auto' }))).status, 409)
  assert.equal((await post(`servers/${id}/os-interface`, {})).status, 400)
  await the.drop(id)
  assert.equal((await the.cloud.request('DELETE', `/network/v2.0/networks/${network.id}`, { as: 'member@p1' })).status, 204)
})

test('F18 a member reads why, and nothing of hosts and filters; an admin reads all of it', async () => {
  const big = (
    await the.api('POST', '/compute/v2.1/flavors', {
      as: 'admin@p1',
      body: { flavor: { name: 'huge', ram: 99_999_999, vcpus: 1, disk: 1 } },
    })
  ).flavor.id
  const failures: [Record<string, unknown>, RegExp][] = [
    [{ flavorRef: big }, /^No valid host was found. There are not enough hosts available.$/],
    [{ metadata: { 'fake:spawn': 'error:no_space:the disk of host1 is full' } }, /full/],
  ]
  for (const [more, said] of failures) {
    const { id } = (await post('servers', the.server(more))).body.server
    await the.until(id, 'ERROR')
    const { fault } = (await the.cloud.request('GET', `/compute/v2.1/servers/${id}`, { as: 'member@p1' })).body.server
    assert.match(fault.message, said)
    assert.doesNotMatch(JSON.stringify(fault), /host\d|Filter|Placement/)
    const details = (await the.show(id)).fault.details
    assert.match(details, /host\d/)
    await the.drop(id)
  }
  assert.equal(
    withoutHosts('it could not be built on vm, vm-2. The host vm is not connected; fe80::vm', new Set(['vm', 'vm-2'])),
    'it could not be built on several hosts. a host is not connected; fe80::a host',
  )
})

test('F28 a server has no hundreds of networks, devices or groups, and no heap of hints', async () => {
  const many = <T>(item: T) => Array.from({ length: 200 }, () => item)
  const bodies = [
    the.server({ networks: many({ uuid: the.networkId }) }),
    the.server({ security_groups: many({ name: 'default' }) }),
    the.server({ block_device_mapping_v2: many({ source_type: 'blank', destination_type: 'volume', volume_size: 1, boot_index: -1 }) }),
    the.server({ block_device_mapping: many({ virtual_name: 'swap', device_name: 'vdb' }) }),
    { ...the.server(), 'os:scheduler_hints': { note: 'x'.repeat(100_000) } },
  ]
  for (const body of bodies) {
    const answer = await post('servers', body)
    assert.equal(answer.status, 400, answer.text.slice(0, 200))
  }
})

test('hundreds of servers in one request leave turns to others', async () => {
  await quotaSet(the.cloud.systemContext(), 'compute', 'p1', { instances: -1, cores: -1, ram: -1 })
  const flavor = { name: 'nowhere', ram: 64, vcpus: 100_000, disk: 1 }
  const { id } = (await the.api('POST', '/compute/v2.1/flavors', { as: 'admin@p1', body: { flavor } })).flavor
  let turns = 0
  let isAnswered = false
  const count = () => {
    turns++
    if (!isAnswered) setImmediate(count)
  }
  setImmediate(count)
  const body = the.server({ flavorRef: id, networks: 'none', max_count: 300 })
  await the.api('POST', '/compute/v2.1/servers', { body, version: '2.37' })
  isAnswered = true
  assert.ok(turns > 50, `${turns} turns`)
  const { servers } = await the.api('GET', '/compute/v2.1/servers?limit=1000')
  for (const server of servers) await the.api('DELETE', `/compute/v2.1/servers/${server.id}`)
})
