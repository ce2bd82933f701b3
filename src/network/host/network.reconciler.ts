// Makes a host's networks as the rows say: reads the rows of the host, hands its agents the whole of what they are to
// make, writes back what they report. Safe at any time; all requests that come while a round runs share the next one.
import { hash } from 'node:crypto'
import type { Host } from '../../contract/host.ts'
import type { HostNetworkReport, HostNetworkSpec } from '../../contract/network.ts'
import { delay, isoSeconds } from '../../platform/clock.ts'
import { cache, type Context } from '../../platform/context.ts'
import { eventAppend } from '../../platform/events.ts'
import { askHosts } from '../../platform/hosts.ts'
import { reconciler, type Reconciler } from '../../platform/work/definition.ts'
import { dhcpPortsEnsure } from '../ports/dhcp.ts'
import { hostSpec, type TunnelAddresses } from './spec.ts'
import { generationNext, reportNote, hostNetworkForget } from './store.ts'
import { floatingIpsStatusSet, hostRows, portsStatusSet, routersAdopt, type HostRows } from './spec.store.ts'
import { hostNetworkWork } from './wake.ts'

/** Key: the host's name. At start and between changes network-watch.reconciler.ts looks after all of them. */
export const hostNetworkReconciler: Reconciler = reconciler({
  name: hostNetworkWork.name,
  everyMs: 86_400_000,
  async run({ ctx }, key) {
    if (key === '') return
    if (ctx.hosts.find(key)) return nextRound(ctx, key)
    // the host is away, or never was: when it comes, the watch finds its spec outdated and wakes this again
    await ctx.transaction((tx) => hostNetworkForget(tx.db, key))
  },
})

const gatherMs = 15

/** Most callers that wake a host also start a round at once, as a build does: a round that begins within a moment counts as this one. */
async function nextRound(ctx: Context, hostName: string): Promise<void> {
  const newest = newestRounds(ctx)
  const before = newest.get(hostName)
  await delay(ctx.clock, 2 * gatherMs)
  const begun = newest.get(hostName)
  if (begun === before || !(await begun)) await hostNetworkRound(ctx, hostName)
}

/** host → its round that began last: whether it came to its end */
const newestRounds = (ctx: Context) => cache(ctx, 'network.newest-rounds', () => new Map<string, Promise<boolean>>())

interface Turns {
  running: Promise<HostNetworkReport>
  next: Promise<HostNetworkReport> | null
}

/** A round that begins after this call: rows that were committed before it are in it. */
export function hostNetworkRound(ctx: Context, hostName: string): Promise<HostNetworkReport> {
  const turns = cache(ctx, 'network.rounds', () => new Map<string, Turns>())
  const begin = (): Promise<HostNetworkReport> => {
    const running = round(ctx, hostName)
    newestRounds(ctx).set(
      hostName,
      running.then(
        () => true,
        () => false,
      ),
    )
    const mine: Turns = { running, next: null }
    turns.set(hostName, mine)
    const done = () => void (turns.get(hostName) === mine && turns.delete(hostName))
    running.then(done, done)
    return running
  }
  const current = turns.get(hostName)
  if (!current) return begin()
  // while many guests are built, a moment between rounds halves their number: each reads and writes the whole host
  const gather = () => delay(ctx.clock, gatherMs)
  current.next ??= current.running.then(gather, gather).then(begin)
  return current.next
}

async function round(ctx: Context, hostName: string): Promise<HostNetworkReport> {
  const host = ctx.hosts.get(hostName)
  const tunnels = await tunnelAddresses(ctx, host)
  const { spec, rows, known } = await ctx.transaction((tx) => specMake(tx, hostName, tunnels))
  // the generation rises with every spec, so that it fences: a host that has seen a later one refuses this
  const report = await host.network.apply(spec, { fence: spec.generation, requestId: ctx.requestId })
  await record(ctx, { host: hostName, generation: spec.generation, rows, report, known })
  return report
}

/** Of all that a report says: the rows have taken it in when they hold its digest. */
export const digestOf = ({ ports, routers, dhcp }: HostNetworkReport): string =>
  hash('sha256', JSON.stringify([ports, routers, dhcp]), 'base64url')

async function specMake(
  tx: Context,
  hostName: string,
  tunnels: TunnelAddresses,
): Promise<{ spec: HostNetworkSpec; rows: HostRows; known: string }> {
  await routersAdopt(tx.db, hostName)
  await dhcpPortsEnsure(tx, hostName)
  const { generation, report_digest: known } = await generationNext(tx.db, hostName, tx.clock.nowMs())
  const rows = await hostRows(tx.db, hostName)
  return { spec: hostSpec(rows, { generation, tunnels }), rows, known }
}

/** The spec that a round would send to the host now; only reads. */
export async function hostSpecNow(ctx: Context, host: Host): Promise<HostNetworkSpec> {
  const tunnels = await tunnelAddresses(ctx, host)
  const rows = await ctx.transaction((tx) => hostRows(tx.db, host.name))
  return hostSpec(rows, { generation: 0, tunnels })
}

interface Tunnels {
  /** the hosts that were asked, as the registry gave them */
  names: readonly string[] | null
  known: TunnelAddresses
  asking: Promise<unknown> | null
}

/** The tunnel end points of the other hosts. A host that did not answer when all were asked is asked again, and the round waits for it. */
async function tunnelAddresses(ctx: Context, self: Host): Promise<TunnelAddresses> {
  const tunnels = cache(ctx, 'network.tunnels', (): Tunnels => ({ names: null, known: new Map(), asking: null }))
  const names = ctx.hosts.names()
  if (tunnels.names === names) return tunnels.known
  const missing = () => names.filter((name) => name !== self.name && !tunnels.known.has(name))
  const ask = async (host: Host) => void tunnels.known.set(host.name, (await host.inventory()).hostIp)
  if (missing().length > 0) await (tunnels.asking ??= askHosts(ctx, missing(), ask).finally(() => (tunnels.asking = null)))
  for (const name of missing()) await ask(ctx.hosts.get(name))
  if (names.every((name) => tunnels.known.has(name))) tunnels.names = names
  return tunnels.known
}

interface Reported {
  host: string
  generation: number
  rows: HostRows
  report: HostNetworkReport
  /** digest of the report that the rows have taken in */
  known: string
}

async function record(ctx: Context, reported: Reported): Promise<void> {
  const { rows, report } = reported
  const upIds: string[] = []
  const downIds: string[] = []
  const note = (id: string, state: 'up' | 'down' | undefined) => void (state === 'up' ? upIds : downIds).push(id)
  const isStale = (status: string, state: 'up' | 'down' | undefined) => (status === 'ACTIVE') !== (state === 'up')
  for (const port of rows.ports) if (isStale(port.status, report.ports[port.id]?.state)) note(port.id, report.ports[port.id]?.state)
  for (const port of rows.dhcpPorts)
    if (isStale(port.status, report.dhcp[port.network_id]?.state)) note(port.id, report.dhcp[port.network_id]?.state)
  for (const port of rows.routerAddresses)
    if (isStale(port.status, report.routers[port.router_id]?.state)) note(port.port_id, report.routers[port.router_id]?.state)
  const isStaleFloating = rows.floatingIps.some(({ router_id, status }) => isStale(status, report.routers[router_id ?? '']?.state))
  const digest = digestOf(report)
  if (upIds.length === 0 && downIds.length === 0 && !isStaleFloating && digest === reported.known) return
  await ctx.transaction(async (tx) => {
    // the round that made a newer spec writes what its host says
    if (await reportNote(tx.db, { ...reported, report_digest: digest })) await write(tx, { ...reported, upIds, downIds })
  })
}

async function write(
  tx: Context,
  { host, rows, report, upIds, downIds }: Reported & { upIds: string[]; downIds: string[] },
): Promise<void> {
  const now = isoSeconds(tx.clock.nowMs())
  const guests = new Map(rows.ports.map(({ id, project_id }) => [id, project_id]))
  for (const id of await portsStatusSet(tx.db, upIds, 'ACTIVE', now)) {
    const projectId = guests.get(id)
    if (projectId !== undefined)
      await eventAppend(tx, { resourceType: 'port', resourceId: id, projectId, action: 'wire', result: 'success', host })
  }
  for (const id of await portsStatusSet(tx.db, downIds, 'DOWN', now)) {
    const message = report.ports[id]?.reason ?? null
    const projectId = guests.get(id)
    if (projectId !== undefined)
      await eventAppend(tx, {
        resourceType: 'port',
        resourceId: id,
        projectId,
        action: 'wire',
        result: 'error',
        host,
        ...(message === null ? {} : { message }),
      })
  }
  const routerIds = (state: 'up' | 'down') =>
    rows.routers.filter(({ id }) => (report.routers[id]?.state ?? 'down') === state).map(({ id }) => id)
  if (rows.floatingIps.length > 0) {
    await floatingIpsStatusSet(tx.db, routerIds('up'), 'ACTIVE', now)
    await floatingIpsStatusSet(tx.db, routerIds('down'), 'DOWN', now)
  }
}
