// Nova's log of usage audits. Usage is counted from rows when it is asked for: no host ever runs an audit, and the
// log says so.
import type { Context } from '../../platform/context.ts'
import { badRequest } from '../../platform/errors.ts'
import { servicesList } from '../hosts/store.ts'

const shown = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')

/** The month that ended last before the given time. */
export async function auditLog(ctx: Context, before: string | undefined) {
  ctx.authorize()
  const beforeMs = before === undefined ? ctx.clock.nowMs() : Date.parse(`${before.replace(' ', 'T')}Z`)
  if (Number.isNaN(beforeMs)) throw badRequest(`Invalid timestamp for date ${before}`)
  const at = new Date(beforeMs)
  const endMs = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1)
  const hosts = (await servicesList(ctx.db, { binary: 'nova-compute' })).map((row) => row.host)
  return {
    period_beginning: shown(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - 1, 1)),
    period_ending: shown(endMs),
    num_hosts: hosts.length,
    num_hosts_done: 0,
    num_hosts_running: 0,
    num_hosts_not_run: hosts.length,
    hosts_not_run: hosts,
    total_instances: 0,
    total_errors: 0,
    overall_status: `0 of ${hosts.length} hosts done. 0 errors.`,
    log: {},
  }
}
