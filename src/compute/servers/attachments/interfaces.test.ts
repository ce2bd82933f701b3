// A port on its way into a guest: whoever makes the guest meanwhile makes it without the port.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { settled } from '../../../../test/support/saga.ts'
import { startServerCloud, type ServerCloud } from '../../../../test/support/server-cloud.ts'
import { PermanentError } from '../../../platform/work/definition.ts'
import { guestSpec } from '../guest/spec.ts'
import { serverFetch } from '../store/servers.ts'
import { serverAttachInterfaceSaga } from './interface.saga.ts'

let c: ServerCloud
before(async () => void (c = await startServerCloud()))
after(() => c.stop())

const portsOfGuest = async (id: string) => (await c.host.guests.observe(id)).made?.portIds.length
async function portsToMake(id: string): Promise<number> {
  const server = await serverFetch(c.cloud.platform.store, id)
  assert.ok(server)
  return (await guestSpec(c.cloud.systemContext(), server, 'running')).ports.length
}

test('a guest gets an attached port when its filters stand, not before, and not when they never do', async () => {
  const id = await c.boot()
  const wire = serverAttachInterfaceSaga.steps.find(({ name }) => name === 'wire')
  const run = wire?.run
  assert.ok(run)
  const wiring = Promise.withResolvers<void>()
  const wired = Promise.withResolvers<void>()
  wire.run = () => {
    wiring.resolve()
    return wired.promise
  }
  try {
    await c.api('POST', `/compute/v2.1/servers/${id}/os-interface`, { body: { interfaceAttachment: { net_id: c.networkId } } })
    await wiring.promise
    assert.equal(await portsToMake(id), 1)
    wired.reject(new PermanentError('no filters'))
    await settled(c.cloud)
  } finally {
    wire.run = run
  }
  assert.deepEqual([await portsToMake(id), await portsOfGuest(id)], [1, 1])
  await c.api('POST', `/compute/v2.1/servers/${id}/os-interface`, { body: { interfaceAttachment: { net_id: c.networkId } } })
  await settled(c.cloud)
  assert.deepEqual([await portsToMake(id), await portsOfGuest(id)], [2, 2])
  await c.drop(id)
})

test('a hard reboot that takes over from a reboot leaves a detachment that is under way to its end', async () => {
  const id = await c.boot()
  const { port_id: portId } = (await c.api('GET', `/compute/v2.1/servers/${id}/os-interface`)).interfaceAttachments[0]
  const { guests } = c.host
  const { observe } = guests
  const looks = Promise.withResolvers<void>()
  const goesOn = Promise.withResolvers<void>()
  guests.observe = async (server) => {
    looks.resolve()
    await goesOn.promise
    return observe.call(guests, server)
  }
  try {
    await c.api('DELETE', `/compute/v2.1/servers/${id}/os-interface/${portId}`)
    await looks.promise
    await c.act(id, { reboot: { type: 'SOFT' } })
    await c.act(id, { reboot: { type: 'HARD' } })
  } finally {
    goesOn.resolve()
    guests.observe = observe
  }
  await settled(c.cloud)
  assert.deepEqual((await c.api('GET', `/compute/v2.1/servers/${id}/os-interface`)).interfaceAttachments, [])
  assert.equal(await portsOfGuest(id), 0)
  await c.drop(id)
})

test('clients 10 addresses and interfaces come in the order in which the NICs were asked for, ports given and made in turn', async () => {
  const { network: other } = await c.api('POST', '/network/v2.0/networks', { body: { network: { name: 'another' } } })
  await c.api('POST', '/network/v2.0/subnets', { body: { subnet: { network_id: other.id, cidr: '10.8.0.0/24', ip_version: 4 } } })
  const { port } = await c.api('POST', '/network/v2.0/ports', { body: { port: { network_id: c.networkId } } })
  const made = Array.from({ length: 4 }, () => ({ uuid: other.id }))
  const asked = [{ uuid: c.networkId }, made[0], { port: port.id }, ...made.slice(1), { uuid: c.networkId }]
  const id = await c.boot({ networks: asked })
  const { interfaceAttachments } = await c.api('GET', `/compute/v2.1/servers/${id}/os-interface`)
  const nets = interfaceAttachments.map((one: { net_id: string }) => one.net_id)
  assert.deepEqual(nets, [c.networkId, other.id, c.networkId, other.id, other.id, other.id, c.networkId])
  assert.equal(interfaceAttachments[2].port_id, port.id)
  const { server } = await c.api('GET', `/compute/v2.1/servers/${id}`)
  const shown = interfaceAttachments
    .filter((one: { net_id: string }) => one.net_id === other.id)
    .map((one: { fixed_ips: { ip_address: string }[] }) => one.fixed_ips[0]?.ip_address)
  assert.deepEqual(
    server.addresses['another'].map(({ addr }: { addr: string }) => addr),
    shown,
  )
  assert.deepEqual(Object.keys(server.addresses), ['net', 'another'])
  await c.drop(id)
})

test('clients 9 a network without an address left is a bad request, where one more port or address is asked for', async () => {
  const neutron = async (path: string, body: object) => {
    const answer = await c.cloud.request('POST', `/network/v2.0${path}`, { as: 'admin@p1', body })
    assert.equal(answer.status, 201, answer.text)
    return answer.body
  }
  const full = (await neutron('/networks', { network: { name: 'full' } })).network.id
  await neutron('/subnets', {
    subnet: {
      network_id: full,
      ip_version: 4,
      cidr: '10.251.0.0/29',
      enable_dhcp: false,
      allocation_pools: [{ start: '10.251.0.2', end: '10.251.0.2' }],
    },
  })
  const id = await c.boot({ networks: [{ uuid: full }] })
  const attached = await c.cloud.request('POST', `/compute/v2.1/servers/${id}/os-interface`, {
    as: 'member@p1',
    body: { interfaceAttachment: { net_id: full } },
  })
  const added = await c.cloud.request('POST', `/compute/v2.1/servers/${id}/action`, {
    as: 'member@p1',
    body: { addFixedIp: { networkId: full } },
  })
  for (const { status, body } of [attached, added])
    assert.deepEqual([status, body.badRequest?.message], [400, `No fixed IP addresses available for network: ${full}`])
  await c.drop(id)
})
