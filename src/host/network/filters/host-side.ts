// Where the machine itself stands: a tenant's bridge is closed to its IP stack; only on networks where it has an
// address may it speak with guests, and what it sends or forwards to them meets their groups, by address.
import { canonical, isIpv6 } from '../addresses.ts'
import type { FilterInput, FilterPort } from './input.ts'
import { allowedAddresses } from './spoofing.ts'
import { alwaysIn, block, elements, quoted, stateful } from './text.ts'

/** The chains for what is not bridged. `ingress`: the chain of a port's groups. */
export function hostSideLines(input: FilterInput, ingress: (port: FilterPort) => string): string[] {
  const { networks } = input
  const names = (list: typeof networks) => list.map((network) => quoted(network.bridge)).join(', ')
  const closed = networks.filter((network) => network.hostAddresses.length === 0)
  const open = networks.filter((network) => network.hostAddresses.length > 0)
  const lines: string[] = []
  if (closed.length > 0) {
    const same = closed.map((network) => `${quoted(network.bridge)} . ${quoted(network.bridge)}`)
    lines.push(
      elements(
        'set closed',
        'type ifname',
        closed.map((network) => quoted(network.bridge)),
      ),
      elements('set bridged', 'type ifname . ifname', same),
      block('chain closed-forward', [
        'type filter hook forward priority 0; policy accept',
        'iifname @closed iifname . oifname != @bridged drop',
        'oifname @closed iifname . oifname != @bridged drop',
      ]),
      block('chain closed-input', ['type filter hook input priority 0; policy accept', 'iifname @closed drop']),
    )
  }
  if (open.length > 0) {
    lines.push(
      ...directBlocks(input, ingress),
      block('chain direct', [...alwaysIn, ...stateful, 'oifname . ip daddr vmap @direct-ipv4', 'oifname . ip6 daddr vmap @direct-ipv6']),
      block('chain direct-forward', [
        'type filter hook forward priority 1; policy accept',
        `oifname { ${names(open)} } iifname != @bridges jump direct`,
        `oifname { ${names(open)} } iifname @bridges meta mark 0 jump direct`,
      ]),
      block('chain direct-output', ['type filter hook output priority 0; policy accept', `oifname { ${names(open)} } jump direct`]),
    )
  }
  return [...lines, ...masqueradeLines(input)]
}

/** Bridge and address of every filtered port on an open network: what the machine sends there bears no mark. */
function directBlocks({ networks, ports }: FilterInput, ingress: (port: FilterPort) => string): string[] {
  const open = new Set(networks.filter((network) => network.hostAddresses.length > 0).map((network) => network.bridge))
  const reachable = ports.filter((port) => open.has(port.bridge))
  const entries = (version: 4 | 6) => {
    const own = reachable.map((port) => ({
      port,
      list: port.spec.fixedIps.map(canonical).filter((address) => isIpv6(address) === (version === 6)),
    }))
    // an address that several ports may use belongs first to the one that has it for its own
    const all = reachable.map((port) => ({ port, list: allowedAddresses(port.spec, version).filter((address) => !address.includes('/')) }))
    return [...own, ...all].flatMap(({ port, list }) =>
      list.map((address) => `${quoted(port.bridge)} . ${address} : goto ${ingress(port)}`),
    )
  }
  return [
    elements('map direct-ipv4', 'type ifname . ipv4_addr : verdict', entries(4)),
    elements('map direct-ipv6', 'type ifname . ipv6_addr : verdict', entries(6)),
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
