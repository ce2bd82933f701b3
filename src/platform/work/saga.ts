// One claim of a saga: goes on from the step that the item is at, forward or back, until it ends, fails into a
// later retry, or loses its lease. Each advance is one fenced commit together with the step's rows.
import type { Context, Platform } from '../context.ts'
import { bounded, TookTooLong } from './bounded.ts'
import { LeaseLost, NotYet, PermanentError, type Saga, type WorkContext } from './definition.ts'
import { attemptsAfter, backOffMs, isRefusal, isRetryable, maxAttempts, reasonText, undoGraceMs, undoMayGoOn } from './failure.ts'
import { itemDeleteFenced, itemUpdateFenced, type ItemRow } from './items.ts'
import { passOver } from './pass-over.ts'
import { keepProgress } from './progress.ts'
import { tell } from './story.ts'

type Data = Record<string, unknown>

const shortestUndoMs = 60_000
/** a timer takes no more */
const longestStepMs = 86_400_000

/** Runs `claimed` as far as it goes now. */
export async function runSaga(platform: Platform, saga: Saga<object>, claimed: ItemRow, work: WorkContext): Promise<void> {
  let item = claimed
  while (true) {
    item = passOver(saga, item)
    if (work.call.signal?.aborted) throw new LeaseLost(item.id)
    if (item.phase === 'forward' && platform.clock.nowMs() > item.deadline_at) {
      return turnBack(work, saga, item, lateReason(saga, item.reason))
    }
    const ended = item.phase === 'forward' ? item.step >= saga.steps.length : item.step < 0
    if (ended) return finish(platform, work, saga, item)
    try {
      if (item.phase === 'forward' && isLast(saga, item)) return await last(work, saga, item)
      item = item.phase === 'forward' ? await forward(work, saga, item) : await backward(work, saga, item)
      work = onward(work)
    } catch (error) {
      if (error instanceof LeaseLost || work.call.signal?.aborted) throw error
      if (error instanceof NotYet && mayWait(platform, item)) return waitMore(work, saga, item, error)
      // who lost the lease without knowing met what the new owner has made: that fails nothing, and this throws LeaseLost
      const again = await failure(platform, work, saga, remembering(saga, item, error), error)
      platform.log.warn(
        {
          err: error,
          item: item.id,
          work: saga.name,
          resource: item.resource_id,
          step: saga.steps[item.step]?.name,
          phase: item.phase,
          attempt: item.attempts,
        },
        'a step failed',
      )
      if (!again) return
      item = again
      work = onward(work)
    }
  }
}

/**
 * Whatever comes next tells hosts a later fence: a message of the step before may still be under way, doubled, and must not be
 * obeyed after this one's (a guest that was removed would be there again).
 */
const onward = (work: WorkContext): WorkContext => ({ ...work, attempt: 1, call: { ...work.call, fence: work.call.fence + 1 } })

/** Commits rows and the item's change together, or throws LeaseLost and neither is there. */
async function fenced(work: WorkContext, item: ItemRow, rows: (inner: WorkContext) => Promise<Partial<ItemRow>>): Promise<ItemRow> {
  return work.ctx.transaction(async (tx: Context) => {
    const change = await rows({ ...work, ctx: tx })
    if (!(await itemUpdateFenced(tx.db, item, change))) throw new LeaseLost(item.id)
    return { ...item, ...change }
  })
}

/** Nothing applies after this step. */
const isLast = (saga: Saga<object>, item: ItemRow): boolean => passOver(saga, { ...item, step: item.step + 1 }).step >= saga.steps.length

/** A step's calls, until its saga's time is up; an undo has longer, and a moment in any case. */
async function outside<T>(
  work: WorkContext,
  item: ItemRow,
  step: { name: string } | undefined,
  run: (inner: WorkContext) => Promise<T> | undefined,
): Promise<T | undefined> {
  const leftMs = item.deadline_at - work.ctx.clock.nowMs() + 1
  const maxMs = item.phase === 'forward' ? Math.max(leftMs, 1) : Math.max(leftMs + undoGraceMs, shortestUndoMs)
  const { progress, stop } = keepProgress(work, item)
  const reporting = { ...work, call: { ...work.call, progress } }
  return bounded(reporting, { maxMs: Math.min(maxMs, longestStepMs), what: `the step '${step?.name}'` }, async (inner) =>
    run(inner),
  ).finally(stop)
}

/** The last step's rows and the end of the item are one commit. */
async function last(work: WorkContext, saga: Saga<object>, item: ItemRow): Promise<void> {
  const step = saga.steps[item.step]
  const before = JSON.parse(item.data) as Data
  const found = { ...before, ...(await outside(work, item, step, (inner) => step?.run?.(inner, before))) }
  await work.ctx.transaction(async (tx: Context) => {
    await step?.commit?.({ ...work, ctx: tx }, found)
    if (!(await itemDeleteFenced(tx.db, item))) throw new LeaseLost(item.id)
  })
}

async function forward(work: WorkContext, saga: Saga<object>, item: ItemRow): Promise<ItemRow> {
  const step = saga.steps[item.step]
  const before = JSON.parse(item.data) as Data
  const found = { ...before, ...(await outside(work, item, step, (inner) => step?.run?.(inner, before))) }
  return fenced(work, item, async (inner) => {
    const data = { ...found, ...(await step?.commit?.(inner, found)) }
    return { step: item.step + 1, attempts: 1, most_attempts: maxAttempts, data: JSON.stringify(data), reason: null, progress: null }
  })
}

async function backward(work: WorkContext, saga: Saga<object>, item: ItemRow): Promise<ItemRow> {
  const step = saga.steps[item.step]
  const data = JSON.parse(item.data) as Data
  const found = { ...data, ...(await outside(work, item, step, (inner) => step?.undo?.(inner, data))) }
  return fenced(work, item, async (inner) => {
    await step?.undoCommit?.(inner, found)
    return { step: item.step - 1, attempts: 1, refusals: 0, progress: null, data: JSON.stringify(found) }
  })
}

/** The item with what its saga keeps of this failure; written when it turns back. */
function remembering(saga: Saga<object>, item: ItemRow, error: unknown): ItemRow {
  if (!saga.remember || item.phase === 'undo') return item
  return { ...item, data: JSON.stringify({ ...(JSON.parse(item.data) as Data), ...saga.remember(error) }) }
}

/**
 * The step that failed may have been done half way, so its own undo comes first. It begins with the next claim, and so with a
 * later fence: a message of what is undone may still be under way, and must not be obeyed after it was undone.
 */
async function turnBack(work: WorkContext, saga: Saga<object>, item: ItemRow, reason: string): Promise<void> {
  await fenced(work, item, async ({ ctx }) => {
    await tell(ctx, saga, item, { result: 'unwind', message: reason })
    // the row's step may be one that was passed over since: those after it would be forgotten
    return {
      state: 'ready',
      worker: null,
      lease_until: 0,
      run_at: ctx.clock.nowMs(),
      phase: 'undo',
      step: item.step,
      attempts: 0,
      refusals: 0,
      reason,
      progress: null,
      data: item.data,
    }
  })
}

const lateReason = (saga: Saga<object>, reason: string | null): string =>
  `it was not done within ${Math.round(saga.deadlineMs / 1000)} seconds${reason ? `: ${reason}` : ''}`

/** Forward, the deadline bounds all waiting; an undo has its own bound. */
const mayWait = ({ clock }: Platform, item: ItemRow): boolean =>
  item.phase === 'forward' || undoMayGoOn({ refusals: 0, deadlineAt: item.deadline_at, nowMs: clock.nowMs() })

/** Not a failure and not counted as one. */
async function waitMore(work: WorkContext, saga: Saga<object>, item: ItemRow, { message, delayMs }: NotYet): Promise<void> {
  const kept = item.phase === 'undo' ? {} : { reason: message }
  await fenced(work, item, async ({ ctx }) => {
    if (item.phase === 'forward' && message !== item.reason) await tell(ctx, saga, item, { result: 'wait', message })
    return {
      state: 'ready',
      worker: null,
      lease_until: 0,
      run_at: ctx.clock.nowMs() + delayMs,
      step: item.step,
      attempts: Math.max(0, item.attempts - 1),
      ...kept,
    }
  })
}

const givesUp = (saga: Saga<object>, item: ItemRow, error: unknown): boolean =>
  saga.untilDeadline ? error instanceof PermanentError : !isRetryable(error) || item.attempts >= attemptsAfter(error)

async function failure(platform: Platform, work: WorkContext, saga: Saga<object>, item: ItemRow, error: unknown): Promise<ItemRow | null> {
  const reason = reasonText(error)
  const { clock, ids } = platform
  const nowMs = clock.nowMs()
  const later = { state: 'ready' as const, worker: null, lease_until: 0, run_at: nowMs + backOffMs(item.attempts, ids.fraction()) }
  if (item.phase === 'forward') {
    const isLate = error instanceof TookTooLong
    if (isLate || givesUp(saga, item, error)) {
      await turnBack(work, saga, item, isLate ? lateReason(saga, reason) : reason)
      return null
    }
    await fenced(work, item, async ({ ctx }) => {
      if (reason !== item.reason) await tell(ctx, saga, item, { result: 'retry', message: reason })
      return { ...later, reason, most_attempts: attemptsAfter(error) }
    })
    return null
  }
  const refusals = item.refusals + (isRefusal(error) ? 1 : 0)
  if (undoMayGoOn({ refusals, deadlineAt: item.deadline_at, nowMs })) {
    await fenced(work, item, async ({ ctx }) => {
      if (isPowerOfTwo(item.attempts)) await tell(ctx, saga, item, { result: 'retry', message: `taking it back failed: ${reason}` })
      return { ...later, refusals }
    })
    return null
  }
  // the undo itself cannot be done: the resource says so, and the item stays for a person to look at
  const why = `${item.reason ?? 'failed'}; undoing '${saga.steps[item.step]?.name}' failed too: ${reason}`
  try {
    await fenced(work, item, async (inner) => {
      const data = JSON.parse(item.data) as Data
      await (saga.abandoned?.(inner, data, why) ?? saga.failed(inner, data, why))
      return { state: 'dead', worker: null, refusals, reason: why }
    })
  } catch (unrecorded) {
    if (unrecorded instanceof LeaseLost) throw unrecorded
    await fenced(work, item, async () => ({
      state: 'dead',
      worker: null,
      refusals,
      reason: `${why}; and that could not be recorded: ${reasonText(unrecorded)}`,
    }))
  }
  return null
}

/** Of many tries that fail, a few lines are enough. */
const isPowerOfTwo = (attempts: number): boolean => (attempts & (attempts - 1)) === 0

async function finish(platform: Platform, work: WorkContext, saga: Saga<object>, item: ItemRow): Promise<void> {
  try {
    await work.ctx.transaction(async (tx) => {
      if (item.phase === 'undo') await unwound({ ...work, ctx: tx }, saga, item)
      if (!(await itemDeleteFenced(tx.db, item))) throw new LeaseLost(item.id)
    })
  } catch (error) {
    if (error instanceof LeaseLost || item.phase === 'forward') throw error
    await endUnrecorded(platform, work, item, error)
  }
}

async function unwound(work: WorkContext, saga: Saga<object>, item: ItemRow): Promise<void> {
  const data = JSON.parse(item.data) as Data
  if (!(await saga.again?.(work, data))) await saga.failed(work, data, item.reason ?? 'failed')
}

/** All is undone, but the resource could not be told: again later, and after some tries a person must look at it. */
async function endUnrecorded({ clock, ids, log }: Platform, work: WorkContext, item: ItemRow, error: unknown): Promise<void> {
  const refusals = item.refusals + 1
  const change: Partial<ItemRow> =
    refusals < maxAttempts
      ? { state: 'ready', run_at: clock.nowMs() + backOffMs(item.attempts, ids.fraction()) }
      : { state: 'dead', reason: `${item.reason ?? 'failed'}; all was undone, but that could not be recorded: ${reasonText(error)}` }
  await fenced(work, item, async () => ({ ...change, worker: null, lease_until: 0, step: item.step, refusals }))
  log.error({ err: error, item: item.id, work: item.name, resource: item.resource_id }, 'the end of a saga could not be recorded')
}
