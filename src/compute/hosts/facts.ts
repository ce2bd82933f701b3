// What is known of compute hosts, gathered in a few queries for those that ask about all of them: the scheduler,
// hypervisors, services, availability zones.
import type { HostCapabilities, HostInventory } from '../../contract/host.ts'
import type { Context } from '../../platform/context.ts'
import { aggregateHosts, aggregates, type AggregateRow } from '../aggregates/store.ts'
import { nodeOfHost, nodesList, servicesList, type NodeRow, type ServiceRow } from './store.ts'

/** A service that was not seen for so long is down. */
const serviceDownMs = 60_000
/** Nova's names for the zone of hosts that no aggregate puts elsewhere, and of the services that are no compute host. */
export const defaultZone = 'nova'
export const internalZone = 'internal'

export interface InventoryUse {
  total: number
  reserved: number
  allocation_ratio: number
  used: number
}

export interface HostFacts {
  service: ServiceRow
  node: NodeRow
  aggregates: AggregateRow[]
  zone: string
  alive: boolean
}

export const isAlive = (ctx: Context, service: ServiceRow): boolean =>
  !service.forced_down && ctx.clock.nowMs() - Date.parse(service.last_seen_at) <= serviceDownMs

const leastCapabilities: HostCapabilities = { anyImageType: false, guestAgent: false, consoles: true }

/** What the host reported last. A row of an earlier version, until the host's next report, says neither what others take of its disk nor what its guests can. */
export function inventoryOf(node: NodeRow): HostInventory {
  const said = JSON.parse(node.inventory) as HostInventory
  return {
    ...said,
    diskReservedGib: said.diskReservedGib ?? 0,
    diskFreeGib: said.diskFreeGib ?? said.diskGib,
    capabilities: said.capabilities ?? leastCapabilities,
  }
}

export async function capabilitiesOf(ctx: Context, host: string): Promise<HostCapabilities> {
  const node = await nodeOfHost(ctx.db, host)
  return node ? inventoryOf(node).capabilities : leastCapabilities
}

/** The zone that one of a host's aggregates gives it. */
export function zoneOf(aggregates: AggregateRow[]): string {
  for (const aggregate of aggregates) {
    const zone = aggregate.metadata['availability_zone']
    if (zone !== undefined) return zone
  }
  return defaultZone
}

/** host → its aggregates, in order of their ids */
export async function aggregatesByHost(ctx: Context): Promise<Map<string, AggregateRow[]>> {
  const found = new Map<string, AggregateRow[]>()
  const hosts = await aggregateHosts(ctx.db)
  if (hosts.length === 0) return found
  const byId = new Map((await aggregates.list(ctx.db)).map((row) => [row.id, row]))
  for (const { host, aggregate_id } of hosts.sort((a, b) => a.aggregate_id - b.aggregate_id)) {
    const aggregate = byId.get(aggregate_id)
    if (!aggregate) continue
    const known = found.get(host)
    if (known) known.push(aggregate)
    else found.set(host, [aggregate])
  }
  return found
}

/** Every compute host, or those of these names: who has both a service and a node. */
export async function hostFacts(ctx: Context, names: string[] | null = null): Promise<HostFacts[]> {
  const services = new Map(
    (await servicesList(ctx.db, { binary: 'nova-compute', ...(names ? { hosts: names } : {}) })).map((row) => [row.host, row]),
  )
  const aggregates = await aggregatesByHost(ctx)
  const facts: HostFacts[] = []
  for (const node of await nodesList(ctx.db, names)) {
    const service = services.get(node.host)
    if (!service) continue
    const own = aggregates.get(node.host) ?? []
    facts.push({ service, node, aggregates: own, zone: zoneOf(own), alive: isAlive(ctx, service) })
  }
  return facts
}
