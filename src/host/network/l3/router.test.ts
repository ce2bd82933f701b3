// A router's rules as golden text, its addresses and routes, and its announcements.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gatewayDevice, routerDevice } from '../names.ts'
import { idOf, router, routerPort } from '../../../../test/support/network-lab/specs.ts'
import { type NamespaceFacts, planNamespace } from './addresses.ts'
import { advertiseConfig } from './advertise.ts'
import { routerNamespaceWanted } from './agent.ts'
import { routerRules } from './nat.ts'

const outside = gatewayDevice(idOf('g'))
const inside = routerDevice(idOf('i'))
const whole = router('r', {
  interfaces: [routerPort('i', 'n1', ['10.0.0.1/24'])],
  gateway: {
    ...routerPort('g', 'public', ['203.0.113.20/24', '2001:db8::20/64']),
    enableSnat: true,
    gatewayIps: ['203.0.113.1', '2001:db8::1'],
  },
  floatingIps: [
    { id: '1', floatingIp: '203.0.113.50', fixedIp: '10.0.0.11' },
    { id: '2', floatingIp: '203.0.113.51', fixedIp: '10.0.0.11' },
  ],
  routes: [{ destination: '192.0.2.0/24', nexthop: '10.0.0.9' }],
})

test('the rules of a router with a gateway and floating IPs', () => {
  assert.equal(
    routerRules(whole),
    `table ip stackling
delete table ip stackling
table inet stackling
delete table inet stackling
table ip stackling {
  map floating {
    type ipv4_addr : ipv4_addr
    elements = { 203.0.113.50 : 10.0.0.11, 203.0.113.51 : 10.0.0.11 }
  }
  map fixed {
    type ipv4_addr : ipv4_addr
    elements = { 10.0.0.11 : 203.0.113.50 }
  }
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept
    iifname != "${outside}" meta mark set 0x1
    dnat to ip daddr map @floating
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept
    oifname "${outside}" snat to ip saddr map @fixed
    oifname != "${outside}" meta mark 0x1 ct status dnat snat to ip saddr map @fixed
    oifname != "${outside}" meta mark 0x1 ct status dnat snat to 203.0.113.20
    oifname "${outside}" meta mark 0x1 snat to 203.0.113.20
  }
}
table inet stackling {
  chain input {
    type filter hook input priority filter; policy accept
    udp dport 547 drop
    iifname "${outside}" ip daddr 169.254.169.254 drop
  }
}
`,
  )
})

test('without SNAT or gateway the rules say so', () => {
  const quiet = routerRules({ ...whole, gateway: { ...whole.gateway!, enableSnat: false } })
  assert.doesNotMatch(quiet, new RegExp(`oifname "${outside}" meta mark 0x1 snat`))
  assert.doesNotMatch(routerRules({ ...whole, gateway: null }), /nat hook|iifname/)
})

const facts = (more: Partial<NamespaceFacts> = {}): NamespaceFacts => ({
  addresses: new Map(),
  up: new Set(['lo', inside, outside]),
  routes: new Set(),
  ...more,
})
const settled = facts({
  addresses: new Map([
    ['lo', ['127.0.0.1/8', '::1/128', '169.254.169.254/32']],
    [inside, ['10.0.0.1/24']],
    [outside, ['203.0.113.20/24', '2001:db8::20/64', '203.0.113.50/32', '203.0.113.51/32']],
  ]),
  routes: new Set(['0.0.0.0/0 203.0.113.1', '::/0 2001:db8::1', '192.0.2.0/24 10.0.0.9']),
})

test('a fresh namespace gets its addresses, then its routes', () => {
  const { lines, added } = planNamespace(routerNamespaceWanted(whole), facts())
  assert.deepEqual(lines, [
    'address add 169.254.169.254/32 dev lo',
    `address add 10.0.0.1/24 dev ${inside}`,
    `address add 203.0.113.20/24 dev ${outside}`,
    `address add 2001:db8::20/64 dev ${outside} nodad`,
    `address add 203.0.113.50/32 dev ${outside}`,
    `address add 203.0.113.51/32 dev ${outside}`,
    `route replace default via 203.0.113.1 dev ${outside} proto static`,
    `-6 route replace default via 2001:db8::1 dev ${outside} proto static`,
    'route replace 192.0.2.0/24 via 10.0.0.9 proto static',
  ])
  assert.equal(added.length, 6)
})

test('a namespace that is as wanted needs nothing; what is too much goes', () => {
  assert.deepEqual(planNamespace(routerNamespaceWanted(whole), settled), { lines: [], added: [] })
  const { lines } = planNamespace(routerNamespaceWanted({ ...whole, floatingIps: [], routes: [] }), settled)
  assert.deepEqual(lines.slice(0, 3), [
    'route del 192.0.2.0/24 via 10.0.0.9 proto static',
    `address del 203.0.113.50/32 dev ${outside}`,
    `address del 203.0.113.51/32 dev ${outside}`,
  ])
})

test('a next hop that is in no prefix of the gateway is on the wire all the same', () => {
  const odd = { ...whole, gateway: { ...whole.gateway!, gatewayIps: ['198.51.100.1'] } }
  assert.ok(
    planNamespace(routerNamespaceWanted(odd), facts()).lines.includes(
      `route replace default via 198.51.100.1 dev ${outside} onlink proto static`,
    ),
  )
})

test('prefixes are announced as their subnet says', () => {
  const announce = (mode: 'slaac' | 'dhcpv6-stateful' | 'dhcpv6-stateless' | null) =>
    advertiseConfig(
      { ...whole, interfaces: [{ ...routerPort('i', 'n1', ['10.0.0.1/24', '2001:db8:1::1/64']), ipv6RaMode: mode }] },
      '/d',
      () => 1450,
    )
  assert.match(
    announce('slaac') ?? '',
    /enable-ra\ninterface=qr-.*\nra-param=qr-.*,mtu:1450,30,1800\ndhcp-range=2001:db8:1::,ra-only,64\n$/,
  )
  assert.match(announce('dhcpv6-stateless') ?? '', /2001:db8:1::,ra-stateless,64/)
  assert.match(announce('dhcpv6-stateful') ?? '', /2001:db8:1::,static,64/)
  assert.equal(announce(null), null)
})
