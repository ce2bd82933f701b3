// Runs durable work: claims due items, keeps their leases, runs one step of a saga or one round of a reconciler
// at a time, and decides what a failure means. No step is lost and none runs under a lost lease; a crash between
// any two awaits is mended by the next claim.
import type { Timer } from '../clock.ts'
import { Context, reconcilerActor, workActor, type Actor, type Platform } from '../context.ts'
import { assert } from '../errors.ts'
import type { Call } from '../../contract/call.ts'
import { bounded } from './bounded.ts'
import { LeaseLost, priorities, type Priority, type Reconciler, type Saga, type WorkContext, type WorkDefinition } from './definition.ts'
import { backOffMs, reasonText } from './failure.ts'
import { hostFence, itemsClaim, itemsDue } from './claim.ts'
import { itemDeleteFenced, itemRest, itemsRelease, itemsSetBack, itemUpdateFenced, type ItemRow } from './items.ts'
import { Leases } from './leases.ts'
import { runSaga } from './saga.ts'

const usualLeaseMs = 30_000
/** Others on the same store may queue what nobody here hears of, and leave it: for want of a worker, or because they died. */
const othersPollMs = 10_000
/** Alone, whatever is queued wakes us and the time of all the rest is known; this is for a clock that was set. */
const alonePollMs = 30_000
/** Due, but beyond a limit: the end of one of ours makes us look, this is for those of others. */
const shortestLimitedMs = 500
const longestLimitedMs = 5_000
const shortestPollMs = 5
/** A clock that goes back by more was set, and all that waits for its time would wait as much longer. */
const setBackMs = 5_000
/** A reconciler's round that takes longer hangs. */
const longestRoundMs = 3_600_000
/** How much of all workers each may take at most: nobody's backlog keeps the other kind waiting. */
const shares: Record<Priority, number> = { interactive: 3 / 4, background: 1 / 2 }

/** peek: only whether anything is due, which nobody said; claim: something is */
type Look = 'peek' | 'claim'

export interface EngineOptions {
  /** names this process among several on one store */
  worker: string
  concurrency: number
  /** nobody else uses the store: items that a dead process held are taken over at once */
  exclusive: boolean
  /** a claim lasts so long without a sign of life (30 s); a third of it passes between two signs */
  leaseMs?: number
}

export class Engine {
  #platform: Platform
  #definitions = new Map<string, WorkDefinition>()
  #options: EngineOptions
  #leaseMs: number
  #leases: Leases
  /** by the fence of the claim: a lost item may be claimed anew while its earlier run still ends */
  #running = new Map<number, { item: ItemRow; controller: AbortController; ended: Promise<void> }>()
  /** of the next look */
  #timer: { timer: Timer; atMs: number } | null = null
  #looking: Promise<void> | null = null
  #wanted: Look | null = null
  /** something due was left, for want of a worker or because of a limit: the end of any of ours may make room */
  #leftDue = false
  /** until it is looked at again */
  #limitedMs = shortestLimitedMs
  /** the time at the last look */
  #seenMs = 0
  /** counts runs that ended */
  #ended = 0
  #stopped = true

  constructor(platform: Platform, definitions: WorkDefinition[], options: EngineOptions) {
    this.#platform = platform
    this.#options = options
    this.#leaseMs = options.leaseMs ?? usualLeaseMs
    this.#leases = new Leases(platform, { worker: options.worker, leaseMs: this.#leaseMs })
    for (const definition of definitions) {
      assert(!this.#definitions.has(definition.name), `two definitions of work named ${definition.name}`)
      this.#definitions.set(definition.name, definition)
    }
  }

  async start(): Promise<void> {
    if (this.#options.exclusive) await itemsRelease(this.#platform.store, this.#platform.clock.nowMs())
    this.#stopped = false
    this.wake()
  }

  /** Stops claiming and waits for what is under way; the rest goes on at the next start. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelTimer()
    await this.#looking
    const running = [...this.#running.values()]
    for (const { controller } of running) controller.abort(new LeaseLost('stopping'))
    await Promise.all(running.map(({ ended }) => ended))
  }

  get busy(): number {
    return this.#running.size
  }

  /** Something may be due: looks soon. Cheap, may be called often. */
  wake(): void {
    this.#want('claim')
  }

  #want(look: Look): void {
    if (this.#wanted !== 'claim') this.#wanted = look
    if (this.#stopped || this.#looking) return
    this.#looking = this.#lookWhileWanted().finally(() => {
      this.#looking = null
      if (this.#wanted) this.#want(this.#wanted)
    })
  }

  async #lookWhileWanted(): Promise<void> {
    while (this.#wanted && !this.#stopped) {
      const look = this.#wanted
      this.#wanted = null
      this.#cancelTimer()
      try {
        if (await this.#look(look)) this.#wanted = 'claim'
      } catch (error) {
        this.#platform.log.error({ err: error }, 'claiming work failed')
        this.#lookAt(this.#platform.clock.nowMs() + othersPollMs)
      }
    }
  }

  /** Begins what is due; true when there may be more, else the next look is set. */
  async #look(look: Look): Promise<boolean> {
    const { clock, store } = this.#platform
    const max = this.#options.concurrency - this.#running.size
    this.#leftDue = max <= 0
    if (this.#leftDue) return false
    const nowMs = clock.nowMs()
    await this.#followClock(nowMs)
    const ended = this.#ended
    const wanted = { worker: this.#options.worker, nowMs, leaseMs: this.#leaseMs, max, room: this.#room() }
    const { items, due } =
      look === 'peek' ? { items: [], due: await itemsDue(store, nowMs) } : await store.transaction((db) => itemsClaim(db, wanted))
    for (const item of items) this.#begin(item)
    if (items.length > 0) this.#limitedMs = shortestLimitedMs
    if (due.isNow && (look === 'peek' || items.length > 0 || ended !== this.#ended)) return true
    this.#leftDue = due.isNow
    this.#lookAt(Math.min(due.nextAt ?? Infinity, due.isNow ? nowMs + this.#limited() : Infinity))
    return false
  }

  /** A clock that was set back takes along what waits for its time. */
  async #followClock(nowMs: number): Promise<void> {
    const byMs = this.#seenMs - nowMs
    this.#seenMs = nowMs
    if (byMs <= setBackMs) return
    this.#platform.log.warn({ byMs }, 'the clock was set back: what waits for its time is moved with it')
    await itemsSetBack(this.#platform.store, nowMs, byMs)
  }

  /** What is due and may not run yet may wait for others' work: looked at again after a while, longer each time. */
  #limited(): number {
    const waitMs = this.#limitedMs
    this.#limitedMs = Math.min(2 * waitMs, longestLimitedMs)
    return this.#options.exclusive ? alonePollMs : waitMs
  }

  /** Then, if no look comes before. A time that is too far away is only a reason to look what there is. */
  #lookAt(atMs: number): void {
    const { clock } = this.#platform
    const nowMs = clock.nowMs()
    const waitMs = Math.min(Math.max(atMs - nowMs, shortestPollMs), this.#options.exclusive ? alonePollMs : othersPollMs)
    if (this.#timer && this.#timer.atMs <= nowMs + waitMs) return
    this.#cancelTimer()
    const timer = clock.after(waitMs, () => {
      this.#timer = null
      this.#want(nowMs + waitMs >= atMs ? 'claim' : 'peek')
    })
    this.#timer = { timer, atMs: nowMs + waitMs }
  }

  #cancelTimer(): void {
    this.#timer?.timer.cancel()
    this.#timer = null
  }

  #room(): Map<number, number> {
    const running = [...this.#running.values()]
    return new Map(
      Object.entries(priorities).map(([name, priority]) => {
        const share = Math.ceil(this.#options.concurrency * shares[name as Priority])
        return [priority, Math.max(0, share - running.filter(({ item }) => item.priority === priority).length)]
      }),
    )
  }

  #begin(item: ItemRow): void {
    for (const earlier of this.#running.values()) {
      if (earlier.item.id === item.id) earlier.controller.abort(new LeaseLost(`${item.name} ${item.resource_id}`))
    }
    const controller = new AbortController()
    this.#running.set(item.fence, { item, controller, ended: this.#run(item, controller) })
  }

  async #run(item: ItemRow, controller: AbortController): Promise<void> {
    const { log } = this.#platform
    this.#leases.hold(item, () => controller.abort(new LeaseLost(`${item.name} ${item.resource_id}`)))
    let next: number | null = null
    try {
      next = await this.#runOnce(item, controller.signal)
    } catch (error) {
      // a worker that lost it may first see that the host refuses it
      if (error instanceof LeaseLost || controller.signal.reason instanceof LeaseLost)
        log.warn({ item: item.id, work: item.name }, 'the lease was lost; somebody else goes on')
      else log.error({ err: error, item: item.id, work: item.name }, 'work could not be recorded; it runs again when its lease ends')
    } finally {
      this.#leases.release(item)
      this.#running.delete(item.fence)
      this.#ended++
      if (this.#leftDue) this.wake()
      else if (next === null) this.#want('peek')
      else this.#lookAt(next)
    }
  }

  /** When the item is due again; null: who knows. */
  async #runOnce(item: ItemRow, signal: AbortSignal): Promise<number | null> {
    const definition = this.#definitions.get(item.name)
    const work = this.#context(item, signal)
    if (definition?.kind === 'reconciler') return this.#reconcile(definition, item, work)
    if (definition) await runSaga(this.#platform, definition as Saga<object>, item, work)
    else await this.#abandon(item)
    return null
  }

  async #reconcile(definition: Reconciler, item: ItemRow, work: WorkContext): Promise<number> {
    const { store, clock, ids, log } = this.#platform
    let failure: unknown
    let waitMs = definition.everyMs
    try {
      const again = await bounded(work, { maxMs: longestRoundMs, what: 'the round' }, (inner) => definition.run(inner, item.resource_id))
      if (again) waitMs = again.againMs
    } catch (error) {
      if (error instanceof LeaseLost) throw error
      failure = error
    }
    const nowMs = clock.nowMs()
    const next = failure
      ? { attempts: item.attempts, reason: reasonText(failure), soonMs: nowMs + backOffMs(item.attempts, ids.fraction()) }
      : { attempts: 0, reason: null, soonMs: nowMs }
    const laterMs = failure ? next.soonMs : nowMs + waitMs
    const runAt = await itemRest(store, item, { ...next, laterMs })
    if (runAt === null) throw new LeaseLost(item.id)
    if (failure) log.warn({ err: failure, work: item.name, key: item.resource_id }, 'a reconciler failed; it runs again')
    return runAt
  }

  /** Of a version that knew more. A person must look at a saga; with a reconciler nothing is lost. */
  async #abandon(item: ItemRow): Promise<void> {
    if (item.kind === 'reconciler') await itemDeleteFenced(this.#platform.store, item)
    else
      await itemUpdateFenced(this.#platform.store, item, {
        state: 'dead',
        worker: null,
        reason: `there is no work named ${item.name} in this version`,
      })
  }

  #context(item: ItemRow, signal: AbortSignal): WorkContext {
    // a reconciler's row says who woke it first; many others did since
    const isRound = item.kind === 'reconciler'
    const requestId = isRound ? `req-${this.#platform.ids.uuid()}` : item.request_id
    // an earlier version wrote rights into it
    const actor = isRound ? reconcilerActor : workActor(JSON.parse(item.actor) as Actor)
    const ctx = new Context(this.#platform, { actor, requestId })
    const call: Call = { fence: hostFence(item.fence), requestId, signal }
    return { ctx, itemId: item.id, call, attempt: item.attempts }
  }

  /** The rows of reconcilers that have one key only: made at start, so that their timers run. */
  async ensureReconcilers(ctx: Context): Promise<void> {
    for (const definition of this.#definitions.values()) {
      if (definition.kind === 'reconciler') await ctx.work.signal(ctx, definition)
    }
  }
}
