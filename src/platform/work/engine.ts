// Runs durable work: claims due items, keeps their leases, runs one step of a saga or one round of a reconciler
// at a time, and decides what a failure means. No step is lost and none runs under a lost lease; a crash between
// any two awaits is mended by the next claim.
import type { Timer } from '../clock.ts'
import { Context, type Actor, type Platform } from '../context.ts'
import { assert } from '../errors.ts'
import type { Call } from '../../host/contract.ts'
import { LeaseLost, type Reconciler, type Saga, type WorkContext, type WorkDefinition } from './definition.ts'
import { backOffMs, reasonText } from './failure.ts'
import { itemFetch, itemsClaim, itemsNextDue, itemsRelease, itemUpdateFenced, type ItemRow } from './items.ts'
import { runSaga } from './saga.ts'

const usualLeaseMs = 30_000
const idlePollMs = 5_000

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
  #running = new Map<string, { controller: AbortController; ended: Promise<void> }>()
  #timer: Timer | null = null
  #claiming: Promise<void> | null = null
  #woken = false
  #stopped = true

  constructor(platform: Platform, definitions: WorkDefinition[], options: EngineOptions) {
    this.#platform = platform
    this.#options = options
    this.#leaseMs = options.leaseMs ?? usualLeaseMs
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
      const { clock, store, log } = this.#platform
      try {
        const request = { worker: this.#options.worker, nowMs: clock.nowMs(), leaseMs: this.#leaseMs, max: free }
        const items = await store.transaction((db) => itemsClaim(db, request))
        for (const item of items) this.#begin(item)
        if (items.length === free) this.#woken = true
        else await this.#schedule()
      } catch (error) {
        log.error({ err: error }, 'claiming work failed')
        this.#timer = clock.after(idlePollMs, () => this.wake())
      }
    }
  }

  async #schedule(): Promise<void> {
    const { clock, store } = this.#platform
    const next = await itemsNextDue(store)
    // work beyond a limit is due but must wait: its owner's end wakes us, the poll is for lost leases
    const waitMs = next === null ? idlePollMs : Math.min(Math.max(next - clock.nowMs(), 50), idlePollMs)
    this.#timer = clock.after(waitMs, () => this.wake())
  }

  #begin(item: ItemRow): void {
    const controller = new AbortController()
    this.#running.set(item.id, { controller, ended: this.#run(item, controller) })
  }

  async #run(item: ItemRow, controller: AbortController): Promise<void> {
    const { log, clock } = this.#platform
    const renewEveryMs = this.#leaseMs / 3
    let renewal = clock.after(renewEveryMs, () => renew())
    const renew = () => {
      const lease = { lease_until: clock.nowMs() + this.#leaseMs }
      itemUpdateFenced(this.#platform.store, item, lease).then(
        (kept) => {
          if (!kept) controller.abort(new LeaseLost(`${item.name} ${item.resource_id}`))
          else renewal = clock.after(renewEveryMs, () => renew())
        },
        (error: unknown) => {
          log.error({ err: error, item: item.id }, 'renewing a lease failed; it is tried again')
          renewal = clock.after(renewEveryMs, () => renew())
        },
      )
    }
    try {
      await this.#runOnce(item, controller.signal)
    } catch (error) {
      if (error instanceof LeaseLost) log.warn({ item: item.id, work: item.name }, 'the lease was lost; somebody else goes on')
      else log.error({ err: error, item: item.id, work: item.name }, 'work could not be recorded; it runs again when its lease ends')
    } finally {
      renewal.cancel()
      this.#running.delete(item.id)
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
      await definition.run(work, item.resource_id)
    } catch (error) {
      if (error instanceof LeaseLost) throw error
      failure = error
      log.warn({ err: error, work: item.name, key: item.resource_id }, 'a reconciler failed; it runs again')
    }
    await store.transaction(async (db) => {
      const now = await itemFetch(db, item.id)
      if (!now || now.fence !== item.fence) throw new LeaseLost(item.id)
      const signalled = now.signals !== item.signals
      const waitMs = failure ? backOffMs(item.attempts, ids.fraction()) : signalled ? 0 : definition.everyMs
      const reason = failure ? reasonText(failure) : null
      await itemUpdateFenced(db, item, { state: 'ready', worker: null, lease_until: 0, attempts: failure ? item.attempts : 0, run_at: clock.nowMs() + waitMs, reason })
    })
  }

  async #bury(item: ItemRow, reason: string): Promise<void> {
    await itemUpdateFenced(this.#platform.store, item, { state: 'dead', worker: null, reason })
  }

  #context(item: ItemRow, signal: AbortSignal): WorkContext {
    const ctx = new Context(this.#platform, { actor: JSON.parse(item.actor) as Actor, requestId: item.request_id })
    const call: Call = { fence: item.fence, requestId: item.request_id, signal }
    return { ctx, itemId: item.id, call, attempt: item.attempts }
  }

  /** The rows of reconcilers that have one key only: made at start, so that their timers run. */
  async ensureReconcilers(ctx: Context): Promise<void> {
    for (const definition of this.#definitions.values()) {
      if (definition.kind === 'reconciler') await ctx.work.signal(ctx, definition)
    }
  }
}

