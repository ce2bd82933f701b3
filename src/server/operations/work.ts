// Durable work as an operator sees it: which item, at which step, what it waits for, when it runs next, when it is given
// up; and a dead one run again. An item's data and actor are not shown: they may hold what a user keeps secret.
import type { Domain } from '../../platform/api/operation.ts'
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { conflict, notFound } from '../../platform/errors.ts'
import { eventAppend, eventsOf } from '../../platform/events.ts'
import type { Saga, WorkDefinition } from '../../platform/work/definition.ts'
import { limitRunning } from '../../platform/work/claim.ts'
import { maxAttempts, undoGraceMs } from '../../platform/work/failure.ts'
import { itemFetch, itemsInState, type ItemPhase, type ItemRow, type ItemState } from '../../platform/work/items.ts'
import { passOver } from '../../platform/work/saga.ts'
import { namesOf, type Names } from './names.ts'

const longestList = 1000

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
  /** tries of a step before it is taken back; null when they are not counted: an undo, a reconciler */
  max_attempts: number | null
  reason: string | null
  request_id: string
  created_at: string
  /** null unless it waits for its time */
  runs_at: string | null
  /** how many of a kind may run at once, and do; null: any number */
  limit: { key: string; max: number; running: number } | null
  /** null when nothing bounds it: a reconciler, or dead already */
  given_up_at: string | null
  /** what it does after this step, in that order */
  next_steps: string[]
  /** what is taken back when it is given up, in that order; empty for an undo, which is that already */
  takes_back: string[]
}

export async function workViews(ctx: Context, items: ItemRow[], products: Domain[]): Promise<WorkView[]> {
  const names = await namesOf(ctx, products, items.flatMap((item) => [{ type: typeOf(item), id: item.resource_id }, { type: 'identity.project', id: item.project_id }]))
  const running = await limitRunning(ctx.db, items.flatMap(({ limit_key }) => (limit_key === null ? [] : [limit_key])), ctx.clock.nowMs())
  return items.map((item) => {
    const limit = item.limit_key === null ? null : { key: item.limit_key, max: item.limit_max, running: running.get(item.limit_key) ?? 0 }
    return { ...workView(item, definitionOf(products, item)), resource_name: names.get(item.resource_id) ?? null, project_name: nameOf(names, item.project_id), limit }
  })
}

const nameOf = (names: Names, id: string | null): string | null => (id === null ? null : (names.get(id) ?? null))

/** Work is named noun-verb: after what it is about. */
const typeOf = ({ name }: ItemRow): string => name.split('-')[0] ?? ''

const definitionOf = (products: Domain[], { name }: ItemRow): WorkDefinition | undefined => products.flatMap(({ work }) => work).find((definition) => definition.name === name)

function workView(stored: ItemRow, definition: WorkDefinition | undefined): Omit<WorkView, 'resource_name' | 'project_name' | 'limit'> {
  const saga = definition?.kind === 'saga' ? (definition as Saga<object>) : null
  const item = saga ? passOver(saga, stored) : stored
  const steps = saga?.steps ?? []
  const bounded = item.kind === 'saga' && item.state !== 'dead'
  const applies = stepsThatApply(item, saga)
  const isForward = item.phase === 'forward'
  return {
    id: item.id, kind: item.kind, name: item.name, resource_id: item.resource_id, project_id: item.project_id, state: item.state, phase: item.phase,
    step: steps[item.step]?.name ?? null, attempts: item.attempts, max_attempts: bounded && isForward ? maxAttempts : null,
    reason: item.reason, request_id: item.request_id, created_at: isoMillis(item.created_at),
    runs_at: item.state === 'ready' ? isoMillis(item.run_at) : null,
    given_up_at: bounded ? isoMillis(item.deadline_at + (isForward ? 0 : undoGraceMs)) : null,
    next_steps: isForward ? applies.filter(({ at }) => at > item.step).map(({ name }) => name) : applies.filter(({ at, hasUndo }) => at < item.step && hasUndo).map(({ name }) => name).toReversed(),
    takes_back: isForward ? applies.filter(({ at, hasUndo }) => at <= item.step && hasUndo).map(({ name }) => name).toReversed() : [],
  }
}

function stepsThatApply(item: ItemRow, saga: Saga<object> | null): { name: string; at: number; hasUndo: boolean }[] {
  const data = JSON.parse(item.data) as object
  return (saga?.steps ?? []).flatMap((step, at) => (step.applies?.(data) === false ? [] : [{ name: step.name, at, hasUndo: Boolean(step.undo ?? step.undoCommit) }]))
}

/** Oldest first, at most 1000. */
export async function workInState(ctx: Context, state: ItemState, products: Domain[]): Promise<WorkView[]> {
  return workViews(ctx, await itemsInState(ctx.db, state, longestList), products)
}

/** A dead item runs again from where it stands; the resource's timeline says who wanted that. */
export async function workRetry(ctx: Context, id: string, products: Domain[]): Promise<WorkView | undefined> {
  return ctx.transaction(async (tx) => {
    const item = await itemFetch(tx.db, id)
    if (!item) throw notFound(`There is no work ${id}: it has ended, or never was.`)
    const definition = definitionOf(products, item)
    if (!definition) throw conflict(`This version has no work named ${item.name}.`)
    if (!(await tx.work.retry(tx, id, definition))) throw conflict(`The work ${id} is not dead but ${item.state}.`)
    const [newest] = await eventsOf(tx.db, item.resource_id, 1)
    await eventAppend(tx, {
      resourceType: newest?.resource_type ?? 'work', resourceId: item.resource_id, projectId: item.project_id, action: 'retry', event: item.name, result: 'start',
      message: `${item.name} runs again from where it stood`,
    })
    const revived = await itemFetch(tx.db, id)
    return (await workViews(tx, [revived ?? item], products))[0]
  })
}
