// What durable work is made of. A saga: ordered steps with undo. A reconciler: makes what is match what should
// be, takes no input, safe at any time. Never mixed. The engine that runs them is engine.ts; the rows, items.ts.
import type { Call } from '../../contract/call.ts'
import type { Context } from '../context.ts'

/** What a person waits for comes before what nobody watches; but neither may take all workers (engine.ts). */
export const priorities = { interactive: 0, background: 1 } as const
export type Priority = keyof typeof priorities

/** What a step is given: the context of the asker, and what goes along with host calls. */
export interface WorkContext {
  /** in the name of the user who asked, and without any right: it may ask no policy, the request was authorised when the work was queued */
  ctx: Context
  itemId: string
  /** goes along with every host call: the fence of this claim, the request id, progress and cancellation */
  call: Call
  /** how often this step was begun, this time included */
  attempt: number
}

export interface Step<Data> {
  name: string
  /** false: the step is passed over, forward and back, without a commit (a server without volumes). Must not change its mind. */
  applies?(data: Data): boolean
  /** Calls to the outside; may happen twice. What it returns is merged into the data by the commit. No transaction. */
  run?(work: WorkContext, data: Data): Promise<Partial<Data> | void>
  /** Rows; one transaction together with the advance of the item, refused when the lease was lost. `work.ctx.db` is that transaction. */
  commit?(work: WorkContext, data: Data): Promise<Partial<Data> | void>
  /** Takes back `run`; may happen twice, also when `run` never did or failed half way. What it returns is merged into the data. */
  undo?(work: WorkContext, data: Data): Promise<Partial<Data> | void>
  /** Takes back `commit`, in one transaction with the item's retreat. */
  undoCommit?(work: WorkContext, data: Data): Promise<void>
}

export interface Saga<Data extends object = never> {
  kind: 'saga'
  name: string
  /** the whole of it; when it passes, the saga unwinds with the reason 'deadline' */
  deadlineMs: number
  /** For what can only go on (a deletion has no undo, and half of one is nobody's wish): a clear no is asked again too, until the deadline. */
  untilDeadline?: true
  steps: Step<Data>[]
  /** items with the same key run at most `max` at a time (builds on one host); null: no limit */
  limit?(ctx: Context, data: Data): { key: string; max: number } | null
  /** What it must know, when all is undone, of the failure that turned it back; merged into the data. */
  remember?(error: unknown): Partial<Data>
  /**
   * All is undone: can it be done in another way (a build on another host)? In the transaction that ends the item;
   * true when it has queued that, and then nothing has failed yet.
   */
  again?(work: WorkContext, data: Data): Promise<boolean>
  /**
   * After everything was undone, or could not be: leaves the resource in a state with a reason (ERROR and a fault).
   * One transaction with the end of the item; a saga without undo (a delete) also ends here.
   */
  failed(work: WorkContext, data: Data, reason: string): Promise<void>
  /** Instead of `failed`, when its undo was abandoned: what is left belongs to the resource, which a user can still delete. */
  abandoned?(work: WorkContext, data: Data, reason: string): Promise<void>
}

export interface Reconciler {
  kind: 'reconciler'
  name: string
  /** runs at least this often, and soon after each signal */
  everyMs: number
  /**
   * One run; `key` tells which (a host's name), '' when there is only one. No inner retries: it runs again, after
   * `againMs` when it asks for that, which is sooner than usual.
   */
  run(work: WorkContext, key: string): Promise<{ againMs: number } | void>
}

// a saga's data type is its own business; the engine only carries it
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type WorkDefinition = Saga<any> | Reconciler

export const saga = <Data extends object>(definition: Omit<Saga<Data>, 'kind'>): Saga<Data> => ({ kind: 'saga', ...definition })
export const reconciler = (definition: Omit<Reconciler, 'kind'>): Reconciler => ({ kind: 'reconciler', ...definition })

/** A failure that trying again cannot mend: the saga unwinds at once, with this text as the reason a user reads. */
export class PermanentError extends Error {}

/**
 * What a step waits for is not so yet: the item is claimed anew after a while, as often as its deadline allows, and then
 * has a later fence than the work that made it so.
 */
export class NotYet extends Error {
  delayMs: number
  constructor(message: string, delayMs: number) {
    super(message)
    this.delayMs = delayMs
  }
}

/** Another claim owns the item now: whatever this one was doing must stop without a trace. */
export class LeaseLost extends Error {}
