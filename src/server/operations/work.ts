// Durable work as an operator sees it: which item, at which step, when it runs next, when it is given up; and a dead
// one run again. An item's data and actor are not shown: they may hold what a user keeps secret.
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { conflict, notFound } from '../../platform/errors.ts'
import { eventAppend, eventsOf } from '../../platform/events.ts'
import type { WorkDefinition } from '../../platform/work/definition.ts'
import { undoGraceMs } from '../../platform/work/failure.ts'
import { itemFetch, itemsInState, type ItemPhase, type ItemRow, type ItemState } from '../../platform/work/items.ts'

const longestList = 1000

export interface WorkView {
  id: string
  kind: 'saga' | 'reconciler'
  name: string
  resource_id: string
  project_id: string | null
  state: ItemState
  phase: ItemPhase
  /** the step that it is at; null for a reconciler, or when it has passed its last */
  step: string | null
  attempts: number
  reason: string | null
  request_id: string
  created_at: string
  /** null unless it waits for its time */
  runs_at: string | null
  /** null when nothing bounds it: a reconciler, or dead already */
  given_up_at: string | null
  /** what is taken back when it is given up, in that order; empty for an undo, which is that already */
  takes_back: string[]
}

export function workView(item: ItemRow, definitions: WorkDefinition[]): WorkView {
  const definition = definitions.find(({ name }) => name === item.name)
  const steps = definition?.kind === 'saga' ? definition.steps : []
  const bounded = item.kind === 'saga' && item.state !== 'dead'
  const data = JSON.parse(item.data) as object
  const takenBack = item.phase === 'forward' ? steps.slice(0, item.step + 1).filter((step) => (step.undo || step.undoCommit) && step.applies?.(data) !== false) : []
  return {
    id: item.id, kind: item.kind, name: item.name, resource_id: item.resource_id, project_id: item.project_id, state: item.state, phase: item.phase,
    step: steps[item.step]?.name ?? null, attempts: item.attempts, reason: item.reason, request_id: item.request_id, created_at: isoMillis(item.created_at),
    runs_at: item.state === 'ready' ? isoMillis(item.run_at) : null,
    given_up_at: bounded ? isoMillis(item.deadline_at + (item.phase === 'undo' ? undoGraceMs : 0)) : null,
    takes_back: takenBack.map(({ name }) => name).toReversed(),
  }
}

/** Oldest first, at most 1000. */
export async function workInState(ctx: Context, state: ItemState, definitions: WorkDefinition[]): Promise<WorkView[]> {
  return (await itemsInState(ctx.db, state, longestList)).map((item) => workView(item, definitions))
}

/** A dead item runs again from where it stands; the resource's timeline says who wanted that. */
export async function workRetry(ctx: Context, id: string, definitions: WorkDefinition[]): Promise<WorkView> {
  return ctx.transaction(async (tx) => {
    const item = await itemFetch(tx.db, id)
    if (!item) throw notFound(`There is no work ${id}: it has ended, or never was.`)
    const definition = definitions.find(({ name }) => name === item.name)
    if (!definition) throw conflict(`This version has no work named ${item.name}.`)
    if (!(await tx.work.retry(tx, id, definition))) throw conflict(`The work ${id} is not dead but ${item.state}.`)
    const [newest] = await eventsOf(tx.db, item.resource_id, 1)
    await eventAppend(tx, {
      resourceType: newest?.resource_type ?? 'work', resourceId: item.resource_id, projectId: item.project_id, action: 'retry', event: item.name, result: 'start',
      message: `${item.name} runs again from where it stood`,
    })
    const revived = await itemFetch(tx.db, id)
    return workView(revived ?? item, definitions)
  })
}
