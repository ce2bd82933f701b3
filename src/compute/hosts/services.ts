// Services: what runs where, whether it is alive, and whether the scheduler may use it.
import type { Context } from '../../platform/context.ts'
import { badRequest, conflict, notFound } from '../../platform/errors.ts'
import { eventAppend } from '../../platform/events.ts'
import { isUuidLike } from '../../platform/ids.ts'
import { hostProviderDelete } from '../../placement/index.ts'
import { aggregatesByHost, internalZone, isAlive, zoneOf } from './facts.ts'
import { aggregateHostDelete, aggregatesOfHost } from '../aggregates/store.ts'
import { nodeDelete, nodeOfHost, services, servicesList, type ServiceFilter, type ServiceRow } from './store.ts'
import { hostHasServers } from '../servers/store/hosts.ts'

export interface ServiceFacts {
  row: ServiceRow
  zone: string
  alive: boolean
}

/** The caller has asked the policy already. */
export async function serviceFacts(ctx: Context, filter: ServiceFilter = {}): Promise<ServiceFacts[]> {
  const aggregates = await aggregatesByHost(ctx)
  return (await servicesList(ctx.db, filter)).map((row) => ({
    row,
    zone: row.binary === 'nova-compute' ? zoneOf(aggregates.get(row.host) ?? []) : internalZone,
    alive: isAlive(ctx, row),
  }))
}

export async function serviceList(ctx: Context, filter: ServiceFilter): Promise<ServiceFacts[]> {
  ctx.authorize()
  return serviceFacts(ctx, filter)
}

/** By uuid, or before 2.53 by number. */
export async function serviceGet(ctx: Context, id: string): Promise<ServiceFacts> {
  ctx.authorize()
  const byUuid = ctx.microversion.atLeast('2.53')
  if (byUuid && !isUuidLike(id)) throw badRequest(`Invalid uuid ${id}`)
  if (!byUuid && !/^\d+$/.test(id)) throw badRequest('Invalid input received: id must be an integer')
  const found = (await serviceFacts(ctx)).find(({ row }) => (byUuid ? row.id === id : row.number === Number(id)))
  if (!found) throw notFound(`Service ${id} not found.`)
  return found
}

/** 404 when no such host is known. */
export async function computeHostMustExist(ctx: Context, host: string): Promise<void> {
  ctx.authorize()
  if ((await servicesList(ctx.db, { host, binary: 'nova-compute' })).length === 0)
    throw notFound(`Compute host ${host} could not be found.`)
}

export type ServiceChange = Partial<Pick<ServiceRow, 'disabled' | 'disabled_reason' | 'forced_down'>>

const onlyCompute = (binary: string) =>
  badRequest(`Updating a ${binary} service is not supported. Only nova-compute services can be updated.`)

/** Enables, disables, forces down or up. */
export async function serviceUpdate(ctx: Context, id: string, change: ServiceChange): Promise<ServiceFacts> {
  return ctx.transaction(async (tx) => {
    const { row } = await serviceGet(tx, id)
    if (row.binary !== 'nova-compute') throw onlyCompute(row.binary)
    await write(tx, row, change)
    return serviceGet(tx, id)
  })
}

/** The same by host and binary, as before 2.53. */
export async function serviceUpdateByHost(ctx: Context, host: string, binary: string, change: ServiceChange): Promise<void> {
  ctx.authorize()
  if (binary !== 'nova-compute') throw onlyCompute(binary)
  await ctx.transaction(async (tx) => {
    const [row] = await servicesList(tx.db, { host, binary })
    if (!row) throw notFound(`Host '${host}' is not mapped to any cell`)
    await write(tx, row, change)
  })
}

async function write(tx: Context, row: ServiceRow, change: ServiceChange): Promise<void> {
  await services.update(tx.db, row.id, change)
  await eventAppend(tx, {
    resourceType: 'service',
    resourceId: row.id,
    action: 'update',
    result: 'success',
    host: row.host,
    details: change,
  })
}

/** A compute host that is gone for good: its service, node, aggregates and provider. Refused while servers are on it. */
export async function serviceDelete(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const { row } = await serviceGet(tx, id)
    if (row.binary === 'nova-compute') await removeHost(tx, row.host)
    await services.delete(tx.db, row.id)
    await eventAppend(tx, { resourceType: 'service', resourceId: row.id, action: 'delete', result: 'success', host: row.host })
  })
}

async function removeHost(tx: Context, host: string): Promise<void> {
  if (await hostHasServers(tx.db, host))
    throw conflict('Unable to delete compute service that is hosting instances. Migrate or delete the instances first.')
  for (const aggregate of await aggregatesOfHost(tx.db, host)) await aggregateHostDelete(tx.db, aggregate.id, host)
  const node = await nodeOfHost(tx.db, host)
  if (!node) return
  await hostProviderDelete(tx, node.id)
  await nodeDelete(tx.db, node.id)
}
