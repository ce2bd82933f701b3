// The base chains of table inet: what crosses a bridge, and where the machine itself stands. A tenant's bridge is
// closed to the machine's own IP stack; only on networks where it has an address may it speak with guests.
import { canonical, isIpv6 } from '../addresses.ts'
import type { FilterInput } from './input.ts'
import { alwaysIn, block, stateful, verdicts } from './text.ts'

export interface DirectReceiver {
  version: 4 | 6
  bridge: string
  address: string
  chain: string
}

/** The base chains for forwarding, input, output and, when wanted, masquerading. */
export function hostSideLines(input: FilterInput, receivers: DirectReceiver[]): string[] {
  const { networks } = input
  if (networks.length === 0) return []
  const names = (list: typeof networks) => list.map((network) => `"${network.bridge}"`).join(', ')
  const closed = networks.filter((network) => network.hostAddresses.length === 0)
  const open = networks.filter((network) => network.hostAddresses.length > 0)
  const same = networks.map((network) => `"${network.bridge}" . "${network.bridge}"`).join(', ')
  const closedLines =
    closed.length === 0
      ? []
      : [`iifname { ${names(closed)} } iifname . oifname != { ${same} } drop`, `oifname { ${names(closed)} } iifname . oifname != { ${same} } drop`]
  const direct = ([4, 6] as const).flatMap((version) =>
    verdicts(
      `oifname . ${version === 4 ? 'ip' : 'ip6'} daddr`,
      receivers.filter((entry) => entry.version === version).map((entry) => [`"${entry.bridge}" . ${entry.address}`, `goto ${entry.chain}`]),
    ),
  )
  // not by the mark alone: other software of this machine marks packets too
  const toOpen =
    direct.length === 0
      ? []
      : [`oifname { ${names(open)} } iifname != @bridges jump direct`, `oifname { ${names(open)} } meta mark and 0xffff0000 == 0 jump direct`]
  return [
    ...(direct.length === 0 ? [] : [block('chain direct', [...alwaysIn, ...stateful, ...direct])]),
    block('chain forward-sender', ['type filter hook forward priority 0; policy accept', ...closedLines, 'iifname @bridges jump sender']),
    block('chain forward-receiver', [
      'type filter hook forward priority 1; policy accept',
      'iifname @bridges oifname @bridges jump receiver',
      ...toOpen,
    ]),
    block('chain input', [
      'type filter hook input priority 0; policy accept',
      ...(closed.length === 0 ? [] : [`iifname { ${names(closed)} } drop`]),
      'iifname @bridges jump sender',
    ]),
    ...(direct.length === 0
      ? []
      : [block('chain output', ['type filter hook output priority 0; policy accept', `oifname { ${names(open)} } jump direct`])]),
    ...masqueradeLines(input),
  ]
}

/** Other bridges are excluded by name: through br_netfilter this chain sees bridged frames of tenants too. */
function masqueradeLines({ networks, masquerade }: FilterInput): string[] {
  const sources = networks.flatMap((network) => network.hostAddresses).map((address) => canonical(address))
  if (!masquerade || sources.length === 0) return []
  return [
    block('chain outside', [
      'type nat hook postrouting priority srcnat; policy accept',
      ...sources.map((source) => `${isIpv6(source) ? 'ip6' : 'ip'} saddr ${source} oifname != "lo" oifname != "brq*" masquerade`),
    ]),
  ]
}
