// What is really there and ours, and how it differs from a spec: for fsck, for clean-slate checks, for people.
import type { HostNetwork, HostNetworkSpec, NetworkDifference } from '../../contract/network.ts'
import type { Agents } from './context.ts'
import { compareNetwork } from './compare.ts'
import { agentNamespaces, servesDhcp } from './inside.ts'
import { readLinks } from './l2/links.ts'
import { wantedLinks } from './l2/wanted.ts'
import { aliasOf, tableName } from './names.ts'
import { namespaceExists } from './namespaces.ts'
import { attempt } from './run.ts'
import { saneSpec } from './sanity.ts'

/** What is really there and ours. */
export async function listAll({ registry, daemons }: Agents): ReturnType<HostNetwork['list']> {
  const alias = aliasOf(registry.instance)
  const mine = [...(await readLinks()).values()].filter((link) => link.alias === alias)
  const tables = JSON.parse((await attempt(['nft', '-j', 'list', 'tables'])).stdout || '{}') as {
    nftables?: { table?: { family: string; name: string } }[]
  }
  const names = (tables.nftables ?? []).flatMap(({ table }) =>
    table?.name === tableName(registry.instance) ? [`${table.family} ${table.name}`] : [],
  )
  return {
    bridges: mine.filter((link) => link.kind === 'bridge').map((link) => link.name),
    taps: mine.filter((link) => link.kind !== 'bridge').map((link) => link.name),
    namespaces: registry.namespaces().filter(namespaceExists),
    processes: daemons
      .names()
      .map((name) => daemons.pid(name))
      .filter((pid) => pid !== null),
    tables: names,
  }
}

/** How what is there differs from what the spec asks for. */
export async function compareAll(asked: HostNetworkSpec, agents: Agents): Promise<NetworkDifference[]> {
  const { daemons, memory, options } = agents
  const { spec } = saneSpec(asked)
  const links = wantedLinks(spec, options.segments)
  const inside = agentNamespaces(spec, links)
  // what announces prefixes runs where a router has such an interface; its files say so
  const wanted = inside
    .filter(({ dhcp, daemon }) => (dhcp === null ? daemons.names().includes(daemon) : servesDhcp(dhcp)))
    .map(({ daemon }) => daemon)
  const running = daemons.names().filter((name) => daemons.pid(name) !== null)
  return compareNetwork({ spec, links, waiting: memory.unclaimed.keys() }, { ...(await listAll(agents)), daemons: { wanted, running } })
}
