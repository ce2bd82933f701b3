// A server's timeline as instance actions; what an event shows grows with the microversion and the actor's rights.
import type { Context } from '../../../platform/context.ts'
import type { EventLine } from '../../../platform/events.ts'
import type { ServerActionRecord } from '../timeline.ts'
import { hostIdOf } from './servers.ts'

/** '…:06.123Z' → '…:06.123000' */
const micros = (iso: string): string => `${iso.slice(0, 23)}000`

export const actionView = (ctx: Context, serverId: string, action: ServerActionRecord) => ({
  action: action.action,
  instance_uuid: serverId,
  request_id: action.requestId,
  user_id: action.userId,
  project_id: action.projectId,
  start_time: micros(action.startedAt),
  message: action.message,
  ...(ctx.microversion.atLeast('2.58') ? { updated_at: micros(action.updatedAt) } : {}),
})

interface Shown {
  serverId: string
  projectId: string
  action: ServerActionRecord
}

export function actionShowView(ctx: Context, { serverId, projectId, action }: Shown): object {
  const all = ctx.allows({ project_id: projectId }, 'os_compute_api:os-instance-actions:events')
  const base = actionView(ctx, serverId, action)
  if (!all && !ctx.microversion.atLeast('2.51')) return base
  return { ...base, events: eventViews(ctx, { projectId, all, action }) }
}

/** The action as a whole, from its first line to its end, and the scheduler's decision. */
function eventViews(ctx: Context, { projectId, all, action }: { projectId: string; all: boolean; action: ServerActionRecord }): object[] {
  const end = action.events.find(({ result }) => result === 'success' || result === 'error')
  const whole = {
    name: `compute_${action.action}`,
    from: action.startedAt,
    end,
    message: end?.result === 'error' ? end.message : null,
    host: end?.host ?? null,
  }
  const decisions = action.events
    .filter(({ result }) => result === 'decision')
    .map((event) => ({
      name: event.event === '' ? 'schedule' : event.event,
      from: event.at,
      end: event as EventLine | undefined,
      message: event.message,
      host: event.host,
    }))
  return [...decisions, whole].map(({ name, from, end: ended, message, host }) => ({
    event: name,
    start_time: micros(from),
    finish_time: ended ? micros(ended.at) : null,
    result: ended ? (ended.result === 'error' ? 'Error' : 'Success') : null,
    ...(all ? { traceback: null } : {}),
    ...(ctx.microversion.atLeast('2.62') ? { ...(all ? { host } : {}), hostId: hostIdOf(projectId, host) } : {}),
    ...(ctx.microversion.atLeast('2.84') && ctx.allows({ project_id: projectId }, 'os_compute_api:os-instance-actions:events:details')
      ? { details: message }
      : {}),
  }))
}
