// The protocol names that Neutron knows, as IP protocol numbers. A rule names a protocol by name or number.
import { table } from '../../../platform/table.ts'

const numbers: Record<string, number> = table({
  ah: 51,
  dccp: 33,
  egp: 8,
  esp: 50,
  gre: 47,
  hopopt: 0,
  icmp: 1,
  icmpv6: 58,
  'ipv6-icmp': 58,
  igmp: 2,
  ip: 0,
  ipip: 4,
  'ipv6-encap': 41,
  'ipv6-frag': 44,
  'ipv6-nonxt': 59,
  'ipv6-opts': 60,
  'ipv6-route': 43,
  ospf: 89,
  pgm: 113,
  rsvp: 46,
  sctp: 132,
  tcp: 6,
  udp: 17,
  udplite: 136,
  vrrp: 112,
})

const portKeywords: Record<number, string> = { 6: 'tcp', 17: 'udp', 33: 'dccp', 132: 'sctp', 136: 'udplite' }

/** The protocol's number; null for "any"; undefined for what nobody knows. ICMP means ICMPv6 in a rule for IPv6. */
export function protocolNumber(protocol: string | null, ethertype: 'IPv4' | 'IPv6'): number | null | undefined {
  if (protocol === null || protocol.toLowerCase() === 'any') return null
  const number = /^\d+$/.test(protocol) ? Number(protocol) : numbers[protocol.toLowerCase()]
  if (number === undefined || number > 255) return undefined
  return number === 1 && ethertype === 'IPv6' ? 58 : number
}

/** The word by which nft reads the ports of a protocol; undefined when it has none. */
export const portKeyword = (protocol: number): string | undefined => portKeywords[protocol]

export const icmpProtocols = new Set([1, 58])
