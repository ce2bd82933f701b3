// Looks at what every host's guests really do: a guest that crashed, or was shut down from inside, takes its server
// along; a guest that no row explains is removed. Woken by the hosts' watches, after failures, and every minute.
import type { Host } from '../../../contract/host.ts'
import type { GuestReport } from '../../../contract/guests.ts'
import { isoMillis } from '../../../platform/clock.ts'
import { cache, type Context } from '../../../platform/context.ts'
import { askHosts } from '../../../platform/hosts.ts'
import { reconciler, type WorkContext } from '../../../platform/work/definition.ts'
import { power, powerOfState } from '../states.ts'
import { serverBegin, serverEvent } from '../servers.ts'
import { serverChange, serverFetchAny, serversOfHosts, type ServerRow } from '../store/servers.ts'
import { observer } from './observer.ts'
import { hasEnded, powerNumber } from './steps/apply.ts'
import { serverPowerSaga } from '../actions/power.saga.ts'

const everyMs = 60_000
/** a boot is seven seconds of a core under emulation: many at once make all of them slow */
const resumeEveryMs = 2_000
/** well within the deadline of a start */
const longestResumeDelayMs = 300_000
/** so that what is read between two looks stays small */
const hostsAtOnce = 50

export const serverObserve = reconciler({
  name: observer.name,
  everyMs,
  async run(work) {
    const names = work.ctx.hosts.names()
    for (let start = 0; start < names.length; start += hostsAtOnce) await observeHosts(work, names.slice(start, start + hostsAtOnce))
  },
})

type Known = Pick<ServerRow, 'id' | 'host' | 'vm_state' | 'task_state' | 'power_state' | 'generation' | 'project_id' | 'before'>

/** Rows are read before the hosts are asked: whatever changes in between makes the compare-and-set fail, and is looked at again. */
async function observeHosts(work: WorkContext, names: string[]): Promise<void> {
  const rows = Map.groupBy(await serversOfHosts(work.ctx.db, names), ({ host }) => host)
  const reports = await askHosts(work.ctx, names, (host) => host.guests.list())
  for (const [name, found] of reports) await observeHost(work, name, { rows: rows.get(name) ?? [], reports: found })
}

async function observeHost(work: WorkContext, name: string, { rows, reports }: { rows: Known[]; reports: GuestReport[] }): Promise<void> {
  const explained = new Map(rows.map((row) => [row.id, row]))
  const seen = new Set<string>()
  for (const report of reports) {
    seen.add(report.id)
    const row = explained.get(report.id)
    const host = work.ctx.hosts.find(name)
    if (row) await follow(work, name, { row, report })
    else if (host) await removeUnexplained(work, host, report.id)
  }
  for (const row of rows) {
    if (!seen.has(row.id))
      await follow(work, name, { row, report: { id: row.id, generation: 0, power: 'absent', pid: null, fault: null, made: null } })
  }
}

/** A resting server goes where its guest went by itself. */
async function follow(work: WorkContext, host: string, { row, report }: { row: Known; report: GuestReport }): Promise<void> {
  const expected = powerOfState(row.vm_state)
  if (row.task_state !== null || expected === null || row.vm_state === 'building') return
  const change = changeOf(row, report.power)
  if (!change) return
  await work.ctx.transaction(async (tx) => {
    const now = isoMillis(tx.clock.nowMs())
    const done = await serverChange(
      tx.db,
      row.id,
      { ...change, updated_at: now },
      { vm_state: row.vm_state, task_state: null, generation: row.generation },
    )
    if (!done || change.vm_state === undefined) return
    const message = report.endedWithHost ? 'its host was shut down' : (report.fault ?? `the guest was found ${report.power}`)
    await serverEvent(tx, { id: row.id, project_id: row.project_id, host }, { action: 'stop', result: 'success', message })
    if (report.endedWithHost && row.vm_state === 'active' && tx.config.resumeGuests) await resumeLater(tx, row.id, host)
  })
}

/** A server that ran when its host went down runs again, one after the other; one that cannot be started says why. */
async function resumeLater(tx: Context, id: string, host: string): Promise<void> {
  const server = await serverFetchAny(tx.db, id)
  if (!server) return
  const paces = cache(tx, 'compute.resume', () => new Map<string, number>())
  const nowMs = tx.clock.nowMs()
  const atMs = Math.max(nowMs, (paces.get(host) ?? 0) + resumeEveryMs)
  paces.set(host, atMs)
  await serverBegin(tx, server, 'start', { message: 'it ran when its host went down' })
  await tx.work.enqueue(
    tx,
    serverPowerSaga,
    { serverId: id, action: 'start' },
    { resourceId: id, delayMs: Math.min(atMs - nowMs, longestResumeDelayMs) },
  )
}

/** What a resting server's row must become when its guest is found so; null: it is as the row says. */
export function changeOf(row: Pick<Known, 'vm_state' | 'power_state'>, found: GuestReport['power']): Partial<ServerRow> | null {
  const isOn = ['active', 'paused', 'suspended'].includes(row.vm_state)
  // a crash that stops its server is in the timeline; the row says 'shutdown', or the next observation would differ again
  const number = found === 'crashed' && (isOn || row.vm_state === 'stopped') ? power.shutdown : powerNumber(found)
  if (isOn && hasEnded(found)) return { vm_state: 'stopped', power_state: number }
  // paused: a message that was late made it so, after it had ended by itself
  if ((found === 'running' || found === 'paused') && row.vm_state === 'stopped')
    return { vm_state: found === 'running' ? 'active' : found, power_state: number }
  return number === row.power_state ? null : { power_state: number }
}

/** Only a guest whose server is deleted, or never was, or lives elsewhere or nowhere: what is being built has a row. */
async function removeUnexplained(work: WorkContext, host: Host, id: string): Promise<void> {
  const row = await serverFetchAny(work.ctx.db, id)
  if (row && !row.deleted) {
    const elsewhere = row.host !== host.name && row.task_state === null && row.before === null
    if (!elsewhere) return
  }
  work.ctx.log.warn({ server: id, host: host.name }, 'a guest that no row explains is removed')
  await host.guests.remove(id, work.call)
}
