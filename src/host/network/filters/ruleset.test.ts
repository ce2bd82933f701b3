// The rules of a host as golden text, and what must hold whatever the spec is.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { bridgeName, tapName } from '../names.ts'
import { allOut, idOf, port, rule } from '../../../../test/support/network-lab/specs.ts'
import { groupLines, ruleLine } from './groups.ts'
import type { FilterInput } from './input.ts'
import { emptyRuleset, hostRuleset } from './ruleset.ts'

const golden = join(import.meta.dirname, 'golden', 'host.nft')

const input: FilterInput = {
  table: 'stackling_test',
  networks: [
    { bridge: bridgeName(idOf('n1')), zone: 17, hostAddresses: [] },
    { bridge: bridgeName(idOf('public')), zone: 0, hostAddresses: ['203.0.113.1/24', '2001:db8:f::1/64'] },
  ],
  ports: [
    { spec: port('a', 'n1', { fixedIps: ['10.0.0.11', '2001:db8::11'] }), bridge: bridgeName(idOf('n1')), mark: 1 },
    {
      spec: port('b', 'public', {
        fixedIps: ['203.0.113.9'],
        allowedAddressPairs: [
          { ip: '10.9.0.0/16', mac: '00:00:5E:00:01:07' },
          { ip: '2001:db8:9::/60', mac: '' },
        ],
        securityGroupIds: [idOf('default'), idOf('missing')],
      }),
      bridge: bridgeName(idOf('public')),
      mark: 300,
    },
  ],
  securityGroups: [
    {
      id: idOf('default'),
      rules: [
        ...allOut,
        rule({ remoteCidrs: ['10.0.0.11/32', '10.0.0.0/24'] }),
        rule({ protocol: 'tcp', portRangeMin: 22, portRangeMax: 22 }),
      ],
    },
    { id: idOf('unused'), rules: [rule({})] },
  ],
  blocked: ['tap00000000-00'],
  masquerade: true,
}

test('the rules of a host', () => {
  const rules = hostRuleset(input)
  if (process.env.UPDATE_GOLDEN) writeFileSync(golden, rules)
  assert.equal(rules, readFileSync(golden, 'utf8'))
})

test('the rules of a host with nothing on it are loadable text, too', () => {
  const rules = hostRuleset({ ...input, networks: [], ports: [], blocked: [] })
  assert.doesNotMatch(rules, /elements|\{ *\}/, 'nft has no empty list of elements')
  assert.equal(emptyRuleset('t').includes('chain'), false)
})

test('every filtered port is checked and ends in a drop, every blocked tap is dropped both ways', () => {
  const rules = hostRuleset(input)
  for (const chain of ['from', 'from-300', 'egress-1', 'ingress-1'])
    assert.match(rules, new RegExp(`chain ${chain} \\{[^}]*(\\{[^}]*\\}[^}]*)*\\n {4}drop\\n {2}\\}`))
  for (const port of input.ports) {
    const tap = `"${tapName(port.spec.id)}"`
    assert.match(rules, new RegExp(`map from-port [^}]*${tap} : goto from`))
    assert.match(rules, new RegExp(`map to-port [^}]*${tap} : goto to`))
    assert.match(rules, new RegExp(`map marks [^}]*${tap} : ${port.mark},`))
  }
  for (const map of ['from-port', 'to-port']) assert.match(rules, new RegExp(`map ${map} [^}]*"tap00000000-00" : drop`))
  for (const map of ['senders', 'receivers']) assert.match(rules, new RegExp(`map ${map} [^}]* 1 : goto [^}]* 300 : goto`))
})

test('two ports that claim one address do not spoil the rules: its owner comes first', () => {
  const claim = port('c', 'public', {
    fixedIps: ['203.0.113.8'],
    allowedAddressPairs: [{ ip: '203.0.113.9', mac: '' }],
    securityGroupIds: [],
  })
  const rules = hostRuleset({ ...input, ports: [{ spec: claim, bridge: bridgeName(idOf('public')), mark: 2 }, ...input.ports] })
  assert.equal(rules.match(/" \. 203\.0\.113\.9 : goto/g)?.length, 1)
  const owner = /map receivers [^}]*\n\s+300 : goto (ingress-\d+)/.exec(rules)?.[1]
  assert.match(rules, new RegExp(`203\\.0\\.113\\.9 : goto ${owner},`))
})

test('a rule says what Neutron means by it', () => {
  const cases: [Parameters<typeof rule>[0], string | null][] = [
    [{}, 'meta nfproto ipv4 accept'],
    [{ ethertype: 'IPv6', direction: 'egress' }, 'meta nfproto ipv6 accept'],
    [{ protocol: 'tcp', portRangeMin: 1, portRangeMax: 65_535 }, 'meta nfproto ipv4 tcp dport 1-65535 accept'],
    [
      { protocol: 'udp', portRangeMin: 53, portRangeMax: 53, remoteCidrs: ['192.0.2.7/24'] },
      'meta nfproto ipv4 ip saddr { 192.0.2.0/24 } udp dport 53 accept',
    ],
    [
      { protocol: 'tcp', direction: 'egress', remoteCidrs: ['192.0.2.7/32'] },
      'meta nfproto ipv4 ip daddr { 192.0.2.7 } meta l4proto 6 accept',
    ],
    [{ protocol: 'icmp', portRangeMin: 8, portRangeMax: 0 }, 'meta nfproto ipv4 meta l4proto 1 icmp type 8 icmp code 0 accept'],
    [{ protocol: 'icmp', portRangeMin: 3 }, 'meta nfproto ipv4 meta l4proto 1 icmp type 3 accept'],
    [{ protocol: 'icmp', ethertype: 'IPv6', portRangeMin: 128 }, 'meta nfproto ipv6 meta l4proto 58 icmpv6 type 128 accept'],
    [{ protocol: 'vrrp' }, 'meta nfproto ipv4 meta l4proto 112 accept'],
    [{ protocol: '47', portRangeMin: 1, portRangeMax: 2 }, 'meta nfproto ipv4 meta l4proto 47 accept'],
    [{ protocol: 'sctp', portRangeMin: 9, portRangeMax: 10 }, 'meta nfproto ipv4 sctp dport 9-10 accept'],
    [{ remoteCidrs: ['0.0.0.0/0', '10.0.0.1/32'] }, 'meta nfproto ipv4 accept'],
    [{ remoteCidrs: [] }, null],
    [{ remoteCidrs: ['2001:db8::/32'] }, null],
    [{ protocol: 'no-such' }, null],
    [{ protocol: '999' }, null],
  ]
  for (const [given, said] of cases) assert.equal(ruleLine(rule(given)), said, JSON.stringify(given))
})

test('a group keeps its directions apart', () => {
  const group = { id: 'g', rules: [...allOut, rule({ protocol: 'tcp' })] }
  assert.deepEqual(groupLines(group, 'ingress'), ['meta nfproto ipv4 meta l4proto 6 accept'])
  assert.equal(groupLines(group, 'egress').length, 2)
})
