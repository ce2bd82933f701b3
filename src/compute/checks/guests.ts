// Guests of a host against the rows of its servers: who is there, what it does, what it has.
import type { Host } from '../../contract/host.ts'
import { tapName, type GuestReport } from '../../contract/guests.ts'
import { attachedPortsList } from '../../network/index.ts'
import type { Context } from '../../platform/context.ts'
import type { Check, Finding } from '../../platform/fsck/check.ts'
import { powerOfState } from '../servers/states.ts'
import { devicesOfServers, serversKnown } from '../servers/store/checks.ts'
import { serversOfHosts, type ServerRow } from '../servers/store/servers.ts'
import type { ServerDeviceRow } from '../servers/store/parts.ts'
import { inGuest } from '../servers/guest/spec.ts'
import { changeOf } from '../servers/guest/observe.reconciler.ts'
import { guestRemoveRepair, mendRepair, observeRepair, serverFailRepair } from './repairs.ts'

type Known = Pick<ServerRow, 'id' | 'vm_state' | 'task_state' | 'power_state' | 'generation' | 'project_id' | 'before'>

export const guestsCheck: Check = { name: 'guests', invariant: 4, findOnHost: findGuests }
export const guestDevicesCheck: Check = { name: 'guest-devices', invariant: 5, findOnHost: findDevices }

/** Rows before guests: what is made in between has work under way, or is as the second look finds it. */
async function both(ctx: Context, host: Host): Promise<{ rows: Map<string, Known>; reports: Map<string, GuestReport> }> {
  const rows = new Map((await serversOfHosts(ctx.db, [host.name])).map((row) => [row.id, row]))
  return { rows, reports: new Map((await host.guests.list()).map((report) => [report.id, report])) }
}

async function* findGuests(ctx: Context, host: Host): AsyncGenerator<Finding> {
  const { rows, reports } = await both(ctx, host)
  const strangers = [...reports.keys()].filter((id) => !rows.has(id))
  const known = new Map((await serversKnown(ctx.db, strangers)).map((row) => [row.id, row]))
  for (const id of strangers) {
    const row = known.get(id)
    if (row && row.host === host.name && !row.deleted) continue
    const where = !row
      ? 'there never was such a server'
      : row.deleted
        ? 'its server is deleted'
        : `its server is on ${row.host ?? 'no host'}`
    yield {
      resourceType: 'server',
      resourceId: id,
      host: host.name,
      message: `${host.name} holds a guest that no row explains: ${where}`,
      reconcilers: ['server-observe/'],
      repair: guestRemoveRepair(host, id),
    }
  }
  for (const row of rows.values()) yield* powerOf(host, row, reports.get(row.id))
}

function* powerOf(host: Host, row: Known, report: GuestReport | undefined): Generator<Finding> {
  const expected = powerOfState(row.vm_state)
  if (expected === null || row.task_state !== null) return
  const of = { resourceType: 'server', resourceId: row.id, host: host.name }
  if (!report || report.power === 'absent') {
    // it is its image, and on its way off the host or back
    if (row.vm_state === 'shelved') return
    const message = `its guest is not on ${host.name}`
    yield { ...of, message, repair: serverFailRepair(row, message) }
    return
  }
  if (report.power === 'paused' && report.fault !== null && contradicts(row, report.power)) {
    // its host paused it (a full or broken disk) and lets it go on when that is over: nothing that is done to the server helps
    yield { ...of, message: `the guest is paused, the server ${row.vm_state}: ${report.fault}` }
  } else if (changeOf(row, report.power)) {
    yield {
      ...of,
      message: `the guest is ${report.power}, the server ${row.vm_state}`,
      reconcilers: ['server-observe/'],
      repair: observeRepair,
    }
  } else if (contradicts(row, report.power)) {
    yield { ...of, message: `the guest is ${report.power}, the server ${row.vm_state}`, repair: mendRepair(row.id) }
  }
}

/** A guest may end by itself, and the observer writes that down; it does not go on, pause or sleep by itself. */
function contradicts({ vm_state }: Known, power: GuestReport['power']): boolean {
  if (power === 'stopped' || power === 'crashed' || power === 'absent') return false
  return power !== powerOfState(vm_state)
}

async function* findDevices(ctx: Context, host: Host): AsyncGenerator<Finding> {
  const { rows, reports } = await both(ctx, host)
  const ids = [...reports.keys()].filter((id) => rows.has(id))
  const devices = Map.groupBy(await devicesOfServers(ctx.db, ids), ({ server_id }) => server_id)
  const ports = await portsInGuests(ctx, ids)
  const { taps } = await host.network.list()
  const there = new Set(taps)
  for (const id of ids) {
    const [row, report] = [rows.get(id), reports.get(id)]
    if (!row || !report?.made) continue
    yield* volumesOf(host, row, { report, devices: devices.get(id) ?? [] })
    yield* portsOf(host, row, { report, ports: ports.get(id) ?? [] })
    const should = new Set(ports.get(id))
    if (report.power === 'running' || report.power === 'paused')
      yield* tapsOf(host, id, { portIds: report.made.portIds.filter((portId) => should.has(portId)), there })
  }
}

/** The ports of each server without those that are on their way in or out. */
async function portsInGuests(ctx: Context, serverIds: string[]): Promise<Map<string, string[]>> {
  const inside = (await attachedPortsList(ctx, serverIds)).filter(({ state }) => state === 'attached')
  const ofServers = Map.groupBy(inside, ({ serverId }) => serverId)
  return new Map([...ofServers].map(([id, ports]) => [id, ports.map(({ portId }) => portId)]))
}

const rests = ({ vm_state, task_state }: Known) => task_state === null && powerOfState(vm_state) !== null

/** A volume in a guest that rows do not give it has a second writer as soon as they give it to another. */
function* volumesOf(host: Host, row: Known, { report, devices }: { report: GuestReport; devices: ServerDeviceRow[] }): Generator<Finding> {
  const held = new Set(report.made?.volumeIds)
  const given = new Set(devices.filter(inGuest).flatMap(({ volume_id }) => volume_id ?? []))
  const of = { resourceType: 'server', resourceId: row.id, host: host.name, repair: mendRepair(row.id) }
  for (const id of held)
    if (!given.has(id)) yield { ...of, concerns: [id], message: `its guest has the volume ${id}, which is not the server's` }
  if (!rests(row)) return
  for (const id of given) if (!held.has(id)) yield { ...of, concerns: [id], message: `its guest lacks the volume ${id}` }
}

function* portsOf(host: Host, row: Known, { report, ports }: { report: GuestReport; ports: string[] }): Generator<Finding> {
  const [has, should] = [new Set(report.made?.portIds), new Set(ports)]
  const of = { resourceType: 'server', resourceId: row.id, host: host.name, repair: mendRepair(row.id) }
  for (const id of has)
    if (!should.has(id)) yield { ...of, concerns: [id], message: `its guest has the port ${id}, which is not the server's` }
  if (!rests(row)) return
  for (const id of should) if (!has.has(id)) yield { ...of, concerns: [id], message: `its guest lacks the port ${id}` }
}

function* tapsOf(host: Host, id: string, { portIds, there }: { portIds: string[]; there: Set<string> }): Generator<Finding> {
  for (const portId of portIds) {
    if (there.has(tapName(portId))) continue
    yield {
      resourceType: 'server',
      resourceId: id,
      host: host.name,
      concerns: [portId],
      reconcilers: [`host-network/${host.name}`],
      message: `the tap of its port ${portId} is gone: only a hard reboot plugs it again`,
    }
  }
}
