// Runs durable work: claims due items, keeps their leases, runs one step of a saga or one round of a reconciler
// at a time, and decides what a failure means. No step is lost and none runs under a lost lease; a crash between
// any two awaits is mended by the next claim.
import type { Timer } from '../clock.ts'
import { Context, type Actor, type Platform } from '../context.ts'
import { assert } from '../errors.ts'
import type { Call } from '../../host/contract.ts'
import { bounded } from './bounded.ts'
import { LeaseLost, priorities, type Priority, type Reconciler, type Saga, type WorkContext, type WorkDefinition } from './definition.ts'
import { backOffMs, reasonText } from './failure.ts'
import { hostFence, itemsClaim } from './claim.ts'
import { itemRest, itemsNextDue, itemsRelease, itemUpdateFenced, type ItemRow } from './items.ts'
import { Leases } from './leases.ts'
import { runSaga } from './saga.ts'

const usualLeaseMs = 30_000
/** Others on the same store may queue what nobody here hears of. */
const othersPollMs = 5_000
/** Alone, whatever is queued wakes us and the time of all the rest is known; this is for a clock that was set. */
const alonePollMs = 30_000
/** Due, but beyond a limit: the end of one of ours wakes us, this is for those of others. */
const limitedPollMs = 500
const shortestPollMs = 5
/** A reconciler's round that takes longer hangs. */
const longestRoundMs = 3_600_000
/** How much of all workers each may take at most: nobody's backlog keeps the other kind waiting. */
const shares: Record<Priority, number> = { interactive: 3 / 4, background: 1 / 2 }

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
  #timer: Timer | null = null
  #claiming: Promise<void> | null = null
  #woken = false
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
    this.#timer?.cancel()
    await this.#claiming
    const running = [...this.#running.values()]
    for (const { controller } of running) controller.abort(new LeaseLost('stopping'))
    await Promise.all(running.map(({ ended }) => ended))
  }

  get busy(): number {
    return this.#running.size
  }

  /** Something may be due: looks soon. Cheap, may be called often. */
  wake(): void {
    this.#woken = true
    if (this.#stopped || this.#claiming) return
    this.#claiming = this.#claimAll().finally(() => {
      this.#claiming = null
      if (this.#woken) this.wake()
    })
  }

  async #claimAll(): Promise<void> {
    this.#timer?.cancel()
    while (this.#woken && !this.#stopped) {
      this.#woken = false
      const free = this.#options.concurrency - this.#running.size
      if (free <= 0) return
      const { clock, log } = this.#platform
      try {
        if (await this.#claimDue(free)) this.#woken = true
      } catch (error) {
        log.error({ err: error }, 'claiming work failed')
        this.#timer = clock.after(othersPollMs, () => this.wake())
      }
    }
  }

  /** Begins what is due; false when there was nothing, and then the next look is set. */
  async #claimDue(max: number): Promise<boolean> {
    const { clock, store } = this.#platform
    const { worker, exclusive } = this.#options
    const pollMs = exclusive ? alonePollMs : othersPollMs
    const nextAt = await itemsNextDue(store)
    const nowMs = clock.nowMs()
    let waitMs = nextAt === null ? pollMs : nextAt - nowMs
    if (waitMs <= 0) {
      const items = await store.transaction((db) => itemsClaim(db, { worker, nowMs, leaseMs: this.#leaseMs, max, room: this.#room() }))
      for (const item of items) this.#begin(item)
      if (items.length > 0) return true
      waitMs = limitedPollMs
    }
    this.#timer = clock.after(Math.min(Math.max(waitMs, shortestPollMs), pollMs), () => this.wake())
    return false
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
    try {
      await this.#runOnce(item, controller.signal)
    } catch (error) {
      // whoever lost it may hear first that the host refuses it
      if (error instanceof LeaseLost || controller.signal.reason instanceof LeaseLost) log.warn({ item: item.id, work: item.name }, 'the lease was lost; somebody else goes on')
      else log.error({ err: error, item: item.id, work: item.name }, 'work could not be recorded; it runs again when its lease ends')
    } finally {
      this.#leases.letGo(item)
      this.#running.delete(item.fence)
      this.wake()
    }
  }

  async #runOnce(item: ItemRow, signal: AbortSignal): Promise<void> {
    const definition = this.#definitions.get(item.name)
    if (!definition) return this.#bury(item, `there is no work named ${item.name} in this version`)
    const work = this.#context(item, signal)
    if (definition.kind === 'saga') return runSaga(this.#platform, definition as Saga<object>, item, work)
    return this.#reconcile(definition, item, work)
  }

  async #reconcile(definition: Reconciler, item: ItemRow, work: WorkContext): Promise<void> {
    const { store, clock, ids, log } = this.#platform
    let failure: unknown
    try {
      await bounded(work, { maxMs: longestRoundMs, what: 'the round' }, (inner) => definition.run(inner, item.resource_id))
    } catch (error) {
      if (error instanceof LeaseLost) throw error
      failure = error
      log.warn({ err: error, work: item.name, key: item.resource_id }, 'a reconciler failed; it runs again')
    }
    const nowMs = clock.nowMs()
    const next = failure
      ? { attempts: item.attempts, reason: reasonText(failure), soonMs: nowMs + backOffMs(item.attempts, ids.fraction()) }
      : { attempts: 0, reason: null, soonMs: nowMs }
    const laterMs = failure ? next.soonMs : nowMs + definition.everyMs
    if (!(await itemRest(store, item, { ...next, laterMs }))) throw new LeaseLost(item.id)
  }

  async #bury(item: ItemRow, reason: string): Promise<void> {
    await itemUpdateFenced(this.#platform.store, item, { state: 'dead', worker: null, reason })
  }

  #context(item: ItemRow, signal: AbortSignal): WorkContext {
    const ctx = new Context(this.#platform, { actor: JSON.parse(item.actor) as Actor, requestId: item.request_id })
    const call: Call = { fence: hostFence(item.fence), requestId: item.request_id, signal }
    return { ctx, itemId: item.id, call, attempt: item.attempts }
  }

  /** The rows of reconcilers that have one key only: made at start, so that their timers run. */
  async ensureReconcilers(ctx: Context): Promise<void> {
    for (const definition of this.#definitions.values()) {
      if (definition.kind === 'reconciler') await ctx.work.signal(ctx, definition)
    }
  }
}

