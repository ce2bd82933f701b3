// A server's timeline as instance actions: what was asked for, by whom, and what became of it. The same events that
// `stackling why` reads.
import type { Context } from '../../platform/context.ts'
import { notFound } from '../../platform/errors.ts'
import { eventsOf, isStepResult, type EventLine } from '../../platform/events.ts'
import { serverGet, serverGetAny } from './servers.ts'

export interface ServerActionRecord {
  action: string
  requestId: string
  userId: string | null
  projectId: string | null
  startedAt: string
  updatedAt: string
  message: string | null
  /** oldest first */
  events: EventLine[]
}

/** Newest first; of a deleted server too, since 2.21. */
export async function serverActionList(
  ctx: Context,
  id: string,
): Promise<{ serverId: string; projectId: string; actions: ServerActionRecord[] }> {
  const server = ctx.microversion.atLeast('2.21') ? await serverGetAny(ctx, id) : await serverGet(ctx, id)
  return {
    serverId: id,
    projectId: server.project_id,
    actions: grouped((await eventsOf(ctx.db, id)).filter(({ result }) => !isStepResult(result))),
  }
}

export async function serverActionGet(
  ctx: Context,
  id: string,
  requestId: string,
): Promise<{ serverId: string; projectId: string; action: ServerActionRecord }> {
  const { actions, ...rest } = await serverActionList(ctx, id)
  const action = actions.find((each) => each.requestId === requestId)
  if (!action) throw notFound(`Action ${requestId} not found for server ${id}`)
  return { ...rest, action }
}

/** One action per request and name; the request's first line names it. */
function grouped(newestFirst: EventLine[]): ServerActionRecord[] {
  const found = new Map<string, ServerActionRecord>()
  for (const event of newestFirst.toReversed()) {
    const key = `${event.request_id} ${event.action}`
    const known = found.get(key)
    if (!known) {
      found.set(key, {
        action: event.action,
        requestId: event.request_id,
        userId: event.user_id,
        projectId: event.project_id,
        startedAt: event.at,
        updatedAt: event.at,
        message: event.result === 'error' ? 'Error' : null,
        events: [event],
      })
      continue
    }
    known.events.push(event)
    known.updatedAt = event.at
    if (event.result === 'error') known.message = 'Error'
  }
  // a decision by itself is part of something that was written down under another name
  return [...found.values()].filter(({ events }) => events.some(({ result }) => result !== 'decision')).toReversed()
}
