// How long a fetch waits for what does not come: no limit on the whole, which may be slow, but one on silence, so that a
// control process that stopped, or a network that was cut, does not keep for ever what waits for the image (a volume's gate).
import type { Clock, Timer } from '../../platform/clock.ts'
import { type Call, HostError } from '../../contract/call.ts'

/** looked at so often: silence is ended after one to two of these */
export const silenceMs = 30_000

export interface Patience {
  /** aborts with the call, or after too long a silence */
  signal: AbortSignal
  /** something has come */
  heard(): void
  /** nothing is waited for any more */
  end(): void
}

export function createPatience({ clock, call, what }: { clock: Clock; call: Call; what: string }): Patience {
  const ends = new AbortController()
  const onAbort = () => ends.abort(call.signal?.reason)
  if (call.signal?.aborted) onAbort()
  else call.signal?.addEventListener('abort', onAbort, { once: true })
  let isHeard = false
  const look = (): Timer =>
    clock.after(silenceMs, () => {
      if (!isHeard) return ends.abort(new HostError('unreachable', `${what} stalled: nothing came for ${silenceMs / 1000} seconds`))
      isHeard = false
      timer = look()
    })
  let timer = look()
  return {
    signal: ends.signal,
    heard: () => void (isHeard = true),
    end() {
      timer.cancel()
      call.signal?.removeEventListener('abort', onAbort)
    },
  }
}

/** What the promise brings, or the signal's reason when that comes first. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const onAbort = () => aborted.reject(signal?.reason)
  if (signal?.aborted) onAbort()
  else signal?.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}
