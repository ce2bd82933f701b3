// Compute hosts as control knows them: the service's and the node's record, kept fresh by the heartbeat, and
// their inventories in placement.
import type { HostInventory } from '../host/contract.ts'
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { reconciler } from '../platform/work/definition.ts'
import { providerAggregatesEnsure, providerEnsure } from '../placement/index.ts'
import { nodeInsert, nodeOfHost, nodesList, nodeUpdate, serviceInsert, servicesList, servicesSeen } from './store/hosts.ts'
import { aggregatesOfHost } from './store/aggregates.ts'
import { nextNumber, type NodeRow } from './store/tables-cloud.ts'

/** Under emulation guests are mostly idle: as many virtual processors for each real one as Nova's first defaults gave. */
const cpuAllocationRatio = 16
/** kept for the machine itself: half a gibibyte, of small machines an eighth */
export const reservedRamMib = (ramMib: number): number => Math.min(512, Math.floor(ramMib / 8))
const controlBinaries = ['nova-scheduler', 'nova-conductor']

/** At start, before the listener: every connected host has its records, inventories and traits. */
export async function computeHostsStart(ctx: Context): Promise<void> {
  const control = ctx.hosts.names()[0] ?? 'control'
  for (const binary of controlBinaries) await ensureService(ctx, control, binary)
  await beat(ctx)
}

/** Sees every connected host, whose services are thereby up, and writes down what changed there. */
export const computeHeartbeat = reconciler({ name: 'compute-heartbeat', everyMs: 10_000, run: ({ ctx }) => beat(ctx) })

async function beat(ctx: Context): Promise<void> {
  const seen: string[] = []
  const nodes = new Map((await nodesList(ctx.db)).map((node) => [node.host, node]))
  for (const name of ctx.hosts.names()) {
    const inventory = await ctx.hosts.find(name)?.inventory().catch((error: unknown) => {
      ctx.log.warn({ err: error, host: name }, 'a host did not answer')
      return undefined
    })
    if (!inventory) continue
    const known = nodes.get(name)
    if (!known || !sameInventory(known, inventory)) await ensureHost(ctx, name, inventory)
    seen.push(name)
  }
  const control = (await servicesList(ctx.db)).find((service) => service.binary === controlBinaries[0])?.host
  const alive = [...new Set([...seen, ...(control === undefined ? [] : [control])])]
  if (alive.length > 0) await servicesSeen(ctx.db, alive, isoMillis(ctx.clock.nowMs()))
}

async function ensureService(ctx: Context, host: string, binary: string): Promise<void> {
  const known = await servicesList(ctx.db, { binary })
  if (binary === 'nova-compute' ? known.some((row) => row.host === host) : known.length > 0) return
  const now = isoMillis(ctx.clock.nowMs())
  await ctx.transaction(async (tx) => {
    const number = await nextNumber(tx.db, 'service')
    await serviceInsert(tx.db, { id: tx.ids.uuid(), number, host, binary, disabled: 0, disabled_reason: null, forced_down: 0, last_seen_at: now, created_at: now })
  })
}

async function ensureHost(ctx: Context, name: string, inventory: HostInventory): Promise<void> {
  await ctx.transaction(async (tx) => {
    await ensureService(tx, name, 'nova-compute')
    const nodeId = await ensureNode(tx, name, inventory)
    await providerEnsure(tx, { uuid: nodeId, name: inventory.hostname, inventories: inventoriesOf(inventory), traits: inventory.traits })
  })
}

async function ensureNode(tx: Context, name: string, inventory: HostInventory): Promise<string> {
  const now = isoMillis(tx.clock.nowMs())
  const known = await nodeOfHost(tx.db, name)
  const change = { hostname: inventory.hostname, inventory: JSON.stringify(inventory), updated_at: now }
  if (known) {
    await nodeUpdate(tx.db, known.id, change)
    return known.id
  }
  const id = tx.ids.uuid()
  await nodeInsert(tx.db, { ...change, id, number: await nextNumber(tx.db, 'node'), host: name, created_at: now })
  return id
}

/** The uptime counts on by itself; everything else is news. A restarted machine's uptime falls back. */
function sameInventory(node: NodeRow, inventory: HostInventory): boolean {
  const before = JSON.parse(node.inventory) as HostInventory
  return inventory.uptimeSeconds >= before.uptimeSeconds && JSON.stringify({ ...before, uptimeSeconds: 0 }) === JSON.stringify({ ...inventory, uptimeSeconds: 0 })
}

const inventoriesOf = ({ vcpus, ramMib, diskGib }: HostInventory) => ({
  VCPU: { total: vcpus, allocationRatio: cpuAllocationRatio },
  MEMORY_MB: { total: ramMib, reserved: reservedRamMib(ramMib) },
  DISK_GB: { total: Math.max(diskGib, 1) },
})

/** Placement knows of a host's aggregates too: told whenever they change, in the same transaction. */
export async function hostAggregatesChanged(tx: Context, host: string): Promise<void> {
  const node = await nodeOfHost(tx.db, host)
  if (node) await providerAggregatesEnsure(tx, node.id, (await aggregatesOfHost(tx.db, host)).map((aggregate) => aggregate.uuid))
}
