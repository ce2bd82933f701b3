// What projects used in a span of time: hours of servers times their sizes.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { badRequest } from '../platform/errors.ts'
import { serversUsed, usedServerFetch, type UsageQuestion, type UsedServer } from './store/server-usage.ts'
import type { ServerFlavor } from './store/servers.ts'

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
}

const formats = [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?$/, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{1,6}$/]

function timeOf(ctx: Context, text: string | undefined): number {
  if (text === undefined || text === '') return ctx.clock.nowMs()
  const ms = formats.some((format) => format.test(text)) ? Date.parse(`${text.replace(' ', 'T')}Z`) : NaN
  if (Number.isNaN(ms)) throw badRequest('Invalid datetime string: Datetime is in invalid format')
  return ms
}

/** From two texts of the query; an end in the future is now. */
export function spanOf(ctx: Context, start: string | undefined, end: string | undefined): Span {
  const [startMs, stopMs] = [timeOf(ctx, start), timeOf(ctx, end)]
  if (start === undefined && end === undefined) return { startMs: startMs - 1, stopMs }
  if (startMs >= stopMs) throw badRequest('Invalid start time. The start time cannot occur after the end time.')
  return { startMs, stopMs: Math.min(stopMs, ctx.clock.nowMs()) }
}

/** By project, in the order in which their servers come. For whoever has asked the policy. */
export async function usages(ctx: Context, span: Span, page: Pick<UsageQuestion, 'limit' | 'marker' | 'projectId'>): Promise<ProjectUsage[]> {
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
    flavor: JSON.parse(server.flavor) as ServerFlavor,
    hours: Math.max(0, usedMs) / 3_600_000,
    uptimeSeconds: Math.max(0, Math.floor(((endedMs ?? ctx.clock.nowMs()) - launchedMs) / 1000)),
  }
}
