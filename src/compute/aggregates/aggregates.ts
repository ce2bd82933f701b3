// Host aggregates: named sets of compute hosts with metadata. One that has an availability zone puts its hosts there;
// a host is in one zone at most. Placement is told of every change in the same transaction.
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { ApiError, badRequest, conflict, notFound } from '../../platform/errors.ts'
import { isUniqueViolation } from '../../platform/store/store.ts'
import { hostAggregatesUpdate } from '../hosts/hosts.ts'
import { zoneOf } from '../hosts/facts.ts'
import { aggregateHostDelete, aggregateHostInsert, aggregateHosts, aggregates, aggregatesOfHost, type AggregateRow } from './store.ts'
import { servicesList } from '../hosts/store.ts'
import { hostHasServers, serversZoneSet } from '../servers/store/hosts.ts'
import { nextNumber } from '../store/numbers.ts'

export interface Aggregate {
  row: AggregateRow
  hosts: string[]
}

const zoneKey = 'availability_zone'

export async function aggregateGet(ctx: Context, id: number): Promise<Aggregate> {
  ctx.authorize()
  const row = await aggregates.first(ctx.db, { id })
  if (!row) throw notFound(`Aggregate ${id} could not be found.`)
  return { row, hosts: await hostsOf(ctx, id) }
}

const hostsOf = async (ctx: Context, id: number): Promise<string[]> =>
  (await aggregateHosts(ctx.db)).filter((row) => row.aggregate_id === id).map((row) => row.host)

export async function aggregatesList(ctx: Context): Promise<Aggregate[]> {
  ctx.authorize()
  const hosts = await aggregateHosts(ctx.db)
  return (await aggregates.list(ctx.db)).map((row) => ({
    row,
    hosts: hosts.filter((host) => host.aggregate_id === row.id).map(({ host }) => host),
  }))
}

const nameTaken = (name: string) => (error: unknown) => {
  throw isUniqueViolation(error) ? conflict(`Aggregate ${name} already exists.`) : error
}

export async function aggregateCreate(ctx: Context, name: string, zone: string | null): Promise<AggregateRow> {
  ctx.authorize()
  return ctx.transaction(async (tx) => {
    const id = await nextNumber(tx.db, 'aggregate')
    const metadata: Record<string, string> = zone === null ? {} : { [zoneKey]: zone }
    const row: AggregateRow = { id, uuid: tx.ids.uuid(), name, metadata, created_at: isoMillis(tx.clock.nowMs()), updated_at: null }
    await aggregates.insert(tx.db, row).catch(nameTaken(name))
    return row
  })
}

export async function aggregateUpdate(
  ctx: Context,
  id: number,
  change: { name?: string; availability_zone?: string | null },
): Promise<Aggregate> {
  return ctx.transaction(async (tx) => {
    const found = await aggregateGet(tx, id)
    if (change.availability_zone !== undefined) await setMetadata(tx, found, { [zoneKey]: change.availability_zone }, 'update')
    if (change.name !== undefined)
      await aggregates.update(tx.db, { id }, { name: change.name, updated_at: isoMillis(tx.clock.nowMs()) }).catch(nameTaken(change.name))
    return aggregateGet(tx, id)
  })
}

/** null takes a key away. */
export async function aggregateSetMetadata(ctx: Context, id: number, metadata: Record<string, string | null>): Promise<Aggregate> {
  return ctx.transaction(async (tx) => {
    await setMetadata(tx, await aggregateGet(tx, id), metadata, 'update metadata of')
    return aggregateGet(tx, id)
  })
}

async function setMetadata(tx: Context, { row, hosts }: Aggregate, change: Record<string, string | null>, what: string): Promise<void> {
  const metadata = { ...row.metadata }
  const refuse = (why: string) => badRequest(`Cannot ${what} aggregate ${row.id}. Reason: ${why}.`)
  const zone = change[zoneKey]
  if (zone === '') throw refuse(`Aggregate ${row.id} does not support empty named availability zone`)
  if (zone !== undefined && (zone ?? undefined) !== metadata[zoneKey]) {
    if (zone !== null) await refuseOtherZone(tx, row.id, zone, hosts, refuse)
    for (const host of hosts) if (await hostHasServers(tx.db, host)) throw refuse('One or more hosts contain instances in this zone')
  }
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete metadata[key]
    else metadata[key] = value
  }
  await aggregates.update(tx.db, { id: row.id }, { metadata: metadata, updated_at: isoMillis(tx.clock.nowMs()) })
  if (zone !== undefined) for (const host of hosts) await hostRefresh(tx, host)
}

async function refuseOtherZone(tx: Context, id: number, zone: string, hosts: string[], refuse: (why: string) => ApiError): Promise<void> {
  const others = new Set<string>()
  for (const host of hosts) {
    for (const aggregate of await aggregatesOfHost(tx.db, host)) {
      const its = aggregate.id === id ? undefined : aggregate.metadata[zoneKey]
      if (its !== undefined && its !== zone) others.add(its)
    }
  }
  if (others.size > 0) throw refuse(`One or more hosts already in availability zone(s) ['${[...others].join("', '")}']`)
}

/** What depends on which aggregates a host is in: placement, and the zone that its servers show. */
async function hostRefresh(tx: Context, host: string): Promise<void> {
  await hostAggregatesUpdate(tx, host)
  await serversZoneSet(tx.db, host, zoneOf(await aggregatesOfHost(tx.db, host)))
}

export async function aggregateAddHost(ctx: Context, id: number, host: string): Promise<Aggregate> {
  return ctx.transaction(async (tx) => {
    const { row, hosts } = await aggregateGet(tx, id)
    if ((await servicesList(tx.db, { host, binary: 'nova-compute' })).length === 0)
      throw notFound(`Compute host ${host} could not be found.`)
    if (hosts.includes(host)) throw conflict(`Aggregate ${id} already has host ${host}.`)
    const zone = row.metadata[zoneKey]
    if (zone !== undefined)
      await refuseOtherZone(tx, id, zone, [host], (why) => conflict(`Cannot add host to aggregate ${id}. Reason: ${why}.`))
    await aggregateHostInsert(tx.db, id, host)
    await hostRefresh(tx, host)
    return aggregateGet(tx, id)
  })
}

export async function aggregateRemoveHost(ctx: Context, id: number, host: string): Promise<Aggregate> {
  return ctx.transaction(async (tx) => {
    await aggregateGet(tx, id)
    if ((await servicesList(tx.db, { host, binary: 'nova-compute' })).length === 0)
      throw notFound(`Compute host ${host} could not be found.`)
    if (!(await aggregateHostDelete(tx.db, id, host))) throw notFound(`Aggregate ${id} has no host ${host}.`)
    await hostRefresh(tx, host)
    return aggregateGet(tx, id)
  })
}

export async function aggregateDelete(ctx: Context, id: number): Promise<void> {
  await ctx.transaction(async (tx) => {
    const { hosts } = await aggregateGet(tx, id)
    if (hosts.length > 0) throw badRequest(`Cannot remove host from aggregate ${id}. Reason: Host aggregate is not empty.`)
    await aggregates.delete(tx.db, { id })
  })
}
