// One router in its namespace: addresses and routes, rules, advertisements, and the announcement of addresses that
// are new on the wire.
import type { Log } from '../../../platform/log.ts'
import type { NetworkSpec, RouterSpec } from '../../../contract/network.ts'
import { addressOf, inCidr, isIpv6 } from '../addresses.ts'
import type { Daemons } from '../dhcp/dnsmasq.ts'
import { endFlows } from '../filters/conntrack.ts'
import { gatewayDevice, routerDevice, routerNamespace } from '../names.ts'
import { attempt, loadRules } from '../run.ts'
import { applyNamespace, type NamespacePlan, type NamespaceWanted } from './addresses.ts'
import { advertiseConfig } from './advertise.ts'
import { routerRules } from './nat.ts'

export const routerDaemon = (routerId: string): string => `ra-${routerId}`

/** The addresses and routes of a router's namespace. */
export function routerNamespaceWanted(router: RouterSpec): NamespaceWanted {
  const devices = new Map<string, string[]>([['lo', ['169.254.169.254/32']]])
  for (const port of router.interfaces) devices.set(routerDevice(port.portId), port.addresses)
  const routes: NamespaceWanted['routes'] = []
  const { gateway } = router
  if (gateway) {
    const device = gatewayDevice(gateway.portId)
    devices.set(device, [...gateway.addresses, ...router.floatingIps.map((entry) => `${addressOf(entry.floatingIp)}/32`)])
    for (const nexthop of gateway.gatewayIps) {
      routes.push({ destination: 'default', nexthop, device, onLink: !gateway.addresses.some((address) => inCidr(nexthop, address)) })
    }
  }
  for (const route of router.routes) routes.push({ ...route, device: null, onLink: false })
  return { devices, routes }
}

export interface RouterContext {
  daemons: Daemons
  /** where the daemons' files lie */
  directory: string
  networks: NetworkSpec[]
  log: Log
  /** what announces in the background hands its promise over, so that close() can wait for it */
  background: (work: Promise<void>) => void
}

/** Makes the router's namespace as the spec says; `before` is the spec that it was made from last, if known. */
export async function ensureRouter(router: RouterSpec, before: RouterSpec | null, context: RouterContext): Promise<void> {
  const namespace = routerNamespace(router.id)
  const added = await applyNamespace(namespace, routerNamespaceWanted(router))
  await loadRules(routerRules(router), namespace)
  const name = routerDaemon(router.id)
  const config = advertiseConfig(
    router,
    `${context.directory}/${name}`,
    (id) => context.networks.find((network) => network.id === id)?.mtuBytes,
  )
  if (config === null) await context.daemons.remove(name)
  else await context.daemons.ensure(name, { config, reloaded: {} }, { namespace, restart: false })
  await endFloatingFlows(router, before, context.log)
  const outside = router.gateway === null ? null : gatewayDevice(router.gateway.portId)
  const fresh = added.filter((entry) => entry.device !== 'lo' && !isIpv6(entry.address))
  context.background(
    announce(
      namespace,
      fresh.sort((a) => (a.device === outside ? -1 : 1)),
      context.log,
    ),
  )
}

/** Flows through a floating IP that was taken away, or moved to another port, cease. */
async function endFloatingFlows(router: RouterSpec, before: RouterSpec | null, log: Log): Promise<void> {
  const kept = new Set(router.floatingIps.map((entry) => `${entry.floatingIp} ${entry.fixedIp}`))
  const gone = (before?.floatingIps ?? []).filter((entry) => !kept.has(`${entry.floatingIp} ${entry.fixedIp}`))
  if (gone.length === 0) return
  const addresses = new Set(gone.flatMap((entry) => [addressOf(entry.floatingIp), addressOf(entry.fixedIp)]))
  await endFlows((flow) => !addresses.has(flow.source) && !addresses.has(flow.destination), {
    zone: null,
    namespace: routerNamespace(router.id),
    log,
  })
}

/** Says to everybody on the wire which MAC has the address now, so that nobody goes on sending to an earlier one. */
async function announce(namespace: string, added: NamespacePlan['added'], log: Log): Promise<void> {
  for (const { device, address } of added.slice(0, 256)) {
    const ip = addressOf(address)
    const outcome = await attempt(['arping', '-q', '-U', '-i', device, '-S', ip, '-c', '1', '-w', '0.02', ip], { namespace })
    if (outcome.code > 1) log.debug({ namespace, address, stderr: outcome.stderr.trim() }, 'address not announced')
  }
}
