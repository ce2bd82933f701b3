// Compute hosts as control knows them: the service's and the node's record, kept fresh by the heartbeat, and
// their inventories in placement.
import type { HostInventory } from '../../contract/host.ts'
import { isoMillis } from '../../platform/clock.ts'
import { cache, type Context } from '../../platform/context.ts'
import { askHosts } from '../../platform/hosts.ts'
import { reconciler } from '../../platform/work/definition.ts'
import { providerAggregatesEnsure, providerEnsure } from '../../placement/index.ts'
import { poolsUpdate } from '../../volume/index.ts'
import { nodeInsert, nodeOfHost, nodesList, nodesOfHosts, nodeStamps, nodeUpdate, services, servicesList, servicesTouch } from './store.ts'
import { aggregatesOfHost } from '../aggregates/store.ts'
import { nextNumber } from '../store/numbers.ts'

/** Under emulation guests are mostly idle: as many virtual processors for each real one as Nova's first defaults gave. */
const cpuAllocationRatio = 16
/** kept for the machine itself: half a gibibyte, of small machines an eighth */
export const reservedRamMib = (ramMib: number): number => Math.min(512, Math.floor(ramMib / 8))
const controlBinaries = ['nova-scheduler', 'nova-conductor']
/** A third of the time after which a service that was not seen is down. */
const heartbeatMs = 20_000

/** The hosts that were ever connected, the oldest first. */
export const hostsKnown = async ({ db }: Context): Promise<string[]> => (await nodesList(db)).map(({ host }) => host)

/** At start, before the listener: every connected host has its records, inventories and traits. */
export async function computeHostsStart(ctx: Context): Promise<void> {
  const control = ctx.hosts.names()[0] ?? 'control'
  for (const binary of controlBinaries) await ensureService(ctx, control, binary)
  await beat(ctx)
}

/** Asks every connected host for its inventory: its services are up then, and what changed is written down and announced. */
export const computeHeartbeat = reconciler({ name: 'compute-heartbeat', everyMs: heartbeatMs, run: ({ ctx }) => beat(ctx) })

async function beat(ctx: Context): Promise<void> {
  const known = await knownInventories(ctx)
  const reports = await askHosts(ctx, ctx.hosts.names(), (host) => host.inventory())
  for (const [name, report] of reports) {
    const before = known.get(name)
    if (before && isSame(before.inventory, report)) {
      before.inventory = report
      continue
    }
    known.delete(name)
    const { volumePool: _, ...inventory } = report
    await writeHost(ctx, name, inventory)
  }
  await poolsUpdate(ctx, new Map([...reports].map(([name, { volumePool }]) => [name, volumePool])))
  await servicesTouch(ctx.db, { hosts: [...reports.keys()], binaries: controlBinaries, at: isoMillis(ctx.clock.nowMs()) })
}

interface KnownInventory {
  updatedAt: string
  /** as the host said it last */
  inventory: HostInventory
}

/** What the nodes' rows say, read again when a row was written since: a beat of 1,000 hosts where nothing changed parses nothing. */
async function knownInventories(ctx: Context): Promise<Map<string, KnownInventory>> {
  const known = cache(ctx, 'compute.inventories', () => new Map<string, KnownInventory>())
  const stamps = new Map((await nodeStamps(ctx.db)).map(({ host, updated_at }) => [host, updated_at]))
  for (const [host, { updatedAt }] of known) if (stamps.get(host) !== updatedAt) known.delete(host)
  const missing = [...stamps.keys()].filter((host) => !known.has(host))
  for (const node of await nodesOfHosts(ctx.db, missing)) {
    known.set(node.host, { updatedAt: node.updated_at, inventory: JSON.parse(node.inventory) as HostInventory })
  }
  return known
}

/** What is no news: the uptime (it falls back when the machine was restarted), the load and the pool, which are asked for elsewhere. */
function isSame(before: HostInventory, report: HostInventory): boolean {
  if (report.uptimeSeconds < before.uptimeSeconds) return false
  for (const key in before)
    if (!changing.has(key) && !isEqual(before[key as keyof HostInventory], report[key as keyof HostInventory])) return false
  for (const key in report) if (!changing.has(key) && !(key in before)) return false
  return true
}

const changing = new Set<string>(['uptimeSeconds', 'loadAverage', 'volumePool'])

const isEqual = (one: unknown, other: unknown): boolean =>
  one === other || (typeof one === 'object' && JSON.stringify(one) === JSON.stringify(other))

async function ensureService(ctx: Context, host: string, binary: string): Promise<void> {
  const known = await servicesList(ctx.db, { binary })
  if (binary === 'nova-compute' ? known.some((row) => row.host === host) : known.length > 0) return
  const now = isoMillis(ctx.clock.nowMs())
  await ctx.transaction(async (tx) => {
    const number = await nextNumber(tx.db, 'service')
    await services.insert(tx.db, {
      id: tx.ids.uuid(),
      number,
      host,
      binary,
      disabled: false,
      disabled_reason: null,
      forced_down: false,
      last_seen_at: now,
      created_at: now,
    })
  })
}

async function writeHost(ctx: Context, name: string, inventory: HostInventory): Promise<void> {
  await ctx.transaction(async (tx) => {
    await ensureService(tx, name, 'nova-compute')
    const nodeId = await ensureNode(tx, name, inventory)
    await providerEnsure(tx, { uuid: nodeId, name: inventory.hostname, inventories: inventoriesOf(inventory), traits: inventory.traits })
  })
}

async function ensureNode(tx: Context, name: string, inventory: HostInventory): Promise<string> {
  const now = isoMillis(tx.clock.nowMs())
  const known = await nodeOfHost(tx.db, name)
  const { hostname } = inventory
  const change = { inventory: JSON.stringify(inventory), updated_at: now }
  if (known) {
    // the name is a fact: written, it is told
    await nodeUpdate(tx.db, known.id, known.hostname === hostname ? change : { ...change, hostname })
    return known.id
  }
  const id = tx.ids.uuid()
  await nodeInsert(tx.db, { ...change, id, hostname, number: await nextNumber(tx.db, 'node'), host: name, created_at: now })
  return id
}

/** A total is at least one: a file system under a gibibyte is one that is reserved. */
const inventoriesOf = ({ vcpus, ramMib, diskGib, diskReservedGib }: HostInventory) => ({
  VCPU: { total: vcpus, allocationRatio: cpuAllocationRatio },
  MEMORY_MB: { total: ramMib, reserved: reservedRamMib(ramMib) },
  DISK_GB: { total: Math.max(diskGib, 1), reserved: diskGib < 1 ? 1 : diskReservedGib },
})

/** Placement knows of a host's aggregates too: told whenever they change, in the same transaction. */
export async function hostAggregatesUpdate(tx: Context, host: string): Promise<void> {
  const node = await nodeOfHost(tx.db, host)
  if (node)
    await providerAggregatesEnsure(
      tx,
      node.id,
      (await aggregatesOfHost(tx.db, host)).map((aggregate) => aggregate.uuid),
    )
}
