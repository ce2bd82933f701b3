// Tries in the background what a start could do without: after a minute, then twice as late each time, at most an hour
// apart and 24 times. After that the next start tries.
import type { Clock, Timer } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'

const firstMs = 60_000
const longestMs = 3_600_000
const tries = 24

export interface Later {
  /** what is tried, for the log */
  what: string
  clock: Clock
  log: Log
  attempt(signal: AbortSignal): Promise<void>
}

/** Starts trying; `stop` ends it, and with it the attempt that is under way. */
export function tryLater({ what, clock, log, attempt }: Later): { stop(): Promise<void> } {
  const stopping = new AbortController()
  let timer: Timer
  let running: Promise<void> | undefined
  const schedule = (tried: number) => {
    const delayMs = Math.min(firstMs * 2 ** tried, longestMs)
    timer = clock.after(delayMs, () => void (running = run(tried)))
  }
  const run = async (tried: number): Promise<void> => {
    try {
      await attempt(stopping.signal)
      log.info({ tried: tried + 1 }, `${what} is there now`)
    } catch (error) {
      if (stopping.signal.aborted) return
      const isLast = tried + 1 >= tries
      log.warn({ err: error, tried: tried + 1 }, isLast ? `${what} is abandoned until the next start` : `${what} failed again`)
      if (!isLast) schedule(tried + 1)
    }
  }
  schedule(0)
  return {
    async stop() {
      stopping.abort(new Error('the cloud goes down'))
      timer.cancel()
      await running
    },
  }
}
