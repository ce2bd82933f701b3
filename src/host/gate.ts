// The one way into a host's resource: calls on the same resource run one after another, and a call whose
// fence is older than the newest one seen is refused, at the door and again between its steps.
// Fences outlive the resource (a late "create" of an old owner must not bring back what was deleted), so they
// lie in the host's own journal; the newest 20,000 are kept.
import { type Call, HostError } from '../contract/call.ts'
import type { Journal } from './journal.ts'
import { fileFailure } from './tools.ts'

const keptFences = 20_000

export interface Gate {
  /** Runs `work` alone on the resource. `check` throws when the call was overtaken or cancelled: call it between steps. */
  enter<T>(resource: string, call: Call, work: (check: () => void) => Promise<T>): Promise<T>
  /** Waits for its turn, without a fence: for reads that must not meet a change half way. */
  read<T>(resource: string, work: () => Promise<T>): Promise<T>
}

export function createGate(journal: Journal): Gate {
  const turns = new Map<string, Promise<unknown>>()
  let count = journal.keys('fence/').length

  const inTurn = async <T>(resource: string, work: () => Promise<T>): Promise<T> => {
    const before = turns.get(resource)
    const mine = (async () => {
      if (before) await before.catch(() => undefined) // its own caller hears of its failure
      return work()
    })()
    turns.set(resource, mine)
    try {
      return await mine
    } finally {
      if (turns.get(resource) === mine) turns.delete(resource)
    }
  }

  const forgetOldest = () => {
    const fences = journal.keys('fence/').map((key) => ({ key, fence: journal.get<number>(key) ?? 0 }))
    fences.sort((a, b) => a.fence - b.fence)
    for (const { key } of fences.slice(0, fences.length - keptFences / 2)) journal.put(key, undefined)
    count = keptFences / 2
  }

  return {
    async enter(resource, call, work) {
      const key = `fence/${resource}`
      const check = () => {
        const newest = journal.get<number>(key) ?? 0
        if (call.fence < newest) throw new HostError('stale_fence', `${resource}: fence ${call.fence} was overtaken by ${newest}`)
        call.signal?.throwIfAborted()
      }
      check()
      const seen = journal.get<number>(key)
      if (seen === undefined && ++count > keptFences) forgetOldest()
      if (seen !== call.fence) {
        try {
          journal.put(key, call.fence)
          await journal.sync()
        } catch (error) {
          throw fileFailure(error)
        }
      }
      return inTurn(resource, async () => {
        check()
        return work(check)
      })
    },
    read: inTurn,
  }
}
