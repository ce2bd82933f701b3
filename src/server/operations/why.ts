// Why a resource is as it is, also of one that is gone: its timeline, oldest first, and the work under way for it.
import type { Context } from '../../platform/context.ts'
import { notFound } from '../../platform/errors.ts'
import { eventsOf, type EventResult, type EventRow } from '../../platform/events.ts'
import type { WorkDefinition } from '../../platform/work/definition.ts'
import { itemsOfResource } from '../../platform/work/items.ts'
import { whyText } from './why-text.ts'
import { workView, type WorkView } from './work.ts'

const longestTimeline = 1000

export interface TimelineView {
  at: string
  request_id: string
  user_id: string | null
  project_id: string | null
  action: string
  event: string
  result: EventResult
  message: string | null
  host: string | null
  details: unknown
}

export interface Why {
  resource: { type: string; id: string; project_id: string | null }
  timeline: TimelineView[]
  /** there was more before the timeline's first line */
  cut: boolean
  work: WorkView[]
}

/** The facts and the same in words; an id of which nothing is known is not found. */
export async function why(ctx: Context, id: string, definitions: WorkDefinition[]): Promise<Why & { text: string }> {
  const events = await eventsOf(ctx.db, id, longestTimeline)
  const items = await itemsOfResource(ctx.db, id)
  if (events.length === 0 && items.length === 0) throw notFound(`Nothing is known of ${id}: no resource with this id was ever changed here.`)
  const [newest] = events
  const facts: Why = {
    resource: { type: newest?.resource_type ?? 'resource', id, project_id: newest?.project_id ?? items[0]?.project_id ?? null },
    timeline: events.toReversed().map(timelineView),
    cut: events.length === longestTimeline,
    work: items.map((item) => workView(item, definitions)),
  }
  return { ...facts, text: whyText(facts) }
}

const timelineView = ({ at, request_id, user_id, project_id, action, event, result, message, host, details }: EventRow): TimelineView => ({
  at, request_id, user_id, project_id, action, event, result, message, host, details: details === null ? null : (JSON.parse(details) as unknown),
})
