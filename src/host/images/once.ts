// Fetches a thing once, however many ask at the same time. When the one who fetches is cancelled, the next in line
// fetches anew instead of failing with somebody else's cancellation.
import type { Call } from '../../contract/call.ts'
import { unlessAborted } from '../../platform/silence.ts'

export type Once<T> = (key: string, call: Call, work: () => Promise<T>) => Promise<T>

export function createOnce<T>(): Once<T> {
  const running = new Map<string, { promise: Promise<T>; call: Call }>()
  return async function once(key, call, work): Promise<T> {
    const other = running.get(key)
    if (other) {
      try {
        return await unlessAborted(other.promise, call.signal)
      } catch (error) {
        call.signal?.throwIfAborted()
        if (!other.call.signal?.aborted) throw error
        return once(key, call, work)
      }
    }
    const promise = work()
    running.set(key, { promise, call })
    try {
      return await promise
    } finally {
      running.delete(key)
    }
  }
}
