// What lies inside namespaces: routers and DHCP servers with their metadata sockets. A namespace is worked on only
// when its part of the spec changed, its daemon died or it is not the namespace that it was.
import type { DhcpSpec, HostNetworkSpec, RouterSpec } from '../../contract/network.ts'
import type { Agents } from './context.ts'
import { dhcpDaemon, dhcpNamespaceWanted, ensureDhcp } from './dhcp/agent.ts'
import { ensureRouter, routerDaemon } from './l3/agent.ts'
import { applyNamespace } from './l3/addresses.ts'
import type { WantedLinks } from './l2/wanted.ts'
import { dhcpNamespace, routerNamespace } from './names.ts'
import { namespaceEnsure, namespaceExists, namespaceInode, namespaceRemove } from './namespaces.ts'

export interface Inside {
  name: string
  kind: 'router' | 'dhcp'
  /** the router's or the network's id, as reports name it */
  id: string
  daemon: string
  router: RouterSpec | null
  dhcp: DhcpSpec | null
}

/** The namespaces that the spec asks for. */
export function agentNamespaces(spec: HostNetworkSpec, wanted: WantedLinks): Inside[] {
  const dhcp = spec.dhcp
    .filter((entry) => !wanted.faults.has(entry.networkId))
    .map((entry): Inside => {
      const name = dhcpNamespace(entry.networkId)
      return { name, kind: 'dhcp', id: entry.networkId, daemon: dhcpDaemon(entry.networkId), router: null, dhcp: entry }
    })
  const routers = spec.routers
    .filter((router) => router.adminStateUp)
    .map((router): Inside => {
      // what stands on a network that cannot be made here is left out, the rest of the router works
      const usable = { ...router, interfaces: router.interfaces.filter((port) => !wanted.faults.has(port.networkId)) }
      const gateway = router.gateway && !wanted.faults.has(router.gateway.networkId) ? router.gateway : null
      const name = routerNamespace(router.id)
      return { name, kind: 'router', id: router.id, daemon: routerDaemon(router.id), router: { ...usable, gateway }, dhcp: null }
    })
  return [...dhcp, ...routers]
}

/** Makes those that are missing; returns the names of the new ones. */
export async function ensureNamespaces(inside: Inside[], agents: Agents): Promise<Set<string>> {
  const { registry, daemons } = agents
  const missing = inside.filter((entry) => !namespaceExists(entry.name))
  if (missing.length === 0) return new Set()
  const donors = daemons
    .names()
    .map((name) => daemons.pid(name))
    .filter((pid) => pid !== null)
  const fresh = new Set<string>()
  await eachOf(missing, async (entry) => {
    registry.addNamespace(entry.name)
    if (!(await namespaceEnsure(entry.name, entry.kind, donors))) return
    fresh.add(entry.name)
    await daemons.remove(entry.daemon) // one that is left is in a namespace that nobody can reach
  })
  return fresh
}

/** Brings every namespace to its spec; returns id → what went wrong. One that fails does not hold up the others. */
export async function applyInside(inside: Inside[], spec: HostNetworkSpec, agents: Agents): Promise<Map<string, string>> {
  const faults = new Map<string, string>()
  agents.memory.daemonsWanted = new Set()
  agents.memory.listening = new Set()
  await eachOf(inside, async (entry) => {
    try {
      await applyOne(entry, spec, agents)
    } catch (error) {
      agents.memory.namespaces.delete(entry.name)
      agents.log.warn({ namespace: entry.name, error: String(error) }, 'namespace not as wanted')
      faults.set(entry.id, (error as Error).message)
    }
  })
  return faults
}

async function applyOne(entry: Inside, spec: HostNetworkSpec, agents: Agents): Promise<void> {
  const { memory, daemons, metadata, dns, runDir, log, background } = agents
  const { router, dhcp, name } = entry
  const mtus = spec.networks
    .map((network) => (router?.interfaces.some((port) => port.networkId === network.id) ? network.mtuBytes : 0))
    .filter(Boolean)
  const key = JSON.stringify([router, dhcp, mtus])
  const inode = namespaceInode(name)
  const known = memory.namespaces.get(name)
  const needsDaemon = dhcp !== null ? servesDhcp(dhcp) : daemons.names().includes(entry.daemon)
  const alive = !needsDaemon || daemons.pid(entry.daemon) !== null
  if (known?.key !== key || known.inode !== inode || !alive) {
    if (router) {
      const before = memory.routers.get(router.id) ?? null
      await ensureRouter(router, before, { daemons, directory: runDir, networks: spec.networks, log, background })
      memory.routers.set(router.id, router)
    }
    if (dhcp) {
      await applyNamespace(name, dhcpNamespaceWanted(dhcp))
      if (servesDhcp(dhcp)) await ensureDhcp(dhcp, daemons, runDir)
      else await daemons.remove(entry.daemon)
    }
  }
  if (dhcp && servesDhcp(dhcp)) await dns.ensure(name)
  else dns.remove(name)
  if (router || dhcp?.metadata) {
    await metadata.ensure(name, { networkId: dhcp?.networkId ?? null, routerId: router?.id ?? null })
    memory.listening.add(name)
  } else metadata.remove(name)
  memory.namespaces.set(name, { key, inode })
  if (daemons.pid(entry.daemon) !== null) memory.daemonsWanted.add(entry.daemon)
}

/** Whether the network's dnsmasq has something to serve. */
export const servesDhcp = (dhcp: DhcpSpec) => dhcp.subnets.some((subnet) => subnet.enableDhcp)

/** Takes away the namespaces that we made and nobody wants, and daemons without one. */
export async function removeNamespaces(inside: Inside[], agents: Agents): Promise<void> {
  const { registry, daemons, metadata, dns, memory } = agents
  const wanted = new Set(inside.map((entry) => entry.name))
  const served = new Set(inside.map((entry) => entry.daemon))
  await eachOf(
    daemons.names().filter((name) => !served.has(name)),
    (name) => daemons.remove(name),
  )
  await eachOf(
    registry.namespaces().filter((name) => !wanted.has(name)),
    async (name) => {
      metadata.remove(name)
      dns.remove(name)
      await namespaceRemove(name)
      registry.dropNamespace(name)
      memory.namespaces.delete(name)
      memory.routers.delete(name.replace(/^qrouter-/, ''))
    },
  )
}

/** Works through a list, four at a time: each is a few processes, and the machine has other things to do. */
async function eachOf<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items]
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(4, queue.length) }, worker))
}
