// A security group as two nft chains, what may come in and what may go out, shared by all ports that have the
// group. A rule only ever accepts; the port's own chain drops what no group accepted.
import type { SecurityGroupRuleSpec, SecurityGroupSpec } from '../../../contract/network.ts'
import { reduce } from '../addresses.ts'
import { icmpProtocols, portKeyword, protocolNumber } from './protocols.ts'

export type Direction = 'ingress' | 'egress'

export const groupChain = (groupId: string, direction: Direction): string => `sg-${direction}-${groupId}`

/** The chain of a group for one direction, as the lines of its body. */
export function groupLines(group: SecurityGroupSpec, direction: Direction): string[] {
  return group.rules.filter((rule) => rule.direction === direction).flatMap((rule) => ruleLine(rule) ?? [])
}

/** One rule in nft's words; null when it can match nothing (an empty remote group, an unknown protocol). */
export function ruleLine(rule: SecurityGroupRuleSpec): string | null {
  const version = rule.ethertype === 'IPv4' ? 4 : 6
  const protocol = protocolNumber(rule.protocol, rule.ethertype)
  if (protocol === undefined) return null
  const words = [`meta nfproto ipv${version}`]
  if (rule.remoteCidrs !== null) {
    const cidrs = reduce(rule.remoteCidrs, version)
    if (cidrs.length === 0) return null
    const field = rule.direction === 'ingress' ? 'saddr' : 'daddr'
    const everyone = cidrs.length === 1 && cidrs[0]?.endsWith('/0')
    if (!everyone) words.push(`${version === 4 ? 'ip' : 'ip6'} ${field} { ${cidrs.join(', ')} }`)
  }
  if (protocol !== null) words.push(...protocolWords(protocol, rule))
  return [...words, 'accept'].join(' ')
}

function protocolWords(protocol: number, { portRangeMin: min, portRangeMax: max }: SecurityGroupRuleSpec): string[] {
  if (icmpProtocols.has(protocol)) {
    const name = protocol === 1 ? 'icmp' : 'icmpv6'
    const type = min === null ? [] : [`${name} type ${min}`]
    const code = min === null || max === null ? [] : [`${name} code ${max}`]
    return [`meta l4proto ${protocol}`, ...type, ...code]
  }
  const keyword = portKeyword(protocol)
  const low = min ?? max
  const high = max ?? min
  if (keyword === undefined || low === null || high === null) return [`meta l4proto ${protocol}`]
  return [low === high ? `${keyword} dport ${low}` : `${keyword} dport ${low}-${high}`]
}
