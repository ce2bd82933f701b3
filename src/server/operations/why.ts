// Why a resource is as it is, also of one that is gone: its timeline, oldest first, and the work under way for it.
import type { Domain } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { notFound } from '../../platform/errors.ts'
import { eventsOf, type EventResult, type EventRow } from '../../platform/events.ts'
import { itemsOfResource } from '../../platform/work/items.ts'
import { namesOf, type Named, type Names } from './names.ts'
import { whyText } from './why-text.ts'
import { workViews, type WorkView } from './work.ts'

const longestTimeline = 1000
const mostUsersNamed = 50

export interface TimelineView {
  at: string
  request_id: string
  user_id: string | null
  user_name: string | null
  project_id: string | null
  action: string
  event: string
  result: EventResult
  message: string | null
  host: string | null
  details: unknown
}

export interface Why {
  resource: { type: string; id: string; name: string | null; project_id: string | null; project_name: string | null; host: string | null }
  timeline: TimelineView[]
  /** there was more before the timeline's first line */
  cut: boolean
  work: WorkView[]
}

/** The facts and the same in words; an id of which nothing is known is not found. */
export async function why(ctx: Context, id: string, products: Domain[]): Promise<Why & { text: string }> {
  const events = await eventsOf(ctx.db, id, longestTimeline)
  const items = await itemsOfResource(ctx.db, id)
  if (events.length === 0 && items.length === 0) throw notFound(`Nothing is known of ${id}: no resource with this id was ever changed here.`)
  const [newest] = events
  const type = newest?.resource_type ?? 'resource'
  const projectId = newest?.project_id ?? items[0]?.project_id ?? null
  const users = [...new Set(events.map(({ user_id }) => user_id))].slice(0, mostUsersNamed)
  const wanted: Named[] = [{ type, id }, { type: 'identity.project', id: projectId }, ...users.map((user) => ({ type: 'identity.user', id: user }))]
  const names = await namesOf(ctx, products, wanted)
  const nameOf = (one: string | null): string | null => (one === null ? null : (names.get(one) ?? null))
  const facts: Why = {
    resource: { type, id, name: nameOf(id), project_id: projectId, project_name: nameOf(projectId), host: events.find(({ host }) => host !== null)?.host ?? null },
    timeline: events.toReversed().map((event) => timelineView(event, names)),
    cut: events.length === longestTimeline,
    work: await workViews(ctx, items, products),
  }
  return { ...facts, text: whyText(facts, ctx.clock.nowMs()) }
}

const timelineView = ({ at, request_id, user_id, project_id, action, event, result, message, host, details }: EventRow, names: Names): TimelineView => ({
  at, request_id, user_id, user_name: names.get(user_id ?? '') ?? null, project_id, action, event, result, message, host, details: details === null ? null : (JSON.parse(details) as unknown),
})
