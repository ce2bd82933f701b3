// What a spec asks for against what is there, by names. Pure; the real network and the fake one share it.
import type { HostNetworkSpec, NetworkDifference } from '../../contract/network.ts'
import type { WantedLinks } from './l2/wanted.ts'
import { dhcpNamespace, routerNamespace } from './names.ts'

export interface There {
  bridges: string[]
  /** devices of ours that are no bridges: guests' taps, ends of router and DHCP ports, tunnels */
  taps: string[]
  namespaces: string[]
  tables: string[]
  /** daemons by name; null where there are none */
  daemons: { wanted: string[]; running: string[] } | null
}

export interface Wanted {
  spec: HostNetworkSpec
  links: WantedLinks
  /** taps that wait for their port's row, and expire by themselves */
  waiting: Iterable<string>
}

/** The differences, each by its name. */
export function compareNetwork({ spec, links, waiting }: Wanted, there: There): NetworkDifference[] {
  const made = links.slaves.filter(({ make }) => make !== null).map(({ name }) => name)
  // QEMU makes a guest's tap when it starts
  const mayBe = [...links.slaves.map(({ name }) => name), ...links.closed, ...waiting]
  const rules = there.tables.length > 0
  return [
    ...differences('bridge', there.bridges, { must: links.bridges.map(({ name }) => name) }),
    ...differences('tap', there.taps, { must: made, mayBe }),
    ...differences('namespace', there.namespaces, { must: namespacesOf(spec, links) }),
    ...(there.daemons === null ? [] : differences('process', there.daemons.running, { must: there.daemons.wanted })),
    ...(spec.networks.length > links.faults.size && !rules
      ? [{ kind: 'rules' as const, name: 'nftables', state: 'missing' as const }]
      : []),
  ]
}

function namespacesOf({ dhcp, routers }: HostNetworkSpec, { faults }: WantedLinks): string[] {
  const served = dhcp.filter(({ networkId }) => !faults.has(networkId)).map(({ networkId }) => dhcpNamespace(networkId))
  return [...served, ...routers.filter(({ adminStateUp }) => adminStateUp).map(({ id }) => routerNamespace(id))]
}

function differences(
  kind: NetworkDifference['kind'],
  found: string[],
  { must, mayBe = [] }: { must: string[]; mayBe?: string[] },
): NetworkDifference[] {
  const [is, explained] = [new Set(found), new Set([...must, ...mayBe])]
  return [
    ...must.filter((name) => !is.has(name)).map((name) => ({ kind, name, state: 'missing' as const })),
    ...found.filter((name) => !explained.has(name)).map((name) => ({ kind, name, state: 'unexplained' as const })),
  ]
}
