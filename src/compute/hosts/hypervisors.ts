// Hypervisors: compute nodes with what their servers use, counted from the servers' rows.
import type { HostInventory } from '../../contract/host.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest, notFound } from '../../platform/errors.ts'
import { askHosts } from '../../platform/hosts.ts'
import { isUuidLike } from '../../platform/ids.ts'
import { usagesByProvider } from '../../placement/index.ts'
import { hostFacts, inventoryOf, type HostFacts } from './facts.ts'
import { hostUses, serversOnHosts, type HostUse } from '../servers/store/hosts.ts'

export interface Hypervisor extends HostFacts {
  inventory: HostInventory
  use: HostUse
  /** what its servers were promised */
  diskGib: number
  /** as the machine says it now; null when it was not asked, or is silent */
  load: { uptimeSeconds: number; loadAverage: number[] } | null
  /** only when they were asked for */
  servers: { id: string; name: string }[] | null
}

const noUse: HostUse = { servers: 0, running: 0, workload: 0, vcpus: 0, ramMib: 0 }

export interface HypervisorQuestion {
  pattern?: string | undefined
  withServers?: boolean
  limit?: number
  marker?: string | undefined
}

const key = (ctx: Context, facts: HostFacts): string => (ctx.microversion.atLeast('2.53') ? facts.node.id : String(facts.node.number))

export async function hypervisorList(ctx: Context, question: HypervisorQuestion): Promise<Hypervisor[]> {
  ctx.authorize()
  let hosts = await hostFacts(ctx)
  const { pattern, marker, limit } = question
  if (pattern !== undefined) {
    hosts = hosts.filter(({ node }) => node.hostname.includes(pattern))
    if (hosts.length === 0) throw notFound(`No hypervisor matching '${pattern}' could be found.`)
  }
  if (marker !== undefined) {
    const at = hosts.findIndex((facts) => key(ctx, facts) === marker)
    if (at < 0) throw badRequest(`marker [${marker}] not found`)
    hosts = hosts.slice(at + 1)
  }
  return described(ctx, hosts.slice(0, limit ?? hosts.length), question.withServers ?? false)
}

export async function hypervisorGet(ctx: Context, id: string, withServers = false): Promise<Hypervisor> {
  ctx.authorize()
  const missing = notFound(`Hypervisor with ID '${id}' could not be found.`)
  if (ctx.microversion.atLeast('2.53')) {
    if (!isUuidLike(id)) throw badRequest(`Invalid uuid ${id}`)
  } else if (!/^\d+$/.test(id)) throw missing
  const found = (await hostFacts(ctx)).filter((facts) => key(ctx, facts) === id)
  const [hypervisor] = await described(ctx, found, withServers)
  if (!hypervisor) throw missing
  return hypervisor
}

async function described(ctx: Context, hosts: HostFacts[], withServers: boolean): Promise<Hypervisor[]> {
  const uses = await hostUses(ctx.db)
  const disks = await usagesByProvider(ctx, 'DISK_GB')
  const servers = withServers
    ? await serversOnHosts(
        ctx.db,
        hosts.map(({ node }) => node.host),
      )
    : []
  return hosts.map((facts) => ({
    ...facts,
    inventory: inventoryOf(facts.node),
    use: uses.get(facts.node.host) ?? noUse,
    diskGib: disks.get(facts.node.id) ?? 0,
    load: null,
    servers: withServers ? servers.filter(({ host }) => host === facts.node.host).map(({ id, name }) => ({ id, name })) : null,
  }))
}

/** The same with what the machines say of their load now: those that answer are asked. */
export async function withLoad(ctx: Context, hypervisors: Hypervisor[]): Promise<Hypervisor[]> {
  const reports = await askHosts(
    ctx,
    hypervisors.flatMap(({ node, alive }) => (alive ? [node.host] : [])),
    (host) => host.inventory(),
  )
  return hypervisors.map((hypervisor) => ({ ...hypervisor, load: reports.get(hypervisor.node.host) ?? null }))
}

/** The line that `uptime` would print, which is what Nova shows; null for a machine that does not answer. */
export function uptimeText(ctx: Context, { load }: Hypervisor): string | null {
  if (!load) return null
  const now = ctx.clock.nowMs()
  const seconds = load.uptimeSeconds
  const two = (value: number) => String(value).padStart(2, '0')
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60]
  const up = `${days > 0 ? `${days} day${days > 1 ? 's' : ''}, ` : ''}${hours > 0 ? `${hours}:${two(minutes)}` : `${minutes} min`}`
  return ` ${new Date(now).toISOString().slice(11, 19)} up ${up},  0 users,  load average: ${load.loadAverage.map((value) => value.toFixed(2)).join(', ')}`
}
