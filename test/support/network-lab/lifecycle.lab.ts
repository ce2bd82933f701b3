// The driver over time: restarts, killed daemons, lost namespaces, two clouds side by side, taps, speed, and nothing
// left at the end. Run inside a namespace of its own by real.real.test.ts.
import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { HostNetworkSpec } from '../../../src/contract/network.ts'
import { HostError } from '../../../src/contract/call.ts'
import { bridgeName, dhcpNamespace, routerNamespace, tapName } from '../../../src/host/network/names.ts'
import { namespaceInode, namespaceRemove } from '../../../src/host/network/namespaces.ts'
import { run } from '../../../src/host/network/run.ts'
import { assertUntouched, labCloud } from './cloud.ts'
import type { Guest } from './guest.ts'
import { call, dhcp, group, idOf, macOf, network, port, router, routerPort, rule, spec } from './specs.ts'

const open = group('default', [rule({}), rule({ ethertype: 'IPv6' })])
const publicNetwork = network('public', { type: 'flat', physicalNetwork: 'public', mtuBytes: 1500, hostAddresses: ['203.0.113.1/24'] })

const story = (more: Partial<HostNetworkSpec> = {}): HostNetworkSpec =>
  spec({
    networks: [network('n1'), publicNetwork],
    ports: [port('a', 'n1', { fixedIps: ['10.0.0.11'] }), port('b', 'n1', { fixedIps: ['10.0.0.12'] })],
    securityGroups: [open],
    dhcp: [
      dhcp('n1', {
        subnets: [
          {
            id: idOf('s'),
            cidr: '10.0.0.0/24',
            ipVersion: 4,
            serverIp: '10.0.0.2',
            gatewayIp: '10.0.0.1',
            enableDhcp: true,
            ipv6Mode: null,
            dnsNameservers: [],
            hostRoutes: [],
            mtuBytes: 1450,
          },
        ],
        leases: ['a', 'b'].map((name, index) => ({
          portId: idOf(name),
          mac: macOf(name),
          ips: [`10.0.0.1${index + 1}`],
          hostname: name,
          options: [],
        })),
      }),
    ],
    routers: [
      router('r', {
        interfaces: [routerPort('r-n1', 'n1', ['10.0.0.1/24'])],
        gateway: { ...routerPort('r-public', 'public', ['203.0.113.20/24']), enableSnat: true, gatewayIps: ['203.0.113.1'] },
        floatingIps: [{ id: 'f', floatingIp: '203.0.113.50', fixedIp: '10.0.0.11' }],
      }),
    ],
    ...more,
  })
const nothing = () => spec({})
const processName = (pid: number) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()

test('an empty spec takes everything away and puts the machine back', async () => {
  const before = readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8')
  {
    await using cloud = await labCloud()
    await cloud.apply(story())
    assert.equal(readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim(), '1')
    const there = await cloud.net.list()
    assert.deepEqual(there.bridges.sort(), [bridgeName(idOf('n1')), bridgeName(idOf('public'))].sort())
    assert.deepEqual(there.namespaces.sort(), [dhcpNamespace(idOf('n1')), routerNamespace(idOf('r'))].sort())
    assert.equal(there.processes.length, 1)
    assert.equal(there.tables.length, 2)
    await cloud.apply(nothing())
    assert.deepEqual(await cloud.net.list(), { bridges: [], taps: [], namespaces: [], processes: [], tables: [] })
  }
  assert.equal(readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8'), before)
  await assertUntouched()
})

test('a restart of the driver leaves flows, namespaces and daemons as they are', async () => {
  await using cloud = await labCloud()
  const [a, b] = (await Promise.all([cloud.guest('a'), cloud.guest('b')])) as [Guest, Guest]
  await cloud.apply(story())
  await a.address('10.0.0.11/24', '10.0.0.1')
  await b.address('10.0.0.12/24', '10.0.0.1')
  await b.ask('serve', { port: 22, host: '0.0.0.0' })
  assert.equal(await a.ask('connect', { to: '10.0.0.12', port: 22, name: 'x' }), '10.0.0.11')
  const inode = namespaceInode(routerNamespace(idOf('r')))
  const { processes } = await cloud.net.list()
  await cloud.restart()
  assert.equal(await a.ask('talk', { name: 'x', text: 'without driver' }), 'without driver')
  await cloud.net.ensureTap({ portId: a.portId, mac: a.mac, mtuBytes: 1450 })
  assert.equal(await a.ask('talk', { name: 'x', text: 'before its first spec' }), 'before its first spec')
  await cloud.apply(story())
  assert.equal(await a.ask('talk', { name: 'x', text: 'with a new one' }), 'with a new one')
  assert.equal(namespaceInode(routerNamespace(idOf('r'))), inode)
  assert.deepEqual((await cloud.net.list()).processes, processes)
  assert.match(await a.ask<string>('http', { to: '169.254.169.254', path: '/' }), /200 OK/, 'the metadata socket is there again')
})

test('what the rows lost while the driver was away ceases at its first look', async () => {
  await using cloud = await labCloud()
  const [a, b] = (await Promise.all([cloud.guest('a'), cloud.guest('b')])) as [Guest, Guest]
  await cloud.apply(story())
  await a.address('10.0.0.11/24')
  await b.address('10.0.0.12/24')
  await b.ask('serve', { port: 22, host: '0.0.0.0' })
  await a.ask('connect', { to: '10.0.0.12', port: 22, name: 'x' })
  await cloud.restart()
  await cloud.apply(story({ securityGroups: [group('default', [])], routers: [], dhcp: [] }))
  assert.equal(await a.ask('talk', { name: 'x', text: 'still?', limit: 1 }), null)
  assert.deepEqual((await cloud.net.list()).namespaces, [])
})

test('a killed daemon and a lost namespace are made again', async () => {
  await using cloud = await labCloud()
  const wanted = story()
  await cloud.apply(wanted)
  const [pid = 0] = (await cloud.net.list()).processes
  assert.equal(processName(pid), 'dnsmasq')
  process.kill(pid, 'SIGKILL')
  await cloud.apply({ ...wanted })
  const [second = 0] = (await cloud.net.list()).processes
  assert.notEqual(second, pid)
  await namespaceRemove(routerNamespace(idOf('r')))
  await run(['ip', 'link', 'del', bridgeName(idOf('n1'))])
  const report = await cloud.apply({ ...wanted })
  assert.equal(report.routers[idOf('r')]?.state, 'up')
  assert.match(await run(['ip', '-n', routerNamespace(idOf('r')), 'addr']), /203\.0\.113\.50\/32/)
  assert.match(await run(['ip', 'link', 'show', 'master', bridgeName(idOf('n1'))]), new RegExp(tapName(idOf('r-n1'))))
})

test('an apply with nothing new starts no process', async () => {
  await using cloud = await labCloud()
  const wanted = story()
  await cloud.apply(wanted)
  const started: unknown[] = []
  const count = (message: unknown) => void started.push(message)
  subscribe('child_process', count)
  const report = await cloud.apply({ ...wanted, generation: wanted.generation + 1 })
  assert.equal(started.length, 0)
  assert.equal(report.generation, wanted.generation + 1)
  await cloud.apply(story({ securityGroups: [group('default', [])] }))
  unsubscribe('child_process', count)
  assert.ok(started.length > 0, 'the counter counts')
})

test('twenty ports more are one batch of each tool', async () => {
  await using cloud = await labCloud()
  await cloud.apply(story())
  const names = Array.from({ length: 20 }, (_, index) => `p${index}`)
  const more = story()
  more.ports.push(...names.map((name, index) => port(name, 'n1', { fixedIps: [`10.0.0.${100 + index}`] })))
  const started: unknown[] = []
  const count = (message: unknown) => void started.push(message)
  subscribe('child_process', count)
  await cloud.apply(more)
  unsubscribe('child_process', count)
  assert.ok(started.length <= 4, `${started.length} processes`)
})

test('taps: made for their owner, opened when their port is known, gone with it', async () => {
  await using cloud = await labCloud({ tapOwner: { uid: 65_534, gid: 65_534 } })
  const name = await cloud.net.ensureTap({ portId: idOf('a'), mac: macOf('a'), mtuBytes: 1400 })
  const show = async () =>
    (
      JSON.parse(await run(['ip', '-j', '-d', 'link', 'show', name])) as {
        flags: string[]
        master?: string
        mtu: number
        linkinfo: { info_data: { user?: string; type: string } }
      }[]
    )[0]
  const closed = await show()
  assert.equal(closed?.linkinfo.info_data.type, 'tap')
  assert.equal(closed?.linkinfo.info_data.user, 'nobody')
  assert.equal(closed?.flags.includes('UP'), false)
  const report = await cloud.apply(story())
  assert.deepEqual([report.ports[idOf('a')]?.state, report.ports[idOf('b')]?.reason], ['up', 'its guest has no tap yet'])
  const opened = await show()
  assert.deepEqual([opened?.flags.includes('UP'), opened?.master, opened?.mtu], [true, bridgeName(idOf('n1')), 1450])
  await cloud.net.ensureTap({ portId: idOf('b'), mac: macOf('b'), mtuBytes: 1450 })
  assert.match(
    await run(['ip', 'link', 'show', tapName(idOf('b'))]),
    new RegExp(`master ${bridgeName(idOf('n1'))}`),
    'its rules stood already',
  )
  await cloud.net.removeTap(idOf('b'))
  await cloud.net.removeTap(idOf('b'))
  await cloud.apply(story({ ports: [] }))
  assert.equal((await cloud.net.list()).taps.includes(name), false, 'the tap of a port without a row is gone')
})

test('a program that holds the tap as an unprivileged user gets its address', async () => {
  await using cloud = await labCloud({ tapOwner: { uid: 65_534, gid: 65_534 } })
  await cloud.net.ensureTap({ portId: idOf('a'), mac: macOf('a'), mtuBytes: 1450 })
  const a = await cloud.tapGuest('a')
  await cloud.apply(story())
  const lease = await a.ask<{ ip: string } | null>('dhcp', { own: a.mac, limit: 15 })
  assert.equal(lease?.ip, '10.0.0.11')
})

test('a tap whose port never gets a row is abandoned', async () => {
  await using cloud = await labCloud()
  const before = nothing()
  await cloud.net.ensureTap({ portId: idOf('a'), mac: macOf('a'), mtuBytes: 1400 }, before.generation)
  await cloud.apply(before)
  assert.equal((await cloud.net.list()).taps.length, 1, 'a spec may be older than the tap')
  await cloud.apply(nothing())
  assert.deepEqual((await cloud.net.list()).taps, [])
})

test('two clouds on one machine leave each other alone', async () => {
  await using one = await labCloud()
  await using two = await labCloud()
  await one.apply(story())
  const other = spec({
    networks: [network('m', { hostAddresses: ['198.51.100.1/24'], type: 'flat' })],
    ports: [port('z', 'm')],
    securityGroups: [open],
  })
  await two.apply(other)
  const before = await one.net.list()
  await two.net.removeAll()
  assert.deepEqual(await one.net.list(), before)
  assert.equal(readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim(), '1', 'somebody still forwards')
  await two.apply(other)
  await one.apply(nothing())
  assert.equal((await two.net.list()).bridges.length, 1)
})

test('an older fence is refused, the newest spec wins', async () => {
  await using cloud = await labCloud()
  const [older, newer] = [story({ routers: [], dhcp: [] }), spec({ networks: [network('only')] })]
  const late = call()
  const reports = await Promise.all([cloud.apply(newer), cloud.apply(older)])
  assert.deepEqual(
    reports.map((report) => report.generation),
    [newer.generation, newer.generation],
  )
  assert.deepEqual((await cloud.net.list()).bridges, [bridgeName(idOf('only'))])
  await assert.rejects(cloud.net.apply(older, late), (error: HostError) => error.code === 'stale_fence')
})

test('what is malformed or cannot be made is reported and holds up nobody else', async () => {
  await using cloud = await labCloud()
  const wanted = story({
    networks: [network('n1'), publicNetwork, network('v', { type: 'vlan', physicalNetwork: 'physnet', segmentationId: 5 })],
  })
  wanted.ports.push(port('bad', 'n1', { fixedIps: ['10.0.0.9" accept'] }), port('v', 'v'))
  const report = await cloud.apply(wanted)
  assert.equal(report.ports[idOf('bad')]?.reason, 'an address is malformed')
  assert.match(report.ports[idOf('v')]?.reason ?? '', /vlan segments/)
  assert.equal(report.routers[idOf('r')]?.state, 'up')
})

test('VXLAN joins two hosts, with tables that control fills', async () => {
  await using cloud = await labCloud({ tunnelAddress: '192.0.2.1' })
  await run(['ip', 'addr', 'add', '192.0.2.1/32', 'dev', 'lo'])
  assert.deepEqual((await cloud.net.segmentTypes()).sort(), ['flat', 'local', 'vxlan'])
  const peers = (macs: string[]) =>
    spec({ networks: [network('n1', { segmentationId: 77, tunnelPeers: [{ address: '192.0.2.2', macs }] })] })
  await cloud.apply(peers([macOf('far'), macOf('gone')]))
  const table = async () =>
    (await run(['bridge', 'fdb', 'show', 'dev', `vx-${idOf('n1').slice(0, 11)}`]))
      .split('\n')
      .filter((line) => line.includes('dst'))
      .map((line) => line.split(' ')[0])
  assert.deepEqual((await table()).sort(), ['00:00:00:00:00:00', macOf('far'), macOf('gone')].sort())
  await cloud.apply(peers([macOf('far')]))
  assert.deepEqual((await table()).sort(), ['00:00:00:00:00:00', macOf('far')].sort())
  await cloud.apply(nothing())
  await run(['ip', 'addr', 'del', '192.0.2.1/32', 'dev', 'lo'])
})
