// What a security group rule may be, and its one canonical spelling: 'TCP' and '6', 'icmp' and 'icmpv6' of IPv6, a
// port range given in halves. Pure.
import { badRequest, type ApiError } from '../../platform/errors.ts'
import { table } from '../../platform/table.ts'
import { formatCidr, formatIp, parseCidr } from '../addresses/addresses.ts'

const anyName = 'any'

/** The names that Neutron knows, with their numbers. */
export const protocolNumbers: Record<string, number> = table({
  ah: 51,
  dccp: 33,
  egp: 8,
  esp: 50,
  gre: 47,
  hopopt: 0,
  icmp: 1,
  igmp: 2,
  ip: 0,
  ipip: 4,
  'ipv6-encap': 41,
  'ipv6-frag': 44,
  'ipv6-icmp': 58,
  icmpv6: 58,
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
const ipv6Names = ['ipv6-encap', 'ipv6-frag', 'ipv6-icmp', 'icmpv6', 'ipv6-nonxt', 'ipv6-opts', 'ipv6-route']
/** By name or by number. */
const onlyIpv6 = new Set([...ipv6Names, ...ipv6Names.map((name) => String(protocolNumbers[name]))])
const portProtocols = new Set([6, 17, 33, 132, 136])
const icmpNumbers = new Set([1, 58])

export interface RuleWish {
  direction: 'ingress' | 'egress'
  ethertype: 'IPv4' | 'IPv6'
  protocol: string | null
  port_range_min: number | null
  port_range_max: number | null
  remote_ip_prefix: string | null
  remote_group_id: string | null
  remote_address_group_id: string | null
}

export interface CheckedRule extends RuleWish {
  normalized_cidr: string | null
  canonical: string
}

const refuse = (type: string, message: string): ApiError => badRequest(message, { type })

const namesText = `[None, ${Object.keys(protocolNumbers)
  .map((name) => `'${name}'`)
  .join(', ')}]`

const badProtocol = (value: unknown): ApiError =>
  refuse(
    'SecurityGroupRuleInvalidProtocol',
    `Security group rule protocol ${String(value)} not supported. Only protocol values ${namesText} and integer representations [0 to 255] are supported.`,
  )

/**
 * A protocol as it was sent → as it is shown: a lower-case name, or a number as it was spelled ('06'). Null and 'any' mean every
 * protocol and show null; 'ANY' means the same but shows 'any', as Neutron has it.
 */
export function readProtocol(value: unknown): string | null {
  if (value === null || value === 'any') return null
  const text = String(value).toLowerCase()
  if (/^\d{1,16}$/.test(text) && Number(text) <= 255) return text
  if (typeof value !== 'string' || (text !== anyName && !Object.hasOwn(protocolNumbers, text))) throw badProtocol(value)
  return text
}

/** null is every protocol. */
const protocolNumber = (protocol: string | null): number | null =>
  protocol === null || protocol === anyName ? null : (protocolNumbers[protocol] ?? Number(protocol))

/** The whole range is the same as none, and is kept as that. */
const everyPort = ({ port_range_min: min, port_range_max: max }: RuleWish): boolean => min === 1 && max === 65535

/** The rule as it will be stored; refuses what cannot be. */
export function ruleCheck(wish: RuleWish): CheckedRule {
  const given = [wish.remote_ip_prefix, wish.remote_group_id, wish.remote_address_group_id].filter((remote) => remote !== null)
  if (given.length > 1)
    throw refuse(
      'SecurityGroupMultipleRemoteEntites',
      'Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided.',
    )
  const protocol = protocolOf(wish)
  const asked = everyPort(wish) ? { ...wish, port_range_min: null, port_range_max: null } : wish
  const ranged = protocol === null ? portless(asked) : portsCheck(asked, protocol)
  const prefix = prefixOf(wish)
  const rule = { ...wish, ...ranged, protocol, ...prefix }
  return { ...rule, canonical: canonicalOf(rule) }
}

/** 'icmp' of IPv6 is 'ipv6-icmp', and 1 is 58; protocols that only IPv6 has need that ethertype. */
function protocolOf({ protocol, ethertype }: RuleWish): string | null {
  if (protocol === null) return null
  if (onlyIpv6.has(protocol) && ethertype !== 'IPv6')
    throw refuse('SecurityGroupEthertypeConflictWithProtocol', `Invalid ethertype ${ethertype} for protocol ${protocol}.`)
  if (ethertype === 'IPv6' && (protocol === 'icmp' || protocol === 'icmpv6')) return 'ipv6-icmp'
  if (ethertype === 'IPv6' && protocol === '1') return '58'
  return protocol
}

function portless(wish: RuleWish): Pick<RuleWish, 'port_range_min' | 'port_range_max'> {
  if (wish.port_range_min !== null || wish.port_range_max !== null)
    throw refuse('SecurityGroupProtocolRequiredWithPorts', 'Must also specify protocol if port range is given.')
  return { port_range_min: null, port_range_max: null }
}

function portsCheck(wish: RuleWish, protocol: string): Pick<RuleWish, 'port_range_min' | 'port_range_max'> {
  const { port_range_min: min, port_range_max: max } = wish
  if (min === null && max === null) return { port_range_min: null, port_range_max: null }
  const number = protocolNumber(protocol)
  if (number !== null && icmpNumbers.has(number)) return icmpCheck(min, max)
  if (number === null || !portProtocols.has(number)) {
    throw refuse(
      'SecurityGroupInvalidProtocolForPort',
      `Ports cannot be specified for protocol ${number ?? 'None'}. Ports are only supported for DCCP, SCTP, TCP, UDP, UDPLITE.`,
    )
  }
  for (const port of [min, max]) {
    if (port !== null && (port < 1 || port > 65535)) throw refuse('SecurityGroupInvalidPortValue', `Invalid value for port ${port}`)
  }
  if (min === null || max === null || min > max)
    throw refuse('SecurityGroupInvalidPortRange', 'For TCP/UDP protocols, port_range_min must be <= port_range_max')
  return { port_range_min: min, port_range_max: max }
}

function icmpCheck(type: number | null, code: number | null): Pick<RuleWish, 'port_range_min' | 'port_range_max'> {
  const named = [
    ['type', 'port_range_min', type],
    ['code', 'port_range_max', code],
  ] as const
  for (const [what, field, value] of named) {
    if (value !== null && (value < 0 || value > 255))
      throw refuse('SecurityGroupInvalidIcmpValue', `Invalid value for ICMP ${what} (${field}) ${value}. It must be 0 to 255.`)
  }
  if (type === null)
    throw refuse(
      'SecurityGroupMissingIcmpType',
      `ICMP code (port-range-max) ${code} is provided but ICMP type (port-range-min) is missing.`,
    )
  return { port_range_min: type, port_range_max: code }
}

function prefixOf({ remote_ip_prefix: text, ethertype }: RuleWish): Pick<CheckedRule, 'remote_ip_prefix' | 'normalized_cidr'> {
  if (text === null) return { remote_ip_prefix: null, normalized_cidr: null }
  const cidr = parseCidr(text)
  if (!cidr) throw refuse('InvalidCIDR', `Invalid CIDR ${text} given as IP prefix.`)
  if (`IPv${cidr.version}` !== ethertype)
    throw refuse('SecurityGroupRuleParameterConflict', `Conflicting value ethertype ${ethertype} for CIDR ${text}`)
  return { remote_ip_prefix: `${formatIp(cidr.version, cidr.address)}/${cidr.length}`, normalized_cidr: formatCidr(cidr) }
}

/** Two rules that mean the same spell the same: numbers for protocols, "everyone" for 0.0.0.0/0 too. */
function canonicalOf(rule: RuleWish & { normalized_cidr: string | null }): string {
  const protocol = protocolNumber(rule.protocol) || anyName
  const ports = `${rule.port_range_min ?? ''}-${rule.port_range_max ?? ''}`
  const isEveryone = rule.normalized_cidr === '0.0.0.0/0' || rule.normalized_cidr === '::/0'
  const remote = isEveryone ? '' : (rule.normalized_cidr ?? rule.remote_group_id ?? rule.remote_address_group_id ?? '')
  return [rule.direction, rule.ethertype, protocol, ports, remote].join('|')
}
