import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { WorkContext } from '../../platform/work/definition.ts'
import { startNetworkApi, type NetworkApi } from '../../../test/support/network-api.ts'
import {
  attachedPortMove,
  attachedPortsList,
  attachedPortsRelease,
  guestPorts,
  metadataOwner,
  networksForServer,
  portAttach,
  portsBind,
  portsOfServers,
  portsUnbind,
  portsWire,
} from '../index.ts'
import { serverPortCreate, serverPortDelete } from './ports.ts'

let api: NetworkApi
before(async () => void (api = await startNetworkApi()))
after(() => api.stop())

const work = (): WorkContext => ({ ctx: api.cloud.systemContext(), itemId: 'test', call: { fence: 1, requestId: 'req-test' }, attempt: 1 })
const system = () => api.cloud.systemContext()
let serial = 0
const serverId = () => `00000000-0000-4000-8000-${String(++serial).padStart(12, '0')}`
const network = async (cidr: string, as = 'member@p1') => {
  const made = await api.make('/networks', 'network', {}, as)
  await api.make('/subnets', 'subnet', { network_id: made.id, ip_version: 4, cidr }, as)
  return made
}
const portOf = (networkId: string, server: string) =>
  serverPortCreate(system(), { networkId, projectId: 'p1', deviceId: server, deviceOwner: 'compute:nova', host: 'host1' })

test('a server’s port is wired with its filters, DHCP comes with it, and all goes with the port', async () => {
  const made = await network('10.1.0.0/24')
  const server = serverId()
  const port = await portOf(made.id, server)
  await portsWire(work(), 'host1', [port.id])
  const spec = api.host.network.spec()
  assert.deepEqual(
    spec?.ports.map(({ id, fixedIps }) => [id, fixedIps]),
    [[port.id, port.fixedIps.map(({ ipAddress }) => ipAddress)]],
  )
  assert.equal(spec?.securityGroups.length, 1)
  const ingress = spec?.securityGroups[0]?.rules.filter((rule) => rule.direction === 'ingress' && rule.ethertype === 'IPv4')
  assert.deepEqual(ingress?.[0]?.remoteCidrs, [`${port.fixedIps[0]?.ipAddress}/32`])
  assert.deepEqual(
    spec?.dhcp.map(({ networkId, metadata }) => [networkId, metadata]),
    [[made.id, true]],
  )
  assert.deepEqual(
    spec?.dhcp[0]?.leases.map(({ portId, ips }) => [portId, ips]),
    [[port.id, port.fixedIps.map(({ ipAddress }) => ipAddress)]],
  )
  // the first free one: the guest's own is taken at random
  assert.equal(spec?.dhcp[0]?.subnets[0]?.serverIp, port.fixedIps[0]?.ipAddress === '10.1.0.2' ? '10.1.0.3' : '10.1.0.2')
  const shown = (await api.ask('GET', `/ports/${port.id}`, undefined, 'admin@p1')).body.port
  assert.deepEqual(
    [shown.status, shown['binding:host_id'], shown['binding:vif_type'], shown.device_id],
    ['ACTIVE', 'host1', 'bridge', server],
  )
  assert.deepEqual(await guestPorts(system(), server), [{ portId: port.id, mac: port.mac, mtuBytes: 1450 }])
  const view = (await portsOfServers(system(), [server])).get(server)?.[0]
  assert.deepEqual([view?.networkName, view?.securityGroups.map(({ name }) => name)], ['', ['default']])
  const dhcp = await api.ask('GET', `/ports?device_owner=network:dhcp&network_id=${made.id}`)
  assert.equal(dhcp.body.ports.length, 1)

  await serverPortDelete(system(), port.id)
  assert.equal((await api.ask('DELETE', `/networks/${made.id}`)).status, 204)
  await api.until('/networks', 'networks', () => api.host.network.spec()?.ports.length === 0)
  await api.until('/networks', 'networks', () => api.host.network.spec()?.networks.length === 0)
  assert.deepEqual(await api.host.network.list(), { bridges: [], taps: [], namespaces: [], processes: [], tables: [] })
})

test('many callers share rounds: a hundred ports are wired in far fewer specs', async () => {
  const made = await network('10.2.0.0/24')
  const ports = []
  for (let index = 0; index < 100; index++) ports.push(await portOf(made.id, serverId()))
  await portsWire(work(), 'host1', [ports[0]?.id ?? ''])
  const before = api.host.network.spec()?.generation ?? 0
  await Promise.all(ports.map(({ id }) => portsWire(work(), 'host1', [id])))
  const rounds = (api.host.network.spec()?.generation ?? 0) - before
  assert.ok(rounds >= 1 && rounds < 40, `${rounds} rounds`)
  for (const { id } of ports) await serverPortDelete(system(), id)
})

test('a port is bound to one server only, and comes loose again', async () => {
  const made = await network('10.3.0.0/24')
  const port = await api.make('/ports', 'port', { network_id: made.id })
  const [first, second] = [serverId(), serverId()]
  const bind = (id: string) =>
    system().transaction((tx) => portsBind(tx, { ids: [port.id], host: 'host1', serverId: id, availabilityZone: 'nova' }))
  await bind(first)
  await bind(first)
  await assert.rejects(bind(second), /still in use/)
  assert.equal((await api.ask('GET', `/ports/${port.id}`)).body.port.device_owner, 'compute:nova')
  await system().transaction((tx) => portsUnbind(tx, { ids: [port.id] }))
  assert.deepEqual((({ device_id, status }) => [device_id, status])((await api.ask('GET', `/ports/${port.id}`)).body.port), ['', 'DOWN'])
  await bind(second)
})

test('a server has ports by the ports alone: tag and state, and what was made for it goes with it', async () => {
  const made = await network('10.20.0.0/24')
  const own = await api.make('/ports', 'port', { network_id: made.id })
  const [first, second] = [serverId(), serverId()]
  const taker = (id: string) =>
    ({ serverId: id, projectId: 'p1', hostname: 'h', host: 'host1', availabilityZone: 'nova', state: 'attaching' }) as const
  const attach = (id: string, portId: string | null, tag: string | null) =>
    system().transaction((tx) => portAttach(tx, { networkId: made.id, portId, fixedIp: null, tag }, taker(id)))
  const ports = async (id: string) => (await attachedPortsList(system(), [id])).map(({ portId, tag, state }) => [portId, tag, state])
  const inGuest = async (id: string) => (await guestPorts(system(), id)).map(({ portId }) => portId)
  assert.equal(await attach(first, own.id, 't'), own.id)
  const new1 = await attach(first, null, null)
  assert.deepEqual(await ports(first), [
    [own.id, 't', 'attaching'],
    [new1, null, 'attaching'],
  ])
  assert.deepEqual(await inGuest(first), [])
  await system().transaction(async (tx) => {
    await attachedPortMove(tx, new1, { from: 'attaching', to: 'attached' })
    await attachedPortMove(tx, own.id, { from: 'detaching', to: 'attached' })
  })
  assert.deepEqual(await inGuest(first), [new1])
  // a new binding of the same server leaves them as they are
  await system().transaction((tx) => portsBind(tx, { ids: [own.id, new1], host: 'host1', serverId: first, availabilityZone: 'nova' }))
  assert.deepEqual(await ports(first), [
    [own.id, 't', 'attaching'],
    [new1, null, 'attached'],
  ])
  await assert.rejects(attach(second, own.id, null), /still in use/)
  // one that is not this server's stays
  await system().transaction((tx) => attachedPortsRelease(tx, second, own.id))
  await system().transaction((tx) => attachedPortsRelease(tx, first, own.id))
  assert.deepEqual(await ports(first), [[new1, null, 'attached']])
  assert.equal((await api.ask('GET', `/ports/${own.id}`)).body.port.device_id, '')
  await attach(second, own.id, null)
  assert.deepEqual(await ports(second), [[own.id, null, 'attaching']])
  for (const id of [first, second]) await system().transaction((tx) => attachedPortsRelease(tx, id))
  assert.deepEqual([await ports(first), await ports(second)], [[], []])
  assert.equal((await api.ask('GET', `/ports/${own.id}`)).status, 200)
  assert.equal((await api.ask('GET', `/ports/${new1}`)).status, 404)
})

test('networks of a new server: the only one, an ambiguous choice, a port in use, a network that is not one’s own', async () => {
  const ctx = () =>
    new (api.cloud.systemContext().constructor as any)(api.cloud.platform, {
      actor: { ...api.cloud.systemContext().actor, roles: ['member', 'reader'], projectId: 'lonely' },
      requestId: 'r',
    })
  assert.deepEqual(await networksForServer(ctx(), { projectId: 'lonely', requested: undefined, count: 1 }), [])
  const only = await network('10.4.0.0/24', 'member@lonely')
  assert.deepEqual(await networksForServer(ctx(), { projectId: 'lonely', requested: undefined, count: 1 }), [
    { networkId: only.id, portId: null, fixedIp: null, tag: null },
  ])
  await network('10.5.0.0/24', 'member@lonely')
  await assert.rejects(networksForServer(ctx(), { projectId: 'lonely', requested: 'auto', count: 1 }), /Multiple possible networks/)
  const foreign = await network('10.6.0.0/24', 'member@other')
  await assert.rejects(
    networksForServer(ctx(), { projectId: 'lonely', requested: [{ networkId: foreign.id }], count: 1 }),
    /could not be found/,
  )
  const theirs = await api.make('/ports', 'port', { network_id: foreign.id }, 'member@other')
  await assert.rejects(
    networksForServer(ctx(), { projectId: 'lonely', requested: [{ portId: theirs.id }], count: 1 }),
    /could not be found/,
  )
  const used = await api.make('/ports', 'port', { network_id: only.id, device_id: 'x' }, 'member@lonely')
  await assert.rejects(networksForServer(ctx(), { projectId: 'lonely', requested: [{ portId: used.id }], count: 1 }), /still in use/)
})

test('attack-26: metadata goes by the address and the binding, not by a device id that a user wrote', async () => {
  const victim = serverId()
  const made = await network('10.7.0.0/24')
  const port = await portOf(made.id, victim)
  const address = port.fixedIps[0]?.ipAddress ?? ''
  assert.deepEqual(await metadataOwner(system(), { networkId: made.id, routerId: null, address }), {
    portId: port.id,
    serverId: victim,
    projectId: 'p1',
  })
  const own = await network('10.8.0.0/24', 'member@thief')
  const forged = await api.make('/ports', 'port', { network_id: own.id, device_id: victim, device_owner: 'compute:nova' }, 'member@thief')
  assert.equal(await metadataOwner(system(), { networkId: own.id, routerId: null, address: forged.fixed_ips[0].ip_address }), null)
  // nor does it show up as a port of the victim's server, or get plugged into it
  assert.deepEqual(
    (await portsOfServers(system(), [victim])).get(victim)?.map(({ portId }) => portId),
    [port.id],
  )
  assert.deepEqual(
    (await guestPorts(system(), victim)).map(({ portId }) => portId),
    [port.id],
  )
})

test('attack-23: what anti-spoofing needs is in the spec: addresses, pairs, and port security switched off only by who may', async () => {
  const made = await network('10.9.0.0/24')
  const port = await api.make('/ports', 'port', { network_id: made.id, allowed_address_pairs: [{ ip_address: '10.9.0.99' }] })
  await system().transaction((tx) => portsBind(tx, { ids: [port.id], host: 'host1', serverId: serverId(), availabilityZone: 'nova' }))
  await portsWire(work(), 'host1', [port.id])
  const found = api.host.network.spec()?.ports.find(({ id }) => id === port.id)
  assert.deepEqual(
    [found?.portSecurityEnabled, found?.fixedIps, found?.allowedAddressPairs],
    [true, [port.fixed_ips[0].ip_address], [{ ip: '10.9.0.99', mac: port.mac_address }]],
  )
  const shared = await api.make('/networks', 'network', { shared: true }, 'admin@p0')
  await api.make('/subnets', 'subnet', { network_id: shared.id, ip_version: 4, cidr: '10.10.0.0/24' }, 'admin@p0')
  for (const values of [
    { port_security_enabled: false },
    { allowed_address_pairs: [{ ip_address: '10.10.0.1' }] },
    { mac_address: 'fa:16:3e:00:00:01' },
    { fixed_ips: [{ ip_address: '10.10.0.5' }] },
  ]) {
    const { status } = await api.ask('POST', '/ports', { port: { network_id: shared.id, ...values } })
    assert.equal(status, 403, JSON.stringify(values))
  }
})

test('attack-24: DHCP options that could become configuration of their own are refused', async () => {
  const made = await network('10.11.0.0/24')
  for (const option of [
    { opt_name: 'tftp-server', opt_value: '1.2.3.4\ndhcp-script=/bin/sh' },
    { opt_name: 'a\nb', opt_value: 'c' },
    { opt_name: 'a b', opt_value: 'c' },
    { opt_name: '', opt_value: 'c' },
    { opt_name: 'bootfile-name', opt_value: 'x\r\ny' },
    { opt_name: 'x,y', opt_value: 'z' },
  ]) {
    const { status, body } = await api.ask('POST', '/ports', { port: { network_id: made.id, extra_dhcp_opts: [option] } })
    assert.deepEqual([status, body.NeutronError.type], [400, 'InvalidInput'], JSON.stringify(option))
  }
  const port = await api.make('/ports', 'port', {
    network_id: made.id,
    extra_dhcp_opts: [{ opt_name: 'bootfile-name', opt_value: 'pxelinux.0' }],
  })
  assert.deepEqual(port.extra_dhcp_opts, [{ opt_name: 'bootfile-name', opt_value: 'pxelinux.0', ip_version: 4 }])
})
