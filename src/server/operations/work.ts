// Durable work as an operator sees it: which item, at which step, what it waits for, when it runs next, when it is given
// up; and a dead one run again. An item's data and actor are not shown: they may hold what a user keeps secret.
import type { Domain } from '../../platform/api/operation.ts'
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest, conflict, notFound } from '../../platform/errors.ts'
import { eventAppend, eventsOf } from '../../platform/events.ts'
import type { Saga, WorkDefinition } from '../../platform/work/definition.ts'
import { limitRunning } from '../../platform/work/claim.ts'
import { undoGraceMs } from '../../platform/work/failure.ts'
import { itemFetch, itemsInState, type ItemPhase, type ItemRow, type ItemState } from '../../platform/work/items.ts'
import { passOver } from '../../platform/work/pass-over.ts'
import { namesOf, type Names } from './names.ts'
import { workListText } from './work-text.ts'

const usualPage = 100

export interface WorkView {
  id: string
  kind: 'saga' | 'reconciler'
  name: string
  resource_id: string
  resource_name: string | null
  project_id: string | null
  project_name: string | null
  state: ItemState
  phase: ItemPhase
  /** the step that it is at; null for a reconciler, or when it has passed its last */
  step: string | null
  attempts: number
  /** tries of a step before it is undone; null when they are not counted: an undo, a reconciler */
  max_attempts: number | null
  reason: string | null
  /** what its step said last of how far it is; at most some seconds old */
  progress: string | null
  request_id: string
  created_at: string
  /** null unless it waits for its time */
  runs_at: string | null
  /** how many of a kind may run at once, and do; null: any number */
  limit: { key: string; max: number; running: number } | null
  /** null when nothing bounds it: a reconciler, or dead already */
  abandoned_at: string | null
  /** what it does after this step, in that order */
  next_steps: string[]
  /** what is undone when it is abandoned, in that order; empty for an undo, which is that already */
  undoes: string[]
}

export async function workViews(ctx: Context, items: ItemRow[], products: Domain[]): Promise<WorkView[]> {
  const names = await namesOf(
    ctx,
    products,
    items.flatMap((item) => [
      { type: typeOf(item), id: item.resource_id },
      { type: 'identity.project', id: item.project_id },
    ]),
  )
  const running = await limitRunning(
    ctx.db,
    items.flatMap(({ limit_key }) => (limit_key === null ? [] : [limit_key])),
    ctx.clock.nowMs(),
  )
  return items.map((item) => {
    const limit = item.limit_key === null ? null : { key: item.limit_key, max: item.limit_max, running: running.get(item.limit_key) ?? 0 }
    return {
      ...workView(item, definitionOf(products, item)),
      resource_name: names.get(item.resource_id) ?? null,
      project_name: nameOf(names, item.project_id),
      limit,
    }
  })
}

const nameOf = (names: Names, id: string | null): string | null => (id === null ? null : (names.get(id) ?? null))

/** Work is named noun-verb: after what it is about. */
const typeOf = ({ name }: ItemRow): string => name.split('-')[0] ?? ''

const definitionOf = (products: Domain[], { name }: ItemRow): WorkDefinition | undefined =>
  products.flatMap(({ work }) => work).find((definition) => definition.name === name)

function workView(stored: ItemRow, definition: WorkDefinition | undefined): Omit<WorkView, 'resource_name' | 'project_name' | 'limit'> {
  const saga = definition?.kind === 'saga' ? (definition as Saga<object>) : null
  const item = saga ? passOver(saga, stored) : stored
  const steps = saga?.steps ?? []
  const bounded = item.kind === 'saga' && item.state !== 'dead'
  const applies = stepsThatApply(item, saga)
  const isForward = item.phase === 'forward'
  return {
    id: item.id,
    kind: item.kind,
    name: item.name,
    resource_id: item.resource_id,
    project_id: item.project_id,
    state: item.state,
    phase: item.phase,
    step: steps[item.step]?.name ?? null,
    attempts: item.attempts,
    max_attempts: bounded && isForward && !saga?.untilDeadline ? item.most_attempts : null,
    reason: item.reason,
    progress: item.progress,
    request_id: item.request_id,
    created_at: isoMillis(item.created_at),
    runs_at: item.state === 'ready' ? isoMillis(item.run_at) : null,
    abandoned_at: bounded ? isoMillis(item.deadline_at + (isForward ? 0 : undoGraceMs)) : null,
    next_steps: isForward
      ? applies.filter(({ at }) => at > item.step).map(({ name }) => name)
      : applies
          .filter(({ at, hasUndo }) => at < item.step && hasUndo)
          .map(({ name }) => name)
          .toReversed(),
    undoes: isForward
      ? applies
          .filter(({ at, hasUndo }) => at <= item.step && hasUndo)
          .map(({ name }) => name)
          .toReversed()
      : [],
  }
}

function stepsThatApply(item: ItemRow, saga: Saga<object> | null): { name: string; at: number; hasUndo: boolean }[] {
  const data = JSON.parse(item.data) as object
  return (saga?.steps ?? []).flatMap((step, at) =>
    step.applies?.(data) === false ? [] : [{ name: step.name, at, hasUndo: Boolean(step.undo ?? step.undoCommit) }],
  )
}

export interface WorkList {
  work: WorkView[]
  /** for the next page; null: there is no more */
  next_marker: string | null
  /** the same in words */
  text: string
}

/** What waits longest first. A marker says a place in that order, not an item, since items end meanwhile. */
export async function workList(
  ctx: Context,
  { state = 'dead', limit = usualPage, marker }: { state?: ItemState; limit?: number; marker?: string },
  products: Domain[],
): Promise<WorkList> {
  const items = await itemsInState(ctx.db, state, limit + 1, marker === undefined ? undefined : placeOf(marker))
  const shown = items.slice(0, limit)
  const last = shown.at(-1)
  const isLast = items.length <= limit
  const work = await workViews(ctx, shown, products)
  return {
    work,
    next_marker: last && !isLast ? `${last.run_at}.${last.id}` : null,
    text: workListText(work, { state, isLast }, ctx.clock.nowMs()),
  }
}

function placeOf(marker: string): Pick<ItemRow, 'run_at' | 'id'> {
  const [, time, id = ''] = /^(\d{1,15})\.(.+)$/.exec(marker) ?? []
  if (time === undefined) throw badRequest(`The marker ${marker} is none that a list of work gave.`)
  return { run_at: Number(time), id }
}

/** A dead item runs again from where it stands; the resource's timeline says who wanted that. */
export async function workRetry(ctx: Context, id: string, products: Domain[]): Promise<WorkView | undefined> {
  return ctx.transaction(async (tx) => {
    const { item, definition } = await workGet(tx, id, products)
    if (!(await tx.work.retry(tx, id, definition))) throw conflict(`The work ${id} is not dead but ${item.state}.`)
    return recorded(tx, item, { action: 'retry', message: `${item.name} runs again from where it stood`, products })
  })
}

/** A saga that goes forward is undone at once, in whichever process it runs, and its resource shows the reason. */
export async function workCancel(
  ctx: Context,
  id: string,
  { reason, products }: { reason: string | undefined; products: Domain[] },
): Promise<WorkView | undefined> {
  return ctx.transaction(async (tx) => {
    const why = `cancelled by ${tx.actor.userName}${reason === undefined ? '' : `: ${reason}`}`
    for (let tried = 0; tried < mostTries; tried++) {
      const { item, definition } = await workGet(tx, id, products)
      if (definition.kind === 'reconciler') throw conflict(`The work ${id} makes what is match what should be; there is nothing to cancel.`)
      if (item.phase === 'undo')
        throw conflict(
          item.state === 'dead' ? `The work ${id} was abandoned while it was undone: retry it.` : `The work ${id} is being undone already.`,
        )
      if (await tx.work.turnBack(tx, item, definition, why)) return recorded(tx, item, { action: 'cancel', message: why, products })
    }
    throw conflict(`The work ${id} moves on faster than it can be cancelled: try again.`)
  })
}

const mostTries = 5

async function workGet(tx: Context, id: string, products: Domain[]): Promise<{ item: ItemRow; definition: WorkDefinition }> {
  const item = await itemFetch(tx.db, id)
  if (!item) throw notFound(`There is no work ${id}: it has ended, or never was.`)
  const definition = definitionOf(products, item)
  if (!definition) throw conflict(`This version has no work named ${item.name}.`)
  return { item, definition }
}

/** What an operator did to the work of a resource is in its timeline. */
async function recorded(
  tx: Context,
  item: ItemRow,
  { action, message, products }: { action: string; message: string; products: Domain[] },
): Promise<WorkView | undefined> {
  const [newest] = await eventsOf(tx.db, item.resource_id, 1)
  await eventAppend(tx, {
    resourceType: newest?.resource_type ?? 'work',
    resourceId: item.resource_id,
    projectId: item.project_id,
    action,
    event: item.name,
    result: 'start',
    message,
  })
  const changed = await itemFetch(tx.db, item.id)
  return (await workViews(tx, [changed ?? item], products))[0]
}
