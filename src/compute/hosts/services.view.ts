// ServiceFacts → os-services, os-hosts and availability zones.
import type { Context } from '../../platform/context.ts'
import { internalZone } from './facts.ts'
import type { ServiceFacts } from './services.ts'
import { naive } from '../views/times.ts'

const one = (ctx: Context, { row, zone, alive }: ServiceFacts) => ({
  binary: row.binary,
  host: row.host,
  id: ctx.microversion.atLeast('2.53') ? row.id : row.number,
  zone,
  status: row.disabled ? 'disabled' : 'enabled',
  state: alive ? 'up' : 'down',
  updated_at: naive(row.last_seen_at),
  disabled_reason: row.disabled_reason,
  ...(ctx.microversion.atLeast('2.11') ? { forced_down: row.forced_down } : {}),
})

export const serviceListView = (ctx: Context, services: ServiceFacts[]) => ({ services: services.map((service) => one(ctx, service)) })

export const serviceView = (ctx: Context, service: ServiceFacts) => ({ service: one(ctx, service) })

export const hostListView = (services: ServiceFacts[]) => ({
  hosts: services.map(({ row, zone }) => ({ host_name: row.host, service: row.binary.replace('nova-', ''), zone })),
})

interface Zone {
  zoneName: string
  zoneState: { available: boolean }
  hosts: Record<string, Record<string, { available: boolean; active: boolean; updated_at: string }>> | null
}

/** A zone is available while one of its services is enabled. */
export function zonesView(services: ServiceFacts[], withHosts: boolean): { availabilityZoneInfo: Zone[] } {
  const enabled = services.filter(({ row }) => !row.disabled)
  const available = [...new Set(enabled.map(({ zone }) => zone))].sort()
  const others = [...new Set(services.map(({ zone }) => zone))].filter((zone) => !available.includes(zone)).sort()
  const zones: Zone[] = available.map((zoneName) => ({
    zoneName,
    zoneState: { available: true },
    hosts: withHosts ? hostsOf(enabled, zoneName) : null,
  }))
  for (const zoneName of others) zones.push({ zoneName, zoneState: { available: false }, hosts: null })
  return { availabilityZoneInfo: withHosts ? zones : zones.filter(({ zoneName }) => zoneName !== internalZone) }
}

function hostsOf(services: ServiceFacts[], zone: string): Zone['hosts'] {
  const hosts: NonNullable<Zone['hosts']> = {}
  for (const { row, alive, zone: its } of services) {
    if (its === zone) (hosts[row.host] ??= {})[row.binary] = { available: alive, active: true, updated_at: naive(row.last_seen_at) }
  }
  return hosts
}
