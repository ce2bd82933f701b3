import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { delay, systemClock } from '../../platform/clock.ts'
import { itemFetch } from '../../platform/work/items.ts'
import { agentsHeartbeat } from './agents.ts'
import { startNetworkApi, type NetworkApi } from '../../../test/support/network-api.ts'
import { hostNetworkRound } from '../host/network.reconciler.ts'

const admin = 'admin@p1'
let api: NetworkApi
before(async () => void (api = await startNetworkApi()))
after(() => api.stop())

const agent = async (type: string) =>
  (await api.ask('GET', `/agents?agent_type=${encodeURIComponent(type)}`, undefined, admin)).body.agents[0].id
const round = () => hostNetworkRound(api.cloud.systemContext(), 'host1')

test('clients 11 a router that was taken from its agent stays away, until it is changed or given to one', async () => {
  const l3 = await agent('L3 agent')
  const router = await api.make('/routers', 'router', {}, admin)
  const hosted = async () => (await api.ask('GET', `/routers/${router.id}/l3-agents`, undefined, admin)).body.agents.length
  assert.equal(await hosted(), 1)
  assert.equal((await api.ask('DELETE', `/agents/${l3}/l3-routers/${router.id}`, undefined, admin)).status, 204)
  for (let rounds = 0; rounds < 3; rounds++) await round()
  assert.equal(await hosted(), 0)
  assert.equal((await api.ask('DELETE', `/agents/${l3}/l3-routers/${router.id}`, undefined, admin)).status, 409)
  assert.equal((await api.ask('POST', `/agents/${l3}/l3-routers`, { router_id: router.id }, admin)).status, 201)
  assert.equal(await hosted(), 1)
  await api.ask('DELETE', `/agents/${l3}/l3-routers/${router.id}`, undefined, admin)
  assert.equal((await api.ask('PUT', `/routers/${router.id}`, { router: { description: 'changed' } }, admin)).status, 200)
  assert.equal(await hosted(), 1)
})

test('clients 11 a network that was taken from its DHCP agent stays away, until its next port or until it is given to one', async () => {
  const dhcp = await agent('DHCP agent')
  const network = await api.make('/networks', 'network', {}, admin)
  await api.make('/subnets', 'subnet', { network_id: network.id, ip_version: 4, cidr: '10.1.0.0/24' }, admin)
  const bound = () =>
    api.make('/ports', 'port', { network_id: network.id, 'binding:host_id': 'host1', device_owner: 'compute:nova' }, admin)
  await bound()
  await round()
  const ports = async () =>
    (await api.ask('GET', `/ports?network_id=${network.id}&device_owner=network:dhcp`, undefined, admin)).body.ports.length
  const hosted = async () => (await api.ask('GET', `/networks/${network.id}/dhcp-agents`, undefined, admin)).body.agents.length
  assert.deepEqual([await ports(), await hosted()], [1, 1])
  assert.equal((await api.ask('DELETE', `/agents/${dhcp}/dhcp-networks/${network.id}`, undefined, admin)).status, 204)
  for (let rounds = 0; rounds < 3; rounds++) await round()
  assert.deepEqual([await ports(), await hosted()], [0, 0])
  await bound()
  await round()
  assert.deepEqual([await ports(), await hosted()], [1, 1])
})

test('clients 11 an agent that is switched off is given nothing; one that was deleted and lives is known again', async () => {
  for (const [type, path, body] of [
    ['L3 agent', 'l3-routers', async () => ({ router_id: (await api.make('/routers', 'router', {}, admin)).id })],
    ['DHCP agent', 'dhcp-networks', async () => ({ network_id: (await api.make('/networks', 'network', {}, admin)).id })],
  ] as const) {
    const id = await agent(type)
    const give = async () => (await api.ask('POST', `/agents/${id}/${path}`, await body(), admin)).status
    await api.ask('PUT', `/agents/${id}`, { agent: { admin_state_up: false } }, admin)
    assert.equal(await give(), 409, type)
    await api.ask('PUT', `/agents/${id}`, { agent: { admin_state_up: true } }, admin)
    assert.equal(await give(), 201, type)
  }
  const id = await agent('Metadata agent')
  assert.equal((await api.ask('DELETE', `/agents/${id}`, undefined, admin)).status, 204)
  await api.cloud.systemContext().transaction((tx) => agentsHeartbeat(tx, ['host1']))
  assert.ok(await agent('Metadata agent'))
})

test('clients 15 a port that is bound to no host’s name says so, and nothing works for it: not now, and not what an older version left', async () => {
  const network = await api.make('/networks', 'network', {}, admin)
  await api.make('/subnets', 'subnet', { network_id: network.id, ip_version: 4, cidr: '10.2.0.0/24' }, admin)
  const item = () => itemFetch(api.cloud.platform.store, 'host-network/nowhere')
  const port = await api.make('/ports', 'port', { network_id: network.id, 'binding:host_id': 'nowhere' }, admin)
  const shown = (of: Record<string, unknown>) => [
    of['binding:vif_type'],
    of['binding:host_id'],
    of['status'],
    JSON.stringify(of['binding:vif_details']),
  ]
  assert.deepEqual(shown(port), ['binding_failed', 'nowhere', 'DOWN', '{}'])
  await api.ask('PUT', `/ports/${port.id}`, { port: { name: 'again', 'binding:host_id': 'nowhere' } }, admin)
  await api.make('/ports', 'port', { network_id: network.id }, admin)
  assert.equal(await item(), undefined, 'nobody was woken')
  // as an older version would have left it: woken for ever
  await api.cloud.systemContext().transaction((tx) => tx.work.signal(tx, { name: 'host-network' } as never, 'nowhere'))
  for (
    let tried = 0;
    tried < 500 && !((await item())?.state === 'ready' && ((await item())?.run_at ?? 0) > systemClock.nowMs() + 60_000);
    tried++
  )
    await delay(systemClock, 10)
  const left = await item()
  assert.deepEqual([left?.state, left?.attempts ?? 0], ['ready', 0], JSON.stringify(left))
  const moved = await api.ask('PUT', `/ports/${port.id}`, { port: { 'binding:host_id': 'host1' } }, admin)
  assert.deepEqual(shown(moved.body.port).slice(0, 2), ['bridge', 'host1'])
})
