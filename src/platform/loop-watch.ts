// Everything is answered on one thread: whatever keeps it for longer than a fifth of a second keeps everybody waiting.
// That is counted, logged and shown in the metrics, so that nobody has to guess why a cloud stood still.
import { cache } from './context.ts'
import type { Log } from './log.ts'

export interface LoopFigures {
  /** times longer than the limit, since the process began */
  holds: number
  longestMs: number
}

const limitMs = 200
/** The watch looks at the clock so often: what comes later than that was held. */
const periodMs = 25

export const loopFigures = (caches: Map<string, unknown>): LoopFigures =>
  cache({ caches }, 'platform.loop', (): LoopFigures => ({ holds: 0, longestMs: 0 }))

/** Watches until the returned function is called. */
export function watchLoop(log: Log, figures: LoopFigures): () => void {
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    const heldMs = Math.round(now - last - periodMs)
    last = now
    if (heldMs <= limitMs) return
    figures.holds++
    figures.longestMs = Math.max(figures.longestMs, heldMs)
    log.warn({ heldMs }, 'the loop was held: nobody was answered meanwhile')
  }, periodMs)
  timer.unref()
  return () => clearInterval(timer)
}
