// How domains hand over durable work: in the same transaction as the intent. The engine is only woken by it.
import { workActor, type Context } from '../context.ts'
import { assert } from '../errors.ts'
import { priorities, type Priority, type Reconciler, type Saga, type WorkDefinition } from './definition.ts'
import { maxAttempts } from './failure.ts'
import { passOver } from './pass-over.ts'
import { itemInsert, itemRevive, itemsCancel, itemsForget, itemsSignal, itemTurnBack, type ItemRow } from './items.ts'

export interface EnqueueOptions {
  resourceId: string
  /** 'interactive' is usual */
  priority?: Priority
  delayMs?: number
}

export interface WorkQueue {
  /** Queues a saga; must be called inside the transaction that states the intent. */
  enqueue<Data extends object>(tx: Context, saga: Saga<Data>, data: Data, options: EnqueueOptions): Promise<string>
  /**
   * Ends whatever sagas, or which of these, are under way for a resource, in the transaction that takes over (a delete during a create).
   * A worker in the midst of a step finds its fence gone at its next commit; hosts refuse its fence after the new owner's.
   */
  cancel(tx: Context, resourceId: string, sagas?: { name: string }[]): Promise<void>
  /** Drops what was abandoned for a resource, in the transaction that goes on with it in another way: tried again, it would undo that. */
  forget(tx: Context, resourceId: string): Promise<void>
  /** A dead item runs again from where it stands, with a fresh deadline; false when it is not dead (any more). */
  retry(tx: Context, id: string, definition: WorkDefinition): Promise<boolean>
  /**
   * An operator's cancel: a saga that goes forward is undone, with this reason, in whichever process it runs; false when it moved
   * on meanwhile. A worker in the midst of a step finds its fence gone, as with `cancel`.
   */
  turnBack(tx: Context, read: ItemRow, saga: Saga<object>, reason: string): Promise<boolean>
  /** Makes the reconciler run soon; inside the transaction whose rows it shall look at, or outside as a hint. */
  signal(ctx: Context, reconciler: Pick<Reconciler, 'name'>, key?: string): Promise<void>
  /** The same for many keys, in one statement. */
  signalEach(ctx: Context, reconciler: Pick<Reconciler, 'name'>, keys: string[]): Promise<void>
}

/** `wake` is called after the commit. */
export function createWorkQueue(wake: () => void): WorkQueue {
  async function signalEach(ctx: Context, { name }: Pick<Reconciler, 'name'>, keys: string[]): Promise<void> {
    if (keys.length === 0) return
    await itemsSignal(ctx.db, keys, { ...blankItem(ctx, ctx.clock.nowMs()), kind: 'reconciler', name, priority: priorities.background })
    ctx.db.afterCommit(wake)
  }
  return {
    async enqueue(tx, saga, data, options) {
      assert(tx.db.inTransaction, `${saga.name} must be queued in the transaction that states the intent`)
      const limit = saga.limit?.(tx, data) ?? null
      const nowMs = tx.clock.nowMs()
      const id = tx.ids.uuid()
      await itemInsert(tx.db, {
        ...blankItem(tx, nowMs),
        id,
        kind: 'saga',
        name: saga.name,
        resource_id: options.resourceId,
        limit_key: limit?.key ?? null,
        limit_max: limit?.max ?? 0,
        priority: priorities[options.priority ?? 'interactive'],
        data: JSON.stringify(data),
        run_at: nowMs + (options.delayMs ?? 0),
        deadline_at: nowMs + saga.deadlineMs,
      })
      tx.db.afterCommit(wake)
      return id
    },
    async cancel(tx, resourceId, sagas) {
      assert(tx.db.inTransaction, 'work must be cancelled in the transaction that takes over')
      await itemsCancel(tx.db, resourceId, sagas?.map(({ name }) => name) ?? null)
    },
    async forget(tx, resourceId) {
      await itemsForget(tx.db, resourceId)
    },
    async retry(tx, id, definition) {
      const nowMs = tx.clock.nowMs()
      const deadlineAt = definition.kind === 'saga' ? nowMs + definition.deadlineMs : Number.MAX_SAFE_INTEGER
      tx.db.afterCommit(wake)
      return itemRevive(tx.db, id, { nowMs, deadlineAt })
    },
    async turnBack(tx, read, saga, reason) {
      tx.db.afterCommit(wake)
      // it may be in the midst of the next step that applies
      const { step } = passOver(saga, read)
      return itemTurnBack(tx.db, read, { step, nowMs: tx.clock.nowMs(), reason })
    },
    signal: (ctx, reconciler, key = '') => signalEach(ctx, reconciler, [key]),
    signalEach,
  }
}

function blankItem(ctx: Context, nowMs: number): ItemRow {
  return {
    id: '',
    kind: 'saga',
    name: '',
    resource_id: '',
    project_id: ctx.actor.projectId,
    limit_key: null,
    limit_max: 0,
    priority: 0,
    turn: 0,
    state: 'ready',
    phase: 'forward',
    step: 0,
    attempts: 0,
    most_attempts: maxAttempts,
    refusals: 0,
    data: '{}',
    run_at: nowMs,
    deadline_at: Number.MAX_SAFE_INTEGER,
    lease_until: 0,
    worker: null,
    fence: 0,
    signals: 0,
    reason: null,
    progress: null,
    actor: JSON.stringify(workActor(ctx.actor)),
    request_id: ctx.requestId,
    created_at: nowMs,
  }
}
