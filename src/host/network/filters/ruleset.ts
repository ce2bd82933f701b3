// The whole filter of this host as one nft transaction: replaced at once, so that no packet ever meets half of it.
// Table bridge checks and marks at layer 2; table inet keeps state, a conntrack zone per network so that tenants may
// use the same addresses, and evaluates security groups: what a port sends on the way in, what it gets on the way out.
import { type Direction, groupChain, groupLines } from './groups.ts'
import { hostSideLines } from './host-side.ts'
import type { FilterInput, FilterPort } from './input.ts'
import { tapName } from '../names.ts'
import { senderChain, spoofingBlocks } from './spoofing.ts'
import { alwaysIn, alwaysOut, block, elements, quoted, stateful } from './text.ts'

/** The text for `nft -f`. */
export function hostRuleset(input: FilterInput): string {
  const { table } = input
  const tables = [block(`table bridge ${table}`, bridgeBlocks(input)), block(`table inet ${table}`, inetBlocks(input))]
  return [...replace(table), ...tables, ''].join('\n')
}

/** Takes both tables away, whether they are there or not. */
export const emptyRuleset = (table: string): string => `${replace(table).join('\n')}\n`

const replace = (table: string) => ['bridge', 'inet'].flatMap((family) => [`table ${family} ${table}`, `delete table ${family} ${table}`])

function bridgeBlocks({ ports, blocked }: FilterInput): string[] {
  const dropped = blocked.map((tap) => `${quoted(tap)} : drop`)
  const tap = (port: FilterPort) => quoted(tapName(port.spec.id))
  return [
    ...spoofingBlocks(ports),
    elements('map from-port', 'type ifname : verdict', [...ports.map((port) => `${tap(port)} : goto ${senderChain(port)}`), ...dropped]),
    elements('map to-port', 'type ifname : verdict', [...ports.map((port) => `${tap(port)} : goto to`), ...dropped]),
    block('chain prerouting', ['type filter hook prerouting priority -300; policy accept', 'iifname vmap @from-port']),
    block('chain forward', ['type filter hook forward priority -10; policy accept', 'oifname vmap @to-port']),
    block('chain output', ['type filter hook output priority -10; policy accept', 'oifname vmap @to-port']),
  ]
}

function inetBlocks(input: FilterInput): string[] {
  const { networks, ports, securityGroups } = input
  const used = new Set(ports.flatMap((port) => port.spec.securityGroupIds))
  const groups = securityGroups.filter((group) => used.has(group.id))
  const known = new Set(groups.map((group) => group.id))
  // ports with the same groups share their chains
  const profiles = new Map<string, { name: string; groupIds: string[] }>()
  const profileOf = ({ spec }: FilterPort) => {
    const groupIds = [...new Set(spec.securityGroupIds)].filter((id) => known.has(id)).sort()
    const key = groupIds.join(' ')
    const profile = profiles.get(key) ?? { name: `${profiles.size + 1}`, groupIds }
    profiles.set(key, profile)
    return profile.name
  }
  const verdicts = (direction: Direction) => ports.map((port) => `${port.mark} : goto ${direction}-${profileOf(port)}`)
  const [senders, receivers] = [verdicts('egress'), verdicts('ingress')]
  const profileChain = (direction: Direction) =>
    [...profiles.values()].map(({ name, groupIds }) =>
      block(`chain ${direction}-${name}`, [...groupIds.map((id) => `jump ${groupChain(id, direction)}`), 'drop']),
    )
  const zones = networks.filter((network) => network.zone !== 0).map((network) => `${quoted(network.bridge)} : ${network.zone}`)
  return [
    elements(
      'set bridges',
      'type ifname',
      networks.map((network) => quoted(network.bridge)),
    ),
    ...groups.flatMap((group) => [
      block(`chain ${groupChain(group.id, 'ingress')}`, groupLines(group, 'ingress')),
      block(`chain ${groupChain(group.id, 'egress')}`, groupLines(group, 'egress')),
    ]),
    ...profileChain('egress'),
    ...profileChain('ingress'),
    elements('map senders', 'type mark : verdict', senders),
    elements('map receivers', 'type mark : verdict', receivers),
    block('chain sender', [...alwaysOut, ...stateful, 'meta mark vmap @senders']),
    block('chain receiver', [...alwaysIn, ...stateful, 'meta mark vmap @receivers']),
    block('chain zones', [
      'type filter hook prerouting priority raw; policy accept',
      ...(zones.length === 0 ? [] : [`ct zone set iifname map { ${zones.join(', ')} }`]),
    ]),
    block('chain senders-in', [
      'type filter hook prerouting priority mangle; policy accept',
      'iifname @bridges meta mark != 0 jump sender',
    ]),
    // a mark is between our chains only: routing and other software's rules never see it
    block('chain senders-done', ['type filter hook prerouting priority -149; policy accept', 'iifname @bridges meta mark set 0']),
    block('chain receivers-out', [
      'type filter hook forward priority 1; policy accept',
      'iifname @bridges oifname @bridges meta mark != 0 jump receiver',
    ]),
    block('chain receivers-done', [
      'type filter hook forward priority 2; policy accept',
      'iifname @bridges oifname @bridges meta mark set 0',
    ]),
    ...hostSideLines(input, (port) => `ingress-${profileOf(port)}`),
  ]
}
