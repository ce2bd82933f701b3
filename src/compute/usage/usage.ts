// What projects used in a span of time: hours of servers times their sizes.
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest } from '../../platform/errors.ts'
import { serversUsed, usedServerFetch, type UsageQuestion, type UsedServer } from './store.ts'
import type { ServerFlavor } from '../servers/store/servers.ts'

export interface ServerUsage {
  server: UsedServer
  flavor: ServerFlavor
  hours: number
  uptimeSeconds: number
}

export interface ProjectUsage {
  projectId: string
  servers: ServerUsage[]
}

export interface Span {
  startMs: number
  stopMs: number
  /** as answers show them, to the microsecond that the query named */
  start: string
  stop: string
}

const formats = [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?$/, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{1,6}$/]

interface Moment {
  ms: number
  /** 2026-11-22T20:25:22.851000 */
  shown: string
}

const momentOf = (ms: number): Moment => ({ ms, shown: `${isoMillis(ms).slice(0, 23)}000` })

function timeOf(ctx: Context, text: string | undefined): Moment {
  if (text === undefined || text === '') return momentOf(ctx.clock.nowMs())
  const iso = text.replace(' ', 'T')
  const ms = formats.some((format) => format.test(text)) ? Date.parse(`${iso}Z`) : NaN
  if (Number.isNaN(ms)) throw badRequest('Invalid datetime string: Datetime is in invalid format')
  const [second = '', fraction = ''] = iso.split('.')
  return { ms, shown: `${second}.${fraction.padEnd(6, '0')}` }
}

/** From two texts of the query; an end in the future is now. */
export function spanOf(ctx: Context, start: string | undefined, end: string | undefined): Span {
  const [from, to] = [timeOf(ctx, start), timeOf(ctx, end)]
  if (start === undefined && end === undefined) return spanFrom(momentOf(from.ms - 1), to)
  if (from.shown >= to.shown) throw badRequest('Invalid start time. The start time cannot occur after the end time.')
  const now = momentOf(ctx.clock.nowMs())
  return spanFrom(from, to.ms > now.ms ? now : to)
}

const spanFrom = (from: Moment, to: Moment): Span => ({ startMs: from.ms, stopMs: to.ms, start: from.shown, stop: to.shown })

/** By project, in the order in which their servers come. The caller has asked the policy. */
export async function usages(
  ctx: Context,
  span: Span,
  page: Pick<UsageQuestion, 'limit' | 'marker' | 'projectId'>,
): Promise<ProjectUsage[]> {
  const after = page.marker === undefined ? undefined : await usedServerFetch(ctx.db, page.marker)
  if (page.marker !== undefined && !after) throw badRequest(`Marker ${page.marker} could not be found.`)
  const rows = await serversUsed(ctx.db, { ...page, start: isoMillis(span.startMs), stop: isoMillis(span.stopMs) }, after)
  const projects = new Map<string, ProjectUsage>()
  for (const server of rows) {
    const known = projects.get(server.project_id) ?? { projectId: server.project_id, servers: [] }
    projects.set(server.project_id, known)
    known.servers.push(usageOf(ctx, server, span))
  }
  return [...projects.values()]
}

function usageOf(ctx: Context, server: UsedServer, { startMs, stopMs }: Span): ServerUsage {
  const launchedMs = Date.parse(server.launched_at ?? server.created_at)
  const endedMs = server.terminated_at === null ? null : Date.parse(server.terminated_at)
  const usedMs = Math.min(stopMs, endedMs ?? stopMs) - Math.max(startMs, launchedMs)
  return {
    server,
    flavor: server.flavor,
    hours: Math.max(0, usedMs) / 3_600_000,
    uptimeSeconds: Math.max(0, Math.floor(((endedMs ?? ctx.clock.nowMs()) - launchedMs) / 1000)),
  }
}
