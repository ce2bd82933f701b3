// How long one waits for what does not come: no limit on the whole, which may be slow, but one on silence, so that a process that
// stopped, or a network that was cut, does not keep for ever what waits for it.
import type { Clock, Timer } from './clock.ts'

/** checked so often: silence is ended after one to two of these */
export const defaultSilenceMs = 30_000

export interface SilenceRules {
  clock: Clock
  silenceMs?: number | undefined
  /** the caller's: its end is the end of waiting too */
  signal?: AbortSignal | undefined
  /** the error that a silence of so many seconds is */
  stalled(seconds: number): Error
}

export interface Silence {
  /** aborts with the caller's signal, or after too long a silence */
  signal: AbortSignal
  /** something has come */
  progress(): void
  /** What node throws for an abort says nothing of why: the reason. */
  reasonOf(error: unknown): unknown
  /** nothing is waited for any more */
  end(): void
}

export function watchSilence({ clock, silenceMs = defaultSilenceMs, signal, stalled }: SilenceRules): Silence {
  const ends = new AbortController()
  const onAbort = () => ends.abort(signal?.reason)
  if (signal?.aborted) onAbort()
  else signal?.addEventListener('abort', onAbort, { once: true })
  let hasCome = false
  const check = (): Timer =>
    clock.after(silenceMs, () => {
      if (!hasCome) return ends.abort(stalled(silenceMs / 1000))
      hasCome = false
      timer = check()
    })
  let timer = check()
  return {
    signal: ends.signal,
    progress: () => void (hasCome = true),
    reasonOf: (error) => (ends.signal.aborted ? ends.signal.reason : error),
    end() {
      timer.cancel()
      signal?.removeEventListener('abort', onAbort)
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
