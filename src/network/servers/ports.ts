// Ports as other domains ask for them: made for a server, bound to a host, wired, shown. What a user asks for was
// authorised when it was accepted (networks.ts); a change asks here.
import type { Host } from '../../contract/host.ts'
import type { GuestPort } from '../../contract/guests.ts'
import { HostError } from '../../contract/call.ts'
import { isoSeconds } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { defined } from '../../platform/defined.ts'
import { conflict, ApiError } from '../../platform/errors.ts'
import { eventAppend } from '../../platform/events.ts'
import type { WorkContext } from '../../platform/work/definition.ts'
import { quotaLeft, quotaReserve } from '../quotas/check.ts'
import type { NewPort, PortChange, PortsBinding } from './types.ts'
import { portUpdate } from '../ports/change.ts'
import { portUpdateAuthorize } from '../ports/permission.ts'
import { fixedIpRequests, portCreate, portDelete } from '../ports/ports.ts'
import { groupsKept } from '../ports/rules.ts'
import { generationFetch } from '../host/store.ts'
import { networkRows } from '../networks/store.ts'
import { portRows, portGroups } from '../ports/store.ts'
import { attachedPortsOf, portBind, portsRelease } from './store.ts'
import { wakeGroups, wakeHosts, wakeNetwork } from '../host/wake.ts'
import { hostNetworkRound } from '../host/network.reconciler.ts'

export interface MadePort {
  id: string
  networkId: string
  mac: string
  fixedIps: { subnetId: string; ipAddress: string }[]
}

/**
 * Makes a port (in the caller's transaction when there is one); returns its id and addresses. Counts against the quota. No permission is
 * asked: network and groups were accepted by `networksForServer` and `securityGroupsForServer`.
 */
export function serverPortCreate(ctx: Context, wanted: NewPort): Promise<MadePort> {
  return ctx.transaction(async (tx) => {
    await quotaReserve(tx, 'port', [wanted.projectId])
    await groupsKept(tx, wanted.securityGroupIds ?? [])
    const fixedIps = fixedIpRequests(wanted.fixedIps)
    const { row, addresses } = await portCreate(tx, {
      project_id: wanted.projectId,
      network_id: wanted.networkId,
      name: wanted.name ?? '',
      description: wanted.description ?? '',
      admin_state_up: wanted.adminStateUp ?? true,
      device_id: wanted.deviceId ?? '',
      device_owner: wanted.deviceOwner ?? '',
      dns_name: wanted.dnsName ?? '',
      ...defined({
        mac_address: wanted.macAddress,
        fixed_ips: fixedIps,
        security_groups: wanted.securityGroupIds,
        'binding:host_id': wanted.host,
        tags: wanted.tags,
      }),
    })
    if (wanted.deviceOwner?.startsWith('compute:') && wanted.deviceId)
      await portRows.update(tx.db, row.id, {
        server_id: wanted.deviceId,
        server_tag: wanted.tag ?? null,
        server_state: wanted.state ?? 'attached',
        goes_with_server: true,
        position: row.position + (wanted.order ?? 0),
      })
    if (wanted.host !== undefined) await wakeHosts(tx, [wanted.host])
    await eventAppend(tx, { resourceType: 'port', resourceId: row.id, projectId: row.project_id, action: 'create', result: 'success' })
    return {
      id: row.id,
      networkId: row.network_id,
      mac: row.mac_address,
      fixedIps: addresses.map(({ subnet_id, ip_address }) => ({ subnetId: subnet_id, ipAddress: ip_address })),
    }
  })
}

/** Changes a port as the actor himself would by the API; refuses what he may not. */
export async function serverPortUpdate(ctx: Context, id: string, change: PortChange): Promise<void> {
  await ctx.transaction(async (tx) => {
    const fixedIps = fixedIpRequests(change.fixedIps)
    const values = defined({
      name: change.name,
      admin_state_up: change.adminStateUp,
      fixed_ips: fixedIps,
      security_groups: change.securityGroupIds,
    })
    const { row } = await portUpdateAuthorize(tx, id, values)
    await portUpdate(tx, row, values)
    await eventAppend(tx, { resourceType: 'port', resourceId: id, projectId: row.project_id, action: 'update', result: 'success' })
  })
}

/** Deletes the port; fine when it is gone. */
export async function serverPortDelete(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await portRows.fetch(tx.db, id)
    if (!row) return
    await portDelete(tx, id)
    await eventAppend(tx, { resourceType: 'port', resourceId: id, projectId: row.project_id, action: 'delete', result: 'success' })
  })
}

/** How many more ports the project may have; Infinity without a limit. */
export const portsLeft = (tx: Context, projectId: string): Promise<number> => quotaLeft(tx, 'port', projectId)

/** Gives ports to a server on a host: device, owner, binding; wakes the host's reconciler after the commit. */
export async function portsBind(tx: Context, { ids, host, serverId, availabilityZone, order = 0 }: PortsBinding): Promise<void> {
  if (ids.length === 0) return
  const nowMs = tx.clock.nowMs()
  const before = await portRows.many(tx.db, ids)
  for (const [index, id] of ids.entries()) {
    const binding = {
      serverId,
      host,
      deviceOwner: `compute:${availabilityZone}`,
      position: nowMs * 1000 + order + index,
      updatedAt: isoSeconds(nowMs),
    }
    if (!(await portBind(tx.db, id, binding))) throw conflict(`Port ${id} is still in use.`, { type: 'PortInUse' })
  }
  await wake(tx, {
    ids,
    networkIds: before.map(({ network_id }) => network_id),
    hosts: [host, ...before.map(({ binding_host }) => binding_host)],
  })
}

/** Takes the binding (and, unless keepDevice, the device) away from ports; the rows stay. */
export async function portsUnbind(tx: Context, { ids, keepDevice = false }: { ids: string[]; keepDevice?: boolean }): Promise<void> {
  if (ids.length === 0) return
  const before = await portRows.many(tx.db, ids)
  await portsRelease(tx.db, ids, { keepDevice, updatedAt: isoSeconds(tx.clock.nowMs()) })
  await wake(tx, { ids, networkIds: before.map(({ network_id }) => network_id), hosts: before.map(({ binding_host }) => binding_host) })
}

async function wake(tx: Context, what: { ids: string[]; networkIds: string[]; hosts: string[] }): Promise<void> {
  await wakeHosts(tx, what.hosts)
  await wakeNetwork(tx, [...new Set(what.networkIds)])
  await wakeGroups(tx, [...new Set((await portGroups(tx.db, what.ids)).map(({ id }) => id))])
}

/** What a guest's spec says of its ports; those that are being detached or have no filters yet are not in it. */
export async function guestPorts(ctx: Context, serverId: string): Promise<GuestPort[]> {
  const rows = await attachedPortsOf(ctx.db, [serverId])
  return asGuestPorts(
    ctx,
    rows.filter(({ server_state }) => server_state === 'attached'),
  )
}

async function asGuestPorts(ctx: Context, rows: { id: string; mac_address: string; network_id: string }[]): Promise<GuestPort[]> {
  const networks = new Map(
    (
      await networkRows.many(
        ctx.db,
        rows.map(({ network_id }) => network_id),
      )
    ).map((row) => [row.id, row]),
  )
  return rows.map((row) => ({ portId: row.id, mac: row.mac_address, mtuBytes: networks.get(row.network_id)?.mtu ?? 1450 }))
}

/**
 * Every spec that is made after the port was bound names the port, until it leaves the host. A spec that was being made
 * meanwhile does not name it and may reach the host first: then this asks for the tap once more, with that spec's generation.
 */
async function tapEnsure(ctx: Context, host: Host, port: GuestPort): Promise<void> {
  const generation = await generationFetch(ctx.db, host.name)
  try {
    await host.network.ensureTap(port, generation)
  } catch (error) {
    const newer = await generationFetch(ctx.db, host.name)
    const isBound = (await portRows.fetch(ctx.db, port.portId))?.binding_host === host.name
    if (!(error instanceof HostError) || error.code !== 'stale_fence' || newer === generation || !isBound) throw error
    await host.network.ensureTap(port, newer)
  }
}

/**
 * Resolves when the host's network reports the ports wired and filtered; many callers share one round. Creates the taps
 * first, which let nothing through until the round claims them.
 */
export async function portsWire(work: WorkContext, hostName: string, portIds: string[]): Promise<void> {
  if (portIds.length === 0) return
  const { ctx } = work
  const before = await generationFetch(ctx.db, hostName)
  const lacking = await wire(ctx, hostName, portIds)
  // a spec that was being made when the ports were bound has removed their taps again: the next spec keeps them
  const isOvertaken = lacking.size > 0 && (await generationFetch(ctx.db, hostName)) > before + 1
  const left = isOvertaken ? await wire(ctx, hostName, [...lacking.keys()]) : lacking
  for (const [id, reason] of left) throw new ApiError('unavailable', `The port ${id} is not wired on ${hostName}: ${reason}`)
}

/** Taps, and a round that claims them; those that are not wired then, with the reason. */
async function wire(ctx: Context, hostName: string, portIds: string[]): Promise<Map<string, string>> {
  const host = ctx.hosts.get(hostName)
  const rows = await portRows.many(ctx.db, portIds)
  for (const port of await asGuestPorts(ctx, rows)) await tapEnsure(ctx, host, port)
  const report = await hostNetworkRound(ctx, hostName)
  // a port that its owner switched off is as wired as it will be
  const lacking = rows.filter((row) => report.ports[row.id]?.state !== 'up' && row.admin_state_up)
  return new Map(lacking.map(({ id }) => [id, report.ports[id]?.reason ?? 'the host does not know it']))
}
