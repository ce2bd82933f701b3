// Which flows that conntrack remembers are still allowed: when a rule, an address or a port goes away, the flows
// that only it allowed must cease, and no other. Pure: reads the text of `conntrack -L`, mirrors what the rules say.
import type { SecurityGroupRuleSpec, SecurityGroupSpec } from '../../../contract/network.ts'
import { canonical, inCidr, isIpv6 } from '../addresses.ts'
import type { FilterInput, FilterPort } from './input.ts'
import { icmpProtocols, portKeyword, protocolNumber } from './protocols.ts'
import { allowedAddresses } from './spoofing.ts'

export interface Flow {
  protocol: number
  zone: number
  source: string
  destination: string
  sourcePort: number | null
  destinationPort: number | null
  icmp: { type: number; code: number; id: number } | null
}

/** Reads one line of `conntrack -L` (the original direction comes first); null for what it does not understand. */
export function parseFlow(line: string): Flow | null {
  const fields = new Map<string, string>()
  for (const [, key = '', value = ''] of line.matchAll(/(\w+)=(\S+)/g)) if (!fields.has(key)) fields.set(key, value)
  const protocol = /^\S+\s+(\d+)\s/.exec(line)?.[1]
  const source = fields.get('src')
  const destination = fields.get('dst')
  if (protocol === undefined || source === undefined || destination === undefined) return null
  const number = (key: string) => (fields.has(key) ? Number(fields.get(key)) : null)
  const type = number('type')
  return {
    protocol: Number(protocol),
    zone: number('zone') ?? 0,
    source: canonical(source),
    destination: canonical(destination),
    sourcePort: number('sport'),
    destinationPort: number('dport'),
    icmp: type === null ? null : { type, code: number('code') ?? 0, id: number('id') ?? 0 },
  }
}

/** The arguments for `conntrack` that delete exactly this flow. */
export function deletion(flow: Flow): string {
  const family = isIpv6(flow.source) ? 'ipv6' : 'ipv4'
  const ports = flow.sourcePort === null ? '' : ` --sport ${flow.sourcePort} --dport ${flow.destinationPort}`
  const prefix = flow.protocol === 58 ? 'icmpv6' : 'icmp'
  const icmp =
    flow.icmp === null ? '' : ` --${prefix}-type ${flow.icmp.type} --${prefix}-code ${flow.icmp.code} --${prefix}-id ${flow.icmp.id}`
  return `-D -f ${family} -w ${flow.zone} -p ${flow.protocol} -s ${flow.source} -d ${flow.destination}${ports}${icmp}`
}

/** Looks up the filtered ports of a zone by address. */
export function createJudge(input: FilterInput, gone: { zone: number; address: string }[]): (flow: Flow) => boolean {
  const zoneOf = new Map(input.networks.map((network) => [network.bridge, network.zone]))
  const groups = new Map(input.securityGroups.map((group) => [group.id, group]))
  const owners = new Map<string, FilterPort>()
  const wide: { zone: number; cidr: string; port: FilterPort }[] = []
  for (const port of input.ports) {
    const zone = zoneOf.get(port.bridge)
    if (zone === undefined) continue
    for (const address of [...allowedAddresses(port.spec, 4), ...allowedAddresses(port.spec, 6)]) {
      if (address.includes('/')) wide.push({ zone, cidr: address, port })
      else owners.set(`${zone} ${address}`, port)
    }
  }
  const left = new Set(gone.map(({ zone, address }) => `${zone} ${canonical(address)}`))
  const owner = (zone: number, address: string) =>
    owners.get(`${zone} ${address}`) ?? wide.find((entry) => entry.zone === zone && inCidr(address, entry.cidr))?.port
  const isGone = (zone: number, address: string) => left.has(`${zone} ${address}`) && owner(zone, address) === undefined

  /** True when the flow may go on. */
  return (flow) => {
    if (isGone(flow.zone, flow.source) || isGone(flow.zone, flow.destination)) return false
    const sender = owner(flow.zone, flow.source)
    const receiver = owner(flow.zone, flow.destination)
    return (!sender || allows(sender, groups, 'egress', flow)) && (!receiver || allows(receiver, groups, 'ingress', flow))
  }
}

function allows(port: FilterPort, groups: Map<string, SecurityGroupSpec>, direction: 'ingress' | 'egress', flow: Flow): boolean {
  if (isAddressing(flow)) return true
  return port.spec.securityGroupIds.some((id) =>
    groups
      .get(id)
      ?.rules.some((rule) => rule.direction === direction && matches(rule, flow, direction === 'ingress' ? flow.source : flow.destination)),
  )
}

const isAddressing = ({ protocol, destinationPort: port }: Flow) =>
  protocol === 17 && (port === 67 || port === 68 || port === 546 || port === 547)

function matches(rule: SecurityGroupRuleSpec, flow: Flow, remote: string): boolean {
  if ((rule.ethertype === 'IPv6') !== isIpv6(remote)) return false
  const protocol = protocolNumber(rule.protocol, rule.ethertype)
  if (protocol === undefined || (protocol !== null && protocol !== flow.protocol)) return false
  if (rule.remoteCidrs !== null && !rule.remoteCidrs.some((cidr) => inCidr(remote, cidr))) return false
  if (protocol === null) return true
  const { portRangeMin: min, portRangeMax: max } = rule
  if (icmpProtocols.has(protocol)) {
    return (min === null || flow.icmp?.type === min) && (min === null || max === null || flow.icmp?.code === max)
  }
  const low = min ?? max
  const high = max ?? min
  if (portKeyword(protocol) === undefined || low === null || high === null) return true
  return flow.destinationPort !== null && flow.destinationPort >= low && flow.destinationPort <= high
}
