// Packets through routers, floating IPs, DHCP, router advertisements and the metadata address. Run inside a
// namespace of its own by real.real.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DhcpSubnetSpec, HostNetworkSpec, RouterSpec } from '../../../src/contract/network.ts'
import { routerNamespace } from '../../../src/host/network/names.ts'
import { run } from '../../../src/host/network/run.ts'
import { labCloud, type LabCloud } from './cloud.ts'
import type { Guest } from './guest.ts'
import { dhcp, group, idOf, macOf, network, port, router, routerPort, rule, spec } from './specs.ts'

const subnet = (name: string, more: Partial<DhcpSubnetSpec>): DhcpSubnetSpec => ({
  id: idOf(name),
  cidr: '10.0.0.0/24',
  ipVersion: 4,
  serverIp: '10.0.0.2',
  gatewayIp: '10.0.0.1',
  enableDhcp: true,
  ipv6Mode: null,
  dnsNameservers: [],
  hostRoutes: [],
  mtuBytes: 1450,
  ...more,
})
const open = group('default', [rule({}), rule({ ethertype: 'IPv6' })])
const publicNetwork = network('public', {
  type: 'flat',
  physicalNetwork: 'public',
  segmentationId: null,
  mtuBytes: 1500,
  hostAddresses: ['203.0.113.1/24'],
})
const gateway = (name: string, address: string): RouterSpec['gateway'] => ({
  ...routerPort(name, 'public', [`${address}/24`]),
  enableSnat: true,
  gatewayIps: ['203.0.113.1'],
})

/** Two networks, a router with a gateway, guests a and b on the first and c on the second. */
const story = (more: Partial<RouterSpec> = {}): HostNetworkSpec =>
  spec({
    networks: [network('n1'), network('n2'), publicNetwork],
    ports: [
      port('a', 'n1', { fixedIps: ['10.0.0.11'] }),
      port('b', 'n1', { fixedIps: ['10.0.0.12'] }),
      port('c', 'n2', { fixedIps: ['10.1.0.13'] }),
    ],
    securityGroups: [open],
    routers: [
      router('r', {
        interfaces: [routerPort('r-n1', 'n1', ['10.0.0.1/24']), routerPort('r-n2', 'n2', ['10.1.0.1/24'])],
        gateway: gateway('r-public', '203.0.113.20'),
        floatingIps: [{ id: 'f', floatingIp: '203.0.113.50', fixedIp: '10.0.0.11' }],
        ...more,
      }),
    ],
  })

async function storyGuests(cloud: LabCloud): Promise<[Guest, Guest, Guest, Guest]> {
  const [a, b, c, machine] = (await Promise.all([cloud.guest('a'), cloud.guest('b'), cloud.guest('c'), cloud.machine()])) as [
    Guest,
    Guest,
    Guest,
    Guest,
  ]
  const report = await cloud.apply(story())
  assert.deepEqual(report.routers, { [idOf('r')]: { state: 'up', reason: null } })
  await a.address('10.0.0.11/24', '10.0.0.1')
  await b.address('10.0.0.12/24', '10.0.0.1')
  await c.address('10.1.0.13/24', '10.1.0.1')
  return [a, b, c, machine]
}

test('a router joins networks, hides guests behind its address, and floating IPs reach in and out', async () => {
  await using cloud = await labCloud()
  const [a, b, c, machine] = await storyGuests(cloud)
  assert.equal(await a.ask('ping', { to: '10.1.0.13' }), '10.1.0.13', 'from network to network')
  for (const server of [a, machine]) await server.ask('serve', { port: 22, host: '0.0.0.0' })
  const seenBy = (who: Guest, to: string) => who.ask('connect', { to, port: 22 })
  assert.equal(await seenBy(b, '203.0.113.1'), '203.0.113.20', 'shared source NAT')
  assert.equal(await seenBy(c, '203.0.113.1'), '203.0.113.20', 'from the other network as well')
  assert.equal(await seenBy(a, '203.0.113.1'), '203.0.113.50', 'the floating IP for its own port')
  assert.equal(await seenBy(machine, '203.0.113.50'), '203.0.113.1', 'the machine reaches it, and is seen as itself')
  assert.ok(await seenBy(c, '203.0.113.50'), 'from inside the same router')
  assert.ok(await seenBy(b, '203.0.113.50'), 'from the same network')
  assert.ok(await seenBy(a, '203.0.113.50'), 'and from itself')
})

test('a floating IP that is taken away ends its flows; one that moves is found at its new place', async () => {
  await using cloud = await labCloud()
  const [a, b, , machine] = await storyGuests(cloud)
  for (const guest of [a, b]) await guest.ask('serve', { port: 22, host: '0.0.0.0' })
  assert.equal(await machine.ask('connect', { to: '203.0.113.50', port: 22, name: 'x' }), '203.0.113.1')
  await cloud.apply(story({ floatingIps: [{ id: 'f', floatingIp: '203.0.113.50', fixedIp: '10.0.0.12' }] }))
  assert.equal(await machine.ask('talk', { name: 'x', text: 'still?', limit: 1 }), null)
  await b.ask('capture')
  assert.equal(await machine.ask('connect', { to: '203.0.113.50', port: 22 }), '203.0.113.1')
  await machine.ask('udp', { to: '203.0.113.50', port: 9, text: 'to-b-now' })
  assert.ok(await b.ask('await', { marker: 'to-b-now' }))
})

test('a router without SNAT keeps addresses, extra routes and its admin state are honoured', async () => {
  await using cloud = await labCloud()
  const [, b, c] = await storyGuests(cloud)
  await cloud.apply(story({ floatingIps: [], routes: [{ destination: '192.0.2.0/24', nexthop: '10.1.0.13' }] }))
  await c.ask('run', { argv: ['ip', 'addr', 'add', '192.0.2.7/32', 'dev', 'lo'] })
  assert.equal(await b.ask('ping', { to: '192.0.2.7' }), null, 'c may not answer with an address that is not its port')
  const routes = () => run(['ip', '-n', routerNamespace(idOf('r')), 'route', 'show', 'proto', 'static'])
  assert.match(await routes(), /192\.0\.2\.0\/24 via 10\.1\.0\.13/)
  await cloud.apply(story())
  assert.doesNotMatch(await routes(), /192\.0\.2/)
  const report = await cloud.apply(story({ adminStateUp: false }))
  assert.equal(report.routers[idOf('r')]?.state, 'down')
  assert.deepEqual((await cloud.net.list()).namespaces, [])
})

test('DHCP gives the port its address, routes, names and options; metadata knows who asks', async () => {
  await using cloud = await labCloud()
  const [a, b] = (await Promise.all([cloud.guest('a'), cloud.guest('b')])) as [Guest, Guest]
  const lease = (name: string, ip: string, more = {}) => ({
    portId: idOf(name),
    mac: macOf(name),
    ips: [ip],
    hostname: `host-${name}`,
    options: [],
    ...more,
  })
  const attack = [
    { name: 'tftp-server', value: '192.0.2.9', ipVersion: 4 as const },
    { name: 'bootfile-name', value: 'x\ndhcp-script=/bin/false', ipVersion: 4 as const },
    { name: 'x,option:router', value: '6.6.6.6', ipVersion: 4 as const },
    { name: 'domain-name', value: 'evil" ', ipVersion: 4 as const },
  ]
  const wanted = (leases: ReturnType<typeof lease>[]) =>
    spec({
      networks: [network('n1')],
      ports: [port('a', 'n1', { fixedIps: ['10.0.0.11'] }), port('b', 'n1', { fixedIps: ['10.0.0.12'] })],
      securityGroups: [open],
      dhcp: [
        dhcp('n1', {
          metadata: true,
          leases,
          subnets: [subnet('s', { hostRoutes: [{ destination: '192.0.2.0/24', nexthop: '10.0.0.9' }] })],
        }),
      ],
    })
  const report = await cloud.apply(wanted([lease('a', '10.0.0.11', { options: attack })]))
  assert.deepEqual(report.dhcp, { [idOf('n1')]: { state: 'up', reason: null } })
  type Answer = { ip: string; options: Record<string, string> } | null
  const got = await a.ask<Answer>('dhcp', { own: a.mac })
  assert.equal(got?.ip, '10.0.0.11')
  assert.equal(got?.options['3'], '0a000001')
  assert.equal(got?.options['26'], '05aa')
  assert.equal(got?.options['66'], Buffer.from('192.0.2.9').toString('hex') + '00')
  assert.equal(got?.options['67'], undefined, 'attack-24: a value with a line end is no option')
  assert.equal(got?.options['121'], '18c000020a000009' + '20a9fea9fe0a000002' + '000a000001')
  assert.equal(Buffer.from(got?.options['15'] ?? '', 'hex').toString(), 'openstacklocal')
  assert.equal(await b.ask('dhcp', { own: b.mac, limit: 1 }), null, 'who has no lease gets none')
  // the address moves to another port: the old lease must not be in its way
  await cloud.apply(wanted([lease('b', '10.0.0.11')]))
  assert.equal((await b.ask<Answer>('dhcp', { own: b.mac }))?.ip, '10.0.0.11')

  // a new lease is a SIGHUP: the same process serves it
  const { processes } = await cloud.net.list()
  const tagged = lease('a', '10.0.0.12', { options: [{ name: 'tftp-server', value: '192.0.2.8', ipVersion: 4 as const }] })
  await cloud.apply(wanted([lease('b', '10.0.0.11'), tagged]))
  const second = await a.ask<Answer>('dhcp', { own: a.mac })
  assert.deepEqual([second?.ip, second?.options['66']], ['10.0.0.12', Buffer.from('192.0.2.8').toString('hex') + '00'])
  assert.deepEqual((await cloud.net.list()).processes, processes)
  await cloud.apply(wanted([tagged]))
  assert.equal(
    (await a.ask<Answer>('dhcp', { own: a.mac }))?.ip,
    '10.0.0.12',
    'dnsmasq survives a change after it served a port with options',
  )

  await a.address('10.0.0.11/24')
  await a.ask('run', { argv: ['ip', 'route', 'add', '169.254.169.254/32', 'via', '10.0.0.2'] })
  assert.match(await a.ask<string>('http', { to: '169.254.169.254', path: '/openstack' }), /^HTTP\/1.1 200/)
  assert.deepEqual(cloud.asked, [{ from: { networkId: idOf('n1'), routerId: null, address: '10.0.0.11' }, path: '/openstack' }])
})

test('metadata through a router says which router, and is not answered outside', async () => {
  await using cloud = await labCloud()
  const [a, , , machine] = await storyGuests(cloud)
  assert.match(await a.ask<string>('http', { to: '169.254.169.254', path: '/latest/meta-data' }), /^HTTP\/1.1 200/)
  assert.deepEqual(cloud.asked, [{ from: { networkId: null, routerId: idOf('r'), address: '10.0.0.11' }, path: '/latest/meta-data' }])
  await machine.ask('run', { argv: ['ip', 'route', 'add', '169.254.169.254/32', 'via', '203.0.113.20'] })
  assert.equal(await machine.ask('http', { to: '169.254.169.254', path: '/', limit: 1 }), null)
  await machine.ask('run', { argv: ['ip', 'route', 'del', '169.254.169.254/32'] })
})

test('IPv6: an announced prefix becomes an address, packets pass through the router', async () => {
  await using cloud = await labCloud()
  const eui = (mac: string, prefix: string) => {
    const parts = mac.split(':')
    const first = (Number.parseInt(parts[0] ?? '', 16) ^ 2).toString(16)
    return `${prefix}${first}${parts[1]}:${parts[2]}ff:fe${parts[3]}:${parts[4]}${parts[5]}`.replace(/:0+([0-9a-f])/g, ':$1')
  }
  const six = spec({
    networks: [network('n1'), network('n2')],
    ports: [
      port('a', 'n1', { fixedIps: [eui(macOf('a'), '2001:db8:1::')] }),
      port('c', 'n2', { fixedIps: [eui(macOf('c'), '2001:db8:2::')] }),
    ],
    securityGroups: [open],
    routers: [
      router('r', {
        interfaces: [
          { ...routerPort('r-n1', 'n1', ['2001:db8:1::1/64']), ipv6RaMode: 'slaac' },
          { ...routerPort('r-n2', 'n2', ['2001:db8:2::1/64']), ipv6RaMode: 'slaac' },
        ],
      }),
    ],
  })
  const [a, c] = (await Promise.all([cloud.guest('a'), cloud.guest('c')])) as [Guest, Guest]
  await cloud.apply(six)
  const addresses = await Promise.all([
    a.ask<string>('address', { family: '-6', limit: 20, prefix: '2001:db8:1:' }),
    c.ask<string>('address', { family: '-6', limit: 20, prefix: '2001:db8:2:' }),
  ])
  assert.match(addresses[0] ?? '', /^2001:db8:1:/)
  const far = (addresses[1] ?? '').split('/')[0]
  assert.equal(await a.ask('ping', { to: far, limit: 5 }), far)
  assert.equal((await cloud.net.list()).processes.length, 1, 'one daemon announces for the router')
})

test('IPv6: DHCPv6 gives the port its address, and not the router', async () => {
  await using cloud = await labCloud()
  const a = await cloud.guest('a')
  const six = subnet('s6', {
    cidr: '2001:db8:3::/64',
    ipVersion: 6,
    serverIp: '2001:db8:3::2',
    gatewayIp: '2001:db8:3::1',
    ipv6Mode: 'dhcpv6-stateful',
  })
  await cloud.apply(
    spec({
      networks: [network('n1')],
      ports: [port('a', 'n1', { fixedIps: ['2001:db8:3::11'] })],
      securityGroups: [open],
      dhcp: [
        dhcp('n1', {
          subnets: [six],
          leases: [{ portId: idOf('a'), mac: macOf('a'), ips: ['2001:db8:3::11'], hostname: 'host-a', options: [] }],
        }),
      ],
      routers: [router('r', { interfaces: [{ ...routerPort('r-n1', 'n1', ['2001:db8:3::1/64']), ipv6RaMode: 'dhcpv6-stateful' }] })],
    }),
  )
  assert.deepEqual(await a.ask('dhcp6', { own: a.mac }), { ip: '2001:db8:3::11', dns: '2001:db8:3::2' })
  const routes = await a.ask<{ out: string }>('run', {
    argv: ['sh', '-c', 'for i in 1 2 3 4 5 6 7 8 9 10; do ip -6 route | grep default && exit; sleep 1; done'],
  })
  assert.match(routes.out, /default via fe80::/, 'the router announces itself')
})
