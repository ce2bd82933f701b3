// The whole filter of this host as one nft transaction: replaced at once, so that no packet ever meets half of it.
// Table bridge checks and marks at layer 2; table inet keeps state, a conntrack zone per network so that tenants
// may use the same addresses, and evaluates security groups: what a port sends at priority 0, what it gets at 1.
import { tapName } from '../names.ts'
import { type Direction, groupChain, groupLines } from './groups.ts'
import { hostSideLines } from './host-side.ts'
import type { FilterInput } from './input.ts'
import { advertChain, advertLines, allowedAddresses, receiverLines, receiverMark, senderLines } from './spoofing.ts'
import { alwaysIn, alwaysOut, block, quoted, stateful, verdicts } from './text.ts'

/** The text for `nft -f`. */
export function hostRuleset(input: FilterInput): string {
  const { table } = input
  const head = ['bridge', 'inet'].flatMap((family) => [`table ${family} ${table}`, `delete table ${family} ${table}`])
  return [...head, block(`table bridge ${table}`, bridgeChains(input)), block(`table inet ${table}`, inetChains(input)), ''].join('\n')
}

/** Takes both tables away, whether they are there or not. */
export function emptyRuleset(table: string): string {
  return `${['bridge', 'inet'].map((family) => `table ${family} ${table}\ndelete table ${family} ${table}`).join('\n')}\n`
}

function bridgeChains({ ports, blocked }: FilterInput): string[] {
  const dropped = blocked.map((tap): [string, string] => [quoted(tap), 'drop'])
  const by = (prefix: string) => [
    ...ports.map(({ spec, mark }): [string, string] => [quoted(tapName(spec.id)), `jump ${prefix}-${mark}`]),
    ...dropped,
  ]
  return [
    block('chain prerouting', ['type filter hook prerouting priority -300; policy accept', ...verdicts('iifname', by('from'))]),
    block('chain forward', ['type filter hook forward priority -10; policy accept', ...verdicts('oifname', by('to'))]),
    block('chain output', ['type filter hook output priority -10; policy accept', ...verdicts('oifname', by('to'))]),
    ...ports.flatMap(({ spec, mark }) => [
      block(`chain ${advertChain(mark)}`, advertLines(spec)),
      block(`chain from-${mark}`, senderLines(spec, mark)),
      block(`chain to-${mark}`, receiverLines(spec, mark)),
    ]),
  ]
}

function inetChains(input: FilterInput): string[] {
  const { networks, ports, securityGroups } = input
  const used = new Set(ports.flatMap((port) => port.spec.securityGroupIds))
  const groups = securityGroups.filter((group) => used.has(group.id))
  const known = new Set(groups.map((group) => group.id))
  const bridges = networks.map((network) => network.bridge)
  const zones = networks.filter((network) => network.zone !== 0).map((network) => `${quoted(network.bridge)} : ${network.zone}`)
  const portChain = (direction: Direction) =>
    ports.map(({ spec, mark }) =>
      block(`chain ${direction}-${mark}`, [
        ...spec.securityGroupIds.filter((id) => known.has(id)).map((id) => `jump ${groupChain(id, direction)}`),
        'drop',
      ]),
    )
  const senders = ports.map(({ mark }): [string, string] => [`${mark}`, `goto egress-${mark}`])
  const receivers = ports.map(({ mark }): [string, string] => [receiverMark(mark), `goto ingress-${mark}`])
  return [
    ...(bridges.length === 0 ? [] : [block('set bridges', ['type ifname', `elements = { ${bridges.map(quoted).join(', ')} }`])]),
    block('chain zones', [
      'type filter hook prerouting priority raw; policy accept',
      ...(zones.length === 0 ? [] : [`ct zone set iifname map { ${zones.join(', ')} }`]),
    ]),
    ...groups.flatMap((group) => [
      block(`chain ${groupChain(group.id, 'ingress')}`, groupLines(group, 'ingress')),
      block(`chain ${groupChain(group.id, 'egress')}`, groupLines(group, 'egress')),
    ]),
    ...portChain('egress'),
    ...portChain('ingress'),
    block('chain sender', ['meta mark and 0xffff == 0 return', ...alwaysOut, ...stateful, ...verdicts('meta mark and 0xffff', senders)]),
    block('chain receiver', ['meta mark and 0xffff0000 == 0 return', ...alwaysIn, ...stateful, ...verdicts('meta mark and 0xffff0000', receivers)]),
    ...hostSideLines(input, directReceivers(input)),
  ]
}

/** Bridge and address of every filtered port on a network where the machine itself is: frames that it sends bear no mark. */
function directReceivers({ networks, ports }: FilterInput): { version: 4 | 6; bridge: string; address: string; chain: string }[] {
  const reachable = new Set(networks.filter((network) => network.hostAddresses.length > 0).map((network) => network.bridge))
  return ports
    .filter((port) => reachable.has(port.bridge))
    .flatMap(({ spec, bridge, mark }) =>
      ([4, 6] as const).flatMap((version) =>
        allowedAddresses(spec, version)
          .filter((address) => !address.includes('/'))
          .map((address) => ({ version, bridge, address, chain: `ingress-${mark}` })),
      ),
    )
}
