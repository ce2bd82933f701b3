// The world that the fake drivers of one host share: what it remembers, its clock and luck, and whether it can be
// reached at all. It does no I/O but the journal's; with memoryJournal() it runs under a virtual clock in one thread.
import { type Clock, delay } from '../platform/clock.ts'
import { type Call, HostError } from '../contract/call.ts'
import { type FateRule, parseFate } from './fate.ts'
import { createGate, type Gate } from './gate.ts'
import type { Journal } from './journal.ts'

export interface FakeWorldOptions {
  journal: Journal
  clock: Clock
  /** 0 ≤ random() < 1 */
  random: () => number
}

/** One operation on one resource, as a fate speaks of it. */
export interface FateOf {
  /** 'guest/<id>', 'volume/<id>' */
  resource: string
  /** 'spawn', 'power', 'create', … */
  operation: string
  fate: Record<string, string>
  call: Call
}

interface Outage {
  untilMs: number | null
  /** true: its guests died with it */
  dead: boolean
}

export interface FakeWorld {
  journal: Journal
  clock: Clock
  gate: Gate
  /** Throws HostError 'unreachable' while the host is away. */
  reach(): void
  /** Does the work under the rules that the fate has for this operation. */
  under<T>(of: FateOf, work: () => T | Promise<T>): Promise<T>
  rules(of: { operation: string; fate: Record<string, string> }): FateRule[]
  /** The machine dies (its guests too) or is cut off, for so long; null: until comeBack or the next process. */
  goAway(outage: { dead: boolean; forMs: number | null }): void
  comeBack(): void
  /** Tells when a dead machine is back, so that its guests can be counted as crashed. */
  onReturn(fn: (dead: boolean) => void): void
  /** Calls back after so long, unless the process ends before. */
  later(ms: number, fn: () => void): void
  /** The process ends: nothing of this world happens by itself any more. */
  stop(): void
  /** Space that is left for disks; tests set it to 0 to fill the disk. */
  freeGib: number
}

/** A world over the journal: an outage without an end is over when the world is opened anew, as with a power button. */
export function createFakeWorld(options: FakeWorldOptions): FakeWorld {
  const { journal, clock } = options
  const returns: ((dead: boolean) => void)[] = []
  const outage = () => journal.get<Outage>('outage')

  const comeBack = () => {
    const was = outage()
    if (!was) return
    journal.put('outage', undefined)
    for (const fn of returns) fn(was.dead)
  }
  const reach = () => {
    const now = outage()
    if (!now) return
    if (now.untilMs !== null && now.untilMs <= clock.nowMs()) comeBack()
    else throw new HostError('unreachable', 'fake: the host does not answer')
  }
  let isStopped = false
  const later = (ms: number, fn: () => void) => void clock.after(Math.max(0, ms), () => isStopped || fn())
  const world: FakeWorld = {
    later,
    stop: () => void (isStopped = true),
    journal,
    clock,
    gate: createGate(journal),
    freeGib: 10_000,
    reach,
    comeBack,
    onReturn: (fn) => void returns.push(fn),
    goAway({ dead, forMs }) {
      journal.put('outage', { dead, untilMs: forMs === null ? null : clock.nowMs() + forMs } satisfies Outage)
      if (forMs !== null) later(forMs, () => !isAway(outage(), clock.nowMs()) && comeBack())
    },
    rules: ({ operation, fate }) => (fate[operation] === undefined ? [] : parseFate(fate[operation])),
    async under(of, work) {
      const rules = world.rules(of)
      for (const rule of rules) await suffer(rule, of, options)
      reach()
      of.call.signal?.throwIfAborted()
      const result = await work()
      reach()
      if (rules.some((rule) => rule.kind === 'lost') && count(journal, of.resource, `${of.operation} lost`) === 1) {
        throw new HostError('unreachable', 'fake: the answer was lost')
      }
      return result
    },
  }
  const left = outage()
  if (left?.untilMs === null) queueMicrotask(comeBack)
  else if (left) later((left.untilMs ?? 0) - clock.nowMs(), () => !isAway(outage(), clock.nowMs()) && comeBack())
  return world
}

const isAway = (outage: Outage | undefined, nowMs: number) => outage !== undefined && (outage.untilMs === null || outage.untilMs > nowMs)

async function suffer(rule: FateRule, of: FateOf, { clock, random, journal }: FakeWorldOptions): Promise<void> {
  if (rule.kind === 'slow') {
    const takesMs = rule.fromMs + Math.floor(random() * (rule.toMs - rule.fromMs + 1))
    of.call.progress?.(0, `fake: ${of.operation} takes ${takesMs} ms`)
    await delay(clock, takesMs, of.call.signal)
  }
  if (rule.kind === 'hang') await untilAborted(of.call.signal)
  if (rule.kind === 'fail' && count(journal, of.resource, of.operation) <= rule.times) throw new HostError(rule.code, rule.message)
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason)
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

const triesKey = (resource: string) => `tries/${resource}`

/** Counts one more of something that a fate must remember of a resource, and says how often it has been. */
function count(journal: Journal, resource: string, what: string): number {
  const counts = journal.get<Record<string, number>>(triesKey(resource)) ?? {}
  const times = (counts[what] ?? 0) + 1
  journal.put(triesKey(resource), { ...counts, [what]: times })
  return times
}

/** Forgets what fates remembered of a resource that is gone. */
export const forgetTries = (journal: Journal, resource: string): void => journal.put(triesKey(resource), undefined)
