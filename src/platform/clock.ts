// Time, passed in. Nothing else in the product reads the clock or sets a timer, so that a simulation can
// run the control plane on a virtual one.

export interface Timer {
  cancel(): void
}

export interface Clock {
  /** milliseconds since 1970 */
  nowMs(): number
  /** calls back once, after at least `ms`; the timer keeps the process alive only when somebody waits for an answer (`keep`) */
  after(ms: number, fn: () => void, keep?: boolean): Timer
}

/** A clock that can also say how much time has passed, also when somebody sets it meanwhile. */
export interface SteadyClock extends Clock {
  /** milliseconds since some moment */
  steadyMs(): number
}

/** The machine's clock. */
export const systemClock: SteadyClock = {
  nowMs: () => Date.now(),
  steadyMs: () => performance.now(),
  after(ms, fn, keep = false) {
    const handle = setTimeout(fn, ms)
    if (!keep) handle.unref()
    return { cancel: () => clearTimeout(handle) }
  },
}

/** Waits on the given clock; rejects at once when the signal aborts. */
export function delay(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    const onAbort = () => {
      timer.cancel()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** 2026-11-22T19:36:06Z: Nova's and Cinder's times carry no fraction. */
export const isoSeconds = (ms: number): string => new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z')

/** 2026-11-22T19:36:06.123000Z: Keystone's format. */
export const isoMicros = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z')

/** 2026-11-22T19:36:06.123Z: what rows hold; sorts as text. */
export const isoMillis = (ms: number): string => new Date(ms).toISOString()
