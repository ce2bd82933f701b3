import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startNetworkApi, type NetworkApi } from '../../../test/support/network-api.ts'

let api: NetworkApi
before(async () => void (api = await startNetworkApi()))
after(() => api.stop())

const subnetOn = (networkId: string, cidr: string, more: Record<string, unknown> = {}, as = 'member@p1') =>
  api.make('/subnets', 'subnet', { network_id: networkId, ip_version: cidr.includes(':') ? 6 : 4, cidr, ...more }, as)
const act = (routerId: string, action: string, body: unknown, as = 'member@p1') =>
  api.ask('PUT', `/routers/${routerId}/${action}_router_interface`, body, as)
const slaac = { ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' }

test('F17 a router takes the gateway address of a shared subnet only for its owner, an admin, or whom the network is shared with by name', async () => {
  const shared = await api.make('/networks', 'network', { shared: true }, 'admin@owner')
  const subnet = await subnetOn(shared.id, '10.1.0.0/24', { allocation_pools: [{ start: '10.1.0.100', end: '10.1.0.150' }] }, 'admin@owner')
  const router = await api.make('/routers', 'router', {})
  const refused = await act(router.id, 'add', { subnet_id: subnet.id })
  assert.equal(refused.status, 400, JSON.stringify(refused.body))
  assert.match(refused.body.NeutronError.message, /not owned by project making the request/)
  // an address that the pools gave is fine; one beside them that somebody put there for him is not
  const outside = await api.make(
    '/ports',
    'port',
    { network_id: shared.id, project_id: 'p1', fixed_ips: [{ ip_address: '10.1.0.9' }] },
    'admin@owner',
  )
  const beside = await act(router.id, 'add', { port_id: outside.id })
  assert.equal(beside.status, 400)
  assert.match(beside.body.NeutronError.message, /out of the allocation pool/)
  assert.equal((await api.ask('GET', `/ports/${outside.id}`)).body.port.device_id, '', 'the port is as it was')
  const inside = await api.make('/ports', 'port', { network_id: shared.id })
  assert.equal((await act(router.id, 'add', { port_id: inside.id })).status, 200)
  assert.equal((await act(router.id, 'remove', { port_id: inside.id })).status, 200)
  await api.make(
    '/rbac-policies',
    'rbac_policy',
    { object_type: 'network', object_id: shared.id, action: 'access_as_shared', target_tenant: 'p1' },
    'admin@owner',
  )
  assert.equal((await act(router.id, 'add', { subnet_id: subnet.id })).status, 200)
  const other = await api.make('/routers', 'router', {}, 'admin@p2')
  assert.equal((await act(other.id, 'add', { subnet_id: subnet.id }, 'admin@p2')).status, 409, 'the address is taken by then')
})

for (const mode of [
  slaac,
  { ipv6_ra_mode: 'dhcpv6-stateless', ipv6_address_mode: 'dhcpv6-stateless' },
  { ipv6_ra_mode: 'dhcpv6-stateful', ipv6_address_mode: 'dhcpv6-stateful' },
  { ipv6_address_mode: undefined },
]) {
  for (const way of ['subnet_id', 'port_id', 'both']) {
    test(`clients 17 two IPv6 subnets (${mode.ipv6_address_mode ?? 'no mode'}) on a router's port, taken off by ${way}: what was answered was done, and all can be deleted`, async () => {
      const network = await api.make('/networks', 'network', {})
      const first = await subnetOn(network.id, 'fd00:1::/64', mode)
      const second = await subnetOn(network.id, 'fd00:2::/64', mode)
      const router = await api.make('/routers', 'router', {})
      const made = await act(router.id, 'add', { subnet_id: first.id })
      assert.deepEqual([made.body.project_id, made.body.tenant_id, made.body.subnet_ids], ['p1', 'p1', [first.id]])
      const more = await act(router.id, 'add', { subnet_id: second.id })
      assert.deepEqual([more.body.port_id, more.body.subnet_id, more.body.subnet_ids], [made.body.port_id, second.id, [second.id]])
      const addresses = async () =>
        (await api.ask('GET', `/ports/${made.body.port_id}`)).body.port?.fixed_ips.map(({ subnet_id }: { subnet_id: string }) => subnet_id)
      assert.deepEqual(await addresses(), [first.id, second.id])
      if (way === 'subnet_id') {
        const gone = await act(router.id, 'remove', { subnet_id: second.id })
        assert.deepEqual([gone.status, gone.body.project_id, gone.body.subnet_ids], [200, 'p1', [second.id]])
        assert.deepEqual(await addresses(), [first.id])
        assert.equal((await api.ask('DELETE', `/subnets/${second.id}`)).status, 204)
        assert.equal((await act(router.id, 'remove', { subnet_id: first.id })).status, 200)
      } else {
        const wish = { port_id: made.body.port_id, ...(way === 'both' ? { subnet_id: second.id } : {}) }
        assert.equal((await act(router.id, 'remove', wish)).status, 200)
        assert.equal((await api.ask('DELETE', `/subnets/${second.id}`)).status, 204)
      }
      assert.equal((await api.ask('GET', `/ports/${made.body.port_id}`)).status, 404)
      assert.equal((await api.ask('DELETE', `/subnets/${first.id}`)).status, 204)
      assert.equal((await api.ask('DELETE', `/routers/${router.id}`)).status, 204)
      assert.equal((await api.ask('DELETE', `/networks/${network.id}`)).status, 204)
    })
  }
}

test('clients 17 a subnet whose addresses guests made themselves is deleted and its addresses leave the ports; a router or a fixed address keeps it', async () => {
  const network = await api.make('/networks', 'network', {})
  const four = await subnetOn(network.id, '10.2.0.0/24')
  const auto = await subnetOn(network.id, 'fd00:3::/64', slaac)
  const stateful = await subnetOn(network.id, 'fd00:4::/64', { ipv6_ra_mode: 'dhcpv6-stateful', ipv6_address_mode: 'dhcpv6-stateful' })
  const port = await api.make('/ports', 'port', { network_id: network.id })
  assert.deepEqual(
    new Set(port.fixed_ips.map(({ subnet_id }: { subnet_id: string }) => subnet_id)),
    new Set([four.id, auto.id, stateful.id]),
  )
  assert.equal((await api.ask('DELETE', `/subnets/${stateful.id}`)).status, 409)
  const router = await api.make('/routers', 'router', {})
  assert.equal((await act(router.id, 'add', { subnet_id: auto.id })).status, 200)
  assert.equal((await api.ask('DELETE', `/subnets/${auto.id}`)).status, 409)
  assert.equal((await act(router.id, 'remove', { subnet_id: auto.id })).status, 200)
  assert.equal((await api.ask('DELETE', `/subnets/${auto.id}`)).status, 204)
  const left = (await api.ask('GET', `/ports/${port.id}`)).body.port.fixed_ips.map(({ subnet_id }: { subnet_id: string }) => subnet_id)
  assert.deepEqual(left, [four.id, stateful.id])
})

test('clients 17 a subnet that another router advertises is none for a router of ours, by whatever way', async () => {
  const network = await api.make('/networks', 'network', {})
  const subnet = await subnetOn(network.id, 'fd00:5::/64', { ipv6_address_mode: 'slaac' })
  const router = await api.make('/routers', 'router', {})
  const port = await api.make('/ports', 'port', { network_id: network.id })
  for (const wish of [{ subnet_id: subnet.id }, { port_id: port.id }]) assert.equal((await act(router.id, 'add', wish)).status, 400)
})
