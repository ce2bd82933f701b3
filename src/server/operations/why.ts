// Why a resource is as it is, also of one that is gone: its timeline, oldest first, and the work under way for it.
import type { Domain } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { defined } from '../../platform/defined.ts'
import { notFound } from '../../platform/errors.ts'
import { changeEvent, storyOf as linesOfStory, type EventResult, type EventLine } from '../../platform/events.ts'
import { itemsOfResource } from '../../platform/work/items.ts'
import { namesOf, type Named, type Names } from './names.ts'
import { calledIn, type Called } from '../../platform/store/called.ts'
import { candidatesText, unknownText, whyText } from './why-text.ts'
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
  /** which columns of its row changed, and to what; absent: none */
  facts?: unknown
}

export interface Why {
  resource: {
    type: string
    id: string
    name: string | null
    project_id: string | null
    project_name: string | null
    host: string | null
    /** what has it, when it was asked for by an address */
    holder?: { type: string; id: string; name: string | null }
  }
  timeline: TimelineView[]
  /** there was more before the timeline's first line */
  cut: boolean
  work: WorkView[]
}

/** Several resources are called so: which one is meant? */
export interface Candidates {
  candidates: (Called & { project_name: string | null })[]
}

/** The facts and the same in words, of what is called so: by id, also when it is gone, or by name or address. Nothing: not found. */
export async function why(ctx: Context, word: string, products: Domain[]): Promise<(Why | Candidates) & { text: string }> {
  const called = await allCalled(ctx, word, products)
  const known = await storyOf(ctx, { id: word, called: called.find(({ id }) => id === word) ?? null }, products)
  if (known) return known
  const [only, ...others] = called
  if (!only) throw notFound(`Nothing is known of ${word}: ${unknownText}.`)
  if (others.length > 0) return candidates(ctx, { word, called, products })
  return (await storyOf(ctx, { id: only.id, called: only }, products)) ?? notFoundNow(word)
}

const notFoundNow = (word: string): never => {
  throw notFound(`Nothing is known of ${word} any more.`)
}

/** A port that is called by one of its addresses is one resource, however often it is found. */
async function allCalled(ctx: Context, word: string, products: Domain[]): Promise<Called[]> {
  const found = new Map<string, Called>()
  for (const { facts, resourcesCalled } of products)
    for (const one of await (resourcesCalled?.(ctx, word) ?? calledIn(ctx.db, facts, word))) found.set(`${one.type} ${one.id}`, one)
  return [...found.values()]
}

async function candidates(
  ctx: Context,
  { word, called, products }: { word: string; called: Called[]; products: Domain[] },
): Promise<Candidates & { text: string }> {
  const projects = await namesOf(
    ctx,
    products,
    called.map(({ projectId }) => ({ type: 'identity.project', id: projectId })),
  )
  const all = called.map((one) => ({ ...one, project_name: projects.get(one.projectId ?? '') ?? null }))
  return { candidates: all, text: candidatesText(word, all) }
}

/** Null: nothing was ever written down of it, and nobody calls anything so. */
async function storyOf(
  ctx: Context,
  { id, called }: { id: string; called: Called | null },
  products: Domain[],
): Promise<(Why & { text: string }) | null> {
  const events = await linesOfStory(ctx.platform, id, longestTimeline)
  const items = await itemsOfResource(ctx.db, id)
  if (events.length === 0 && items.length === 0 && !called) return null
  // a server's consumer has its id
  const newest = events.find(({ event }) => event !== changeEvent) ?? events[0]
  const type = newest?.resource_type ?? called?.type ?? 'resource'
  const projectId = newest?.project_id ?? items[0]?.project_id ?? called?.projectId ?? null
  const users = [...new Set(events.map(({ user_id }) => user_id))].slice(0, mostUsersNamed)
  const holder = called?.holder
  const wanted: Named[] = [
    { type, id },
    ...(holder ? [holder] : []),
    { type: 'identity.project', id: projectId },
    ...users.map((user) => ({ type: 'identity.user', id: user })),
  ]
  const names = await namesOf(ctx, products, wanted)
  const nameOf = (one: string | null): string | null => (one === null ? null : (names.get(one) ?? null))
  const facts: Why = {
    resource: {
      type,
      id,
      name: nameOf(id) ?? called?.name ?? null,
      project_id: projectId,
      project_name: nameOf(projectId),
      host: events.find(({ host }) => host !== null)?.host ?? null,
      ...(holder ? { holder: { ...holder, name: nameOf(holder.id) } } : {}),
    },
    timeline: events.toReversed().map((event) => timelineView(event, names)),
    cut: events.length === longestTimeline,
    work: await workViews(ctx, items, products),
  }
  return { ...facts, text: whyText(facts, ctx.clock.nowMs()) }
}

const timelineView = (
  { at, request_id, user_id, project_id, action, event, result, message, host, details, facts }: EventLine,
  names: Names,
): TimelineView => ({
  at,
  request_id,
  user_id,
  user_name: names.get(user_id ?? '') ?? null,
  project_id,
  action,
  event,
  result,
  message,
  host,
  details: details === null ? null : (JSON.parse(details) as unknown),
  ...defined({ facts: facts === null ? undefined : (JSON.parse(facts) as unknown) }),
})
