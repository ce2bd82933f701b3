// Security group rules by what they let through: nft's words, read back by a small machine, against what Neutron says of a rule.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { SecurityGroupRuleSpec } from '../../../contract/network.ts'
import { groupLines, ruleLine } from './groups.ts'

interface Packet {
  version: 4 | 6
  /** the other side's address: a number of the tiny nets below */
  remote: number
  protocol: number
  port: number
  type: number
  code: number
}

/** 10.0.0.n and fd00::n: enough for prefixes to matter. */
const addressOf = (version: 4 | 6, host: number) => (version === 4 ? `10.0.0.${host}` : `fd00::${host.toString(16)}`)
const prefixOf = (version: 4 | 6, host: number, bits: number) => {
  const first = (host >> bits) << bits
  return { text: `${addressOf(version, first)}/${(version === 4 ? 32 : 128) - bits}`, first, last: first + (1 << bits) - 1 }
}

const numbers: Record<string, number> = { tcp: 6, udp: 17, sctp: 132, dccp: 33, udplite: 136 }

/** Whether one line of nft, of the words that we write, accepts the packet; an unknown word is a failure. */
function accepts(line: string, packet: Packet, direction: 'ingress' | 'egress'): boolean {
  let rest = line
  const take = (pattern: RegExp): RegExpExecArray | null => {
    const found = pattern.exec(rest)
    if (found) rest = rest.slice(found[0].length).trimStart()
    return found
  }
  let isMatch = true
  while (rest !== 'accept') {
    const family = take(/^meta nfproto ipv([46])/)
    const field = family ? null : take(/^(ip|ip6) (saddr|daddr) \{ ([^}]*) \}/)
    const protocol = family || field ? null : take(/^meta l4proto (\d+)/)
    const ports = family || field || protocol ? null : take(/^(tcp|udp|sctp|dccp|udplite) dport (\d+)(?:-(\d+))?/)
    const icmp = family || field || protocol || ports ? null : take(/^(icmp|icmpv6) (type|code) (\d+)/)
    if (family) isMatch &&= packet.version === Number(family[1])
    else if (field) {
      assert.equal(field[2], direction === 'ingress' ? 'saddr' : 'daddr')
      isMatch &&= (field[1] === 'ip') === (packet.version === 4) && (field[3] ?? '').split(', ').some((cidr) => isIn(cidr, packet))
    } else if (protocol) isMatch &&= packet.protocol === Number(protocol[1])
    else if (ports) isMatch &&= packet.protocol === numbers[ports[1] ?? ''] && isBetween(packet.port, ports[2], ports[3] ?? ports[2])
    else if (icmp) isMatch &&= packet[icmp[2] as 'type' | 'code'] === Number(icmp[3])
    else assert.fail(`a word of another language: ${rest}`)
  }
  return isMatch
}

const isBetween = (value: number, low: string | undefined, high: string | undefined) => value >= Number(low) && value <= Number(high)

function isIn(cidr: string, { version, remote }: Packet): boolean {
  const [address = '', length = ''] = cidr.split('/')
  if (length === '0') return true
  const host = version === 4 ? Number(address.split('.')[3]) : Number.parseInt(address.split('::')[1] || '0', 16)
  const bits = (version === 4 ? 32 : 128) - Number(length || (version === 4 ? 32 : 128))
  return remote >> bits === host >> bits
}

const wide = { min: 0, max: 255 }
const packet: fc.Arbitrary<Packet> = fc.record({
  version: fc.constantFrom(4 as const, 6 as const),
  remote: fc.integer(wide),
  protocol: fc.constantFrom(1, 6, 17, 47, 58, 132),
  port: fc.integer({ min: 1, max: 12 }),
  type: fc.integer({ min: 0, max: 3 }),
  code: fc.integer({ min: 0, max: 3 }),
})

const described = fc.record({
  direction: fc.constantFrom('ingress' as const, 'egress' as const),
  version: fc.constantFrom(4 as const, 6 as const),
  protocol: fc.constantFrom(null, 'any', 'tcp', 'udp', '6', '06', '17', 'gre', 'icmp', 'sctp'),
  ports: fc.option(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 4 }))),
  icmp: fc.option(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.option(fc.integer({ min: 0, max: 3 })))),
  remotes: fc.option(fc.array(fc.tuple(fc.integer(wide), fc.integer({ min: 0, max: 8 })), { maxLength: 4 })),
})
type Described = typeof described extends fc.Arbitrary<infer T> ? T : never

const byName: Record<string, number> = { tcp: 6, udp: 17, gre: 47, icmp: 1, sctp: 132 }

/** The number that a rule means; ICMP of IPv6 is ICMPv6. */
function numberOf({ protocol, version }: Described): number | null {
  if (protocol === null || protocol === 'any') return null
  const number = byName[protocol] ?? Number(protocol)
  return number === 1 && version === 6 ? 58 : number
}

/** As control writes it, and what Neutron's documentation says that it lets through. */
function ruleOf(wish: Described): { rule: SecurityGroupRuleSpec; lets(packet: Packet): boolean } {
  const number = numberOf(wish)
  const isIcmp = number === 1 || number === 58
  const isRanged = number === 6 || number === 17 || number === 132
  const [low, width] = isRanged && wish.ports ? wish.ports : [null, 0]
  const high = low === null ? null : low + width
  const [type, code] = isIcmp && wish.icmp ? wish.icmp : [null, null]
  const remotes = wish.remotes?.map(([host, bits]) => prefixOf(wish.version, host, bits)) ?? null
  const rule: SecurityGroupRuleSpec = {
    direction: wish.direction,
    ethertype: wish.version === 4 ? 'IPv4' : 'IPv6',
    protocol: wish.protocol,
    portRangeMin: isIcmp ? type : low,
    portRangeMax: isIcmp ? code : high,
    remoteCidrs: remotes?.map(({ text }) => text) ?? null,
  }
  return {
    rule,
    lets: (sent) =>
      sent.version === wish.version &&
      (remotes === null || remotes.some(({ first, last }) => sent.remote >= first && sent.remote <= last)) &&
      (number === null || sent.protocol === number) &&
      (low === null || (sent.port >= low && sent.port <= low + width)) &&
      (type === null || sent.type === type) &&
      (code === null || sent.code === code),
  }
}

test('a rule lets through in nft what Neutron says of it, and nothing else', () => {
  fc.assert(
    fc.property(described, fc.array(packet, { minLength: 20, maxLength: 60 }), (wish, packets) => {
      const { rule, lets } = ruleOf(wish)
      const line = ruleLine(rule)
      for (const sent of packets)
        assert.equal(line !== null && accepts(line, sent, rule.direction), lets(sent), `${line} ${JSON.stringify(sent)}`)
    }),
    { numRuns: 500 },
  )
})

test('a group lets through what any of its rules of that direction does, in whatever order they stand', () => {
  fc.assert(
    fc.property(fc.array(described, { maxLength: 6 }), fc.array(packet, { minLength: 10, maxLength: 30 }), (wishes, packets) => {
      const rules = wishes.map(ruleOf)
      for (const direction of ['ingress', 'egress'] as const) {
        const lines = groupLines({ id: 'g', rules: rules.map(({ rule }) => rule) }, direction)
        const reversed = groupLines({ id: 'g', rules: rules.map(({ rule }) => rule).toReversed() }, direction)
        assert.deepEqual(new Set(reversed), new Set(lines))
        for (const sent of packets) {
          const wanted = rules.some(({ rule, lets }) => rule.direction === direction && lets(sent))
          assert.equal(
            lines.some((line) => accepts(line, sent, direction)),
            wanted,
          )
        }
      }
    }),
    { numRuns: 200 },
  )
})
