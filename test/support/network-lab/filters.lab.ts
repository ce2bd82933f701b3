// Packets against the filters: what security groups allow passes, what they don't does not, and no guest speaks with
// an address that is not its port's. Run inside a namespace of its own by real.real.test.ts.
// That something does not arrive is told by what was sent after it and did.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { HostNetworkSpec, PortSpec, SecurityGroupRuleSpec } from '../../../src/contract/network.ts'
import { linkLocal } from '../../../src/host/network/addresses.ts'
import { emptyRuleset } from '../../../src/host/network/filters/ruleset.ts'
import { loadRules, run } from '../../../src/host/network/run.ts'
import { labCloud, type LabCloud } from './cloud.ts'
import type { Guest } from './guest.ts'
import { group, macOf, network, port, rule, spec } from './specs.ts'

const ips: Record<string, string> = { a: '10.0.0.11', b: '10.0.0.12', c: '10.0.0.13' }
const anyIn = [rule({}), rule({ ethertype: 'IPv6' })]
const udpIn = (low: number) => rule({ protocol: 'udp', portRangeMin: low, portRangeMax: low })
const tcpIn = (low: number, more: Partial<SecurityGroupRuleSpec> = {}) =>
  rule({ protocol: 'tcp', portRangeMin: low, portRangeMax: low, ...more })

const flatSpec = (names: string[], rules: SecurityGroupRuleSpec[], more: Record<string, Partial<PortSpec>> = {}): HostNetworkSpec =>
  spec({
    networks: [network('n')],
    ports: names.map((name) => port(name, 'n', { fixedIps: [ips[name] ?? ''], ...more[name] })),
    securityGroups: [group('default', rules)],
  })

/** Guests with their addresses, connected. */
async function connected(cloud: LabCloud, wanted: HostNetworkSpec, names: string[]): Promise<Guest[]> {
  const guests = await Promise.all(names.map((name) => cloud.guest(name)))
  const report = await cloud.apply(wanted)
  assert.deepEqual(report.ports, Object.fromEntries(wanted.ports.map((entry) => [entry.id, { state: 'up', reason: null }])))
  for (const [index, guest] of guests.entries()) await guest.address(`${ips[names[index] ?? '']}/24`)
  return guests
}

/** Whether `guest` got a frame with the text; everything that was sent before `marker` has arrived when it does. */
async function arrived(guest: Guest, marker: string, text: string): Promise<boolean> {
  const frames = await guest.ask<string[] | null>('await', { marker })
  assert.ok(frames, `the marker ${marker} must arrive`)
  return frames.some((frame) => frame.includes(Buffer.from(text).toString('hex')))
}

test('the golden rules are rules that this nft takes', async () => {
  await run(['nft', '-f', join(import.meta.dirname, '..', '..', '..', 'src', 'host', 'network', 'filters', 'golden', 'host.nft')])
  assert.match(await run(['nft', 'list', 'tables']), /stackling_test/)
  await loadRules(emptyRuleset('stackling_test'))
  assert.equal(await run(['nft', 'list', 'tables']), '')
})

test('a group lets in what its rules say and nothing else', async () => {
  await using cloud = await labCloud()
  const [a, b] = (await connected(cloud, flatSpec(['a', 'b'], [udpIn(1000), tcpIn(22), rule({ protocol: 'icmp' })]), ['a', 'b'])) as [
    Guest,
    Guest,
  ]
  assert.equal(await a.ask('ping', { to: ips.b }), ips.b)
  await b.ask('serve', { port: 22 })
  await b.ask('serve', { port: 23 })
  assert.equal(await a.ask('connect', { to: ips.b, port: 22 }), ips.a)
  assert.equal(await a.ask('connect', { to: ips.b, port: 23, limit: 1 }), null)
  await b.ask('capture')
  await a.ask('udp', { to: ips.b, port: 999, text: 'denied' })
  await a.ask('udp', { to: ips.b, port: 1000, text: 'allowed' })
  assert.equal(await arrived(b, 'allowed', 'denied'), false)
})

test('without egress rules a guest sends nothing of its own, but answers', async () => {
  await using cloud = await labCloud()
  const wanted = flatSpec(['a', 'b'], [], { b: { securityGroupIds: ['00000000-0000-4000-8000-000000000001'] } })
  wanted.securityGroups.push({ id: '00000000-0000-4000-8000-000000000001', rules: [tcpIn(22), udpIn(5)] })
  wanted.securityGroups[0]?.rules.push(...anyIn)
  const [a, b] = (await connected(cloud, wanted, ['a', 'b'])) as [Guest, Guest]
  await b.ask('serve', { port: 22 })
  assert.equal(await a.ask('connect', { to: ips.b, port: 22 }), ips.a, 'the answer of an allowed connection passes')
  await a.ask('capture')
  await b.ask('udp', { to: ips.a, port: 7, text: 'denied' })
  await a.ask('udp', { to: ips.b, port: 5, text: 'hello', sport: 7 })
  await b.ask('udp', { to: ips.a, port: 7, text: 'reply', sport: 5 })
  assert.equal(await arrived(a, 'reply', 'denied'), false)
})

test('remote addresses limit a rule, also in IPv6', async () => {
  await using cloud = await labCloud()
  const six: Record<string, Partial<PortSpec>> = {
    a: { fixedIps: ['2001:db8::a'] },
    b: { fixedIps: ['2001:db8::b'] },
    c: { fixedIps: ['2001:db8::c'] },
  }
  const rules = [
    rule({ ethertype: 'IPv6', protocol: 'udp', portRangeMin: 9, portRangeMax: 9, remoteCidrs: ['2001:db8::c/128', '2001:db8::/127'] }),
  ]
  const guests = await Promise.all(['a', 'b', 'c'].map((name) => cloud.guest(name)))
  const [a, b, c] = guests as [Guest, Guest, Guest]
  await cloud.apply(flatSpec(['a', 'b', 'c'], rules, six))
  for (const [guest, last] of [
    [a, 'a'],
    [b, 'b'],
    [c, 'c'],
  ] as const)
    await guest.address(`2001:db8::${last}/64`)
  await b.ask('capture')
  await a.ask('udp', { to: '2001:db8::b', port: 9, text: 'from-a' })
  await c.ask('udp', { to: '2001:db8::b', port: 9, text: 'from-c' })
  assert.equal(await arrived(b, 'from-c', 'from-a'), false)
})

test('attack-23: a guest cannot lie about its MAC, its address, in ARP, in ND, or with a VLAN tag', async () => {
  await using cloud = await labCloud()
  const [a, b, c] = (await connected(cloud, flatSpec(['a', 'b', 'c'], anyIn), ['a', 'b', 'c'])) as [Guest, Guest, Guest]
  const to = b.mac
  const own = { to, source: a.mac, src: ips.a, dst: ips.b, sport: 5, dport: 5 }
  await b.ask('capture')
  await a.ask('ipv4', { ...own, source: c.mac, text: 'lie-mac' })
  await a.ask('ipv4', { ...own, src: ips.c, text: 'lie-address' })
  await a.ask('ipv4', { ...own, src: '0.0.0.0', text: 'lie-zero' })
  await a.ask('ipv4', { ...own, tagged: true, text: 'lie-tag-own-address' })
  await a.ask('ipv4', { ...own, src: ips.c, tagged: true, text: 'lie-tag' })
  await a.ask('arp', { to, source: a.mac, sha: a.mac, spa: ips.c, tha: b.mac, tpa: ips.b })
  await a.ask('arp', { to, source: a.mac, sha: c.mac, spa: ips.a, tha: b.mac, tpa: ips.b })
  await a.ask('arp', { to, source: c.mac, sha: c.mac, spa: ips.c, tha: b.mac, tpa: ips.b })
  const local = linkLocal(a.mac)
  await a.ask('neighbor', { to, source: a.mac, src: local, dst: 'ff02::1', target: linkLocal(c.mac), lladdr: a.mac })
  await a.ask('neighbor', { to, source: a.mac, src: linkLocal(c.mac), dst: 'ff02::1', target: linkLocal(c.mac), lladdr: a.mac })
  await a.ask('frame', { to, source: a.mac, kind: 0x88cc, payload: Buffer.from('lie-kind').toString('hex') })
  await a.ask('neighbor', { to, source: a.mac, src: local, dst: 'ff02::1', target: local, lladdr: a.mac })
  await a.ask('ipv4', { ...own, text: 'the-truth' })
  const frames = (await b.ask<string[] | null>('await', { marker: 'the-truth' })) ?? []
  const text = frames.map((frame) => Buffer.from(frame, 'hex').toString('latin1')).join('\n')
  assert.match(text, /the-truth/)
  assert.doesNotMatch(text, /lie-/)
  const claims = frames.filter((frame) => frame.slice(24, 28) === '0806').map((frame) => frame.slice(44, 64))
  assert.deepEqual(
    claims.filter((claim) => claim !== macHex(a.mac) + ipHex(ips.a) && claim !== macHex(c.mac) + ipHex(ips.c)),
    [],
    'no forged ARP',
  )
  const fromA = frames.filter((frame) => frame.slice(12, 24) === macHex(a.mac))
  assert.equal(fromA.filter((frame) => frame.includes(hexOf(linkLocal(c.mac)))).length, 0, 'no advertisement of a foreign address')
  assert.ok(
    fromA.some((frame) => frame.slice(108, 110) === '88' && frame.includes(hexOf(local))),
    'its own address it may advertise',
  )
})

const macHex = (mac: string) => mac.replaceAll(':', '')
const ipHex = (ip = '') =>
  ip
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('')
const hexOf = (address: string) => {
  const [, tail = ''] = address.split('fe80::')
  return tail
    .split(':')
    .map((part) => part.padStart(4, '0'))
    .join('')
}

test('attack-23: no guest plays router or DHCP server', async () => {
  await using cloud = await labCloud()
  const [a, b] = (await connected(cloud, flatSpec(['a', 'b'], anyIn), ['a', 'b'])) as [Guest, Guest]
  const own = { to: b.mac, source: a.mac, src: ips.a, dst: ips.b }
  await b.ask('capture')
  await a.ask('ipv4', { ...own, sport: 67, dport: 68, text: 'rogue-dhcp' })
  await a.ask('ipv4', { ...own, dst: '255.255.255.255', to: 'ff:ff:ff:ff:ff:ff', sport: 67, dport: 68, text: 'rogue-dhcp' })
  await a.ask('router', { to: '33:33:00:00:00:01', source: a.mac, src: linkLocal(a.mac), dst: 'ff02::1', prefix: '2001:db8:bad::' })
  await a.ask('ipv4', { ...own, sport: 5, dport: 5, text: 'the-truth' })
  assert.equal(await arrived(b, 'the-truth', 'rogue-dhcp'), false)
  const routes = await b.ask<{ out: string }>('run', { argv: ['ip', '-6', 'route'] })
  assert.doesNotMatch(routes.out, /2001:db8:bad/)
})

test('allowed address pairs widen what a port may send; without port security it may send anything', async () => {
  await using cloud = await labCloud()
  const more = {
    a: {
      allowedAddressPairs: [
        { ip: '10.9.0.0/16', mac: '' },
        { ip: '10.0.0.99', mac: '00:00:5e:00:01:07' },
      ],
    },
  }
  const [a, b] = (await connected(cloud, flatSpec(['a', 'b'], anyIn, more), ['a', 'b'])) as [Guest, Guest]
  const own = { to: b.mac, source: a.mac, dst: ips.b, sport: 5, dport: 5 }
  await b.ask('capture')
  await a.ask('ipv4', { ...own, src: '10.9.3.4', text: 'pair-cidr' })
  await a.ask('ipv4', { ...own, src: '10.8.3.4', text: 'denied-1' })
  await a.ask('ipv4', { ...own, source: '00:00:5e:00:01:07', src: '10.0.0.99', text: 'pair-mac' })
  await a.ask('ipv4', { ...own, source: '00:00:5e:00:01:07', src: ips.a, text: 'denied-2' })
  await a.ask('ipv4', { ...own, src: ips.a, text: 'the-end' })
  const frames = ((await b.ask<string[] | null>('await', { marker: 'the-end' })) ?? [])
    .map((frame) => Buffer.from(frame, 'hex').toString('latin1'))
    .join('\n')
  assert.match(frames, /pair-cidr[^]*pair-mac/)
  assert.doesNotMatch(frames, /denied/)
  await cloud.apply(flatSpec(['a', 'b'], anyIn, { a: { portSecurityEnabled: false } }))
  await a.ask('ipv4', { ...own, source: macOf('c'), src: '192.0.2.1', text: 'free' })
  assert.equal(await arrived(b, 'free', 'free'), true)
})

test('a port that is switched off passes nothing, and passes again when switched on', async () => {
  await using cloud = await labCloud()
  const [a, b] = (await connected(cloud, flatSpec(['a', 'b'], anyIn), ['a', 'b'])) as [Guest, Guest]
  assert.equal(await a.ask('ping', { to: ips.b }), ips.b)
  const report = await cloud.apply(flatSpec(['a', 'b'], anyIn, { b: { adminStateUp: false } }))
  assert.equal(report.ports[b.portId]?.reason, 'its admin state is down')
  assert.equal(await a.ask('ping', { to: ips.b, limit: 1 }), null)
  await cloud.apply(flatSpec(['a', 'b'], anyIn))
  assert.equal(await a.ask('ping', { to: ips.b }), ips.b)
})

test('a flow ceases when its rule goes, whoever speaks first, and others go on', async () => {
  await using cloud = await labCloud()
  const [a, b] = (await connected(cloud, flatSpec(['a', 'b'], [tcpIn(22), tcpIn(23)]), ['a', 'b'])) as [Guest, Guest]
  await b.ask('serve', { port: 22 })
  await b.ask('serve', { port: 23 })
  for (const [name, number] of [
    ['doomed', 22],
    ['kept', 23],
  ] as const)
    await a.ask('connect', { to: ips.b, port: number, name })
  assert.equal(await a.ask('talk', { name: 'doomed', text: 'one' }), 'one')
  await cloud.apply(flatSpec(['a', 'b'], [tcpIn(23)]))
  await b.ask('push', { text: 'from the server' })
  assert.equal(await a.ask('talk', { name: 'doomed', text: 'two', limit: 1 }), null, 'neither end gets through')
  assert.equal(await a.ask('hear', { name: 'kept' }), 'from the server')
  assert.equal(await a.ask('talk', { name: 'kept', text: 'three' }), 'three')
  // a member that leaves the remote group
  await cloud.apply(flatSpec(['a', 'b'], [tcpIn(23, { remoteCidrs: [`${ips.c}/32`] })]))
  assert.equal(await a.ask('talk', { name: 'kept', text: 'four', limit: 1 }), null)
})

test('two tenants with the same addresses do not meet, not even in what is remembered of their flows', async () => {
  await using cloud = await labCloud()
  const names = ['a1', 'b1', 'a2', 'b2']
  const wanted = spec({
    networks: [network('t1'), network('t2')],
    ports: names.map((name) =>
      port(name, name.endsWith('1') ? 't1' : 't2', {
        fixedIps: [ips[name.slice(0, 1)] ?? ''],
        securityGroupIds: name.endsWith('1') ? ['open'] : ['closed'],
      }),
    ),
    securityGroups: [
      { ...group('', [tcpIn(22)]), id: 'open' },
      { ...group('', []), id: 'closed' },
    ],
  })
  const guests = await Promise.all(names.map((name) => cloud.guest(name)))
  await cloud.apply(wanted)
  for (const [index, guest] of guests.entries()) await guest.address(`${ips[names[index]?.slice(0, 1) ?? '']}/24`)
  const [a1, b1, a2, b2] = guests as [Guest, Guest, Guest, Guest]
  for (const server of [b1, b2]) await server.ask('serve', { port: 22 })
  assert.equal(await a1.ask('connect', { to: ips.b, port: 22, name: 'x' }), ips.a)
  assert.equal(await a2.ask('connect', { to: ips.b, port: 22, limit: 1 }), null, 'the other tenant has no rule')
  assert.equal(await a1.ask('talk', { name: 'x', text: 'still' }), 'still')
})

test('a tap is closed until the rules of its port stand', async () => {
  await using cloud = await labCloud()
  const [b] = (await connected(cloud, flatSpec(['b'], anyIn), ['b'])) as [Guest]
  const a = await cloud.guest('a') // its device exists: ensureTap takes it as it is
  const early = { portId: a.portId, mac: a.mac, mtuBytes: 1450 }
  await cloud.net.ensureTap(early)
  await a.address(`${ips.a}/24`)
  assert.equal(await a.ask('ping', { to: ips.b, limit: 1 }), null)
  const report = await cloud.apply(flatSpec(['a', 'b'], anyIn))
  assert.equal(report.ports[a.portId]?.state, 'up')
  assert.equal(await a.ask('ping', { to: ips.b }), ips.b)
  assert.equal(await b.ask('ping', { to: ips.a }), ips.a)
})
