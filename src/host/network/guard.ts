// Looks every two seconds whether what the last pass made still stands, and tells when something of it is gone: a daemon
// that was killed, a device that somebody deleted. The look is the cheap one (0.3 ms for 100 ports) and changes nothing.
import type { Clock, Timer } from '../../platform/clock.ts'

const everyMs = 2_000
/** what cannot be mended is told of ever more rarely, as often as anybody looks anyway */
const rarelyMs = 60_000

export interface Guard {
  watch(onChange: () => void): () => void
  /** Tells of something that is known to have changed. */
  changed(): void
  close(): void
}

/** `stands` is asked between two changes of ours. */
export function createGuard(clock: Clock, stands: () => Promise<boolean>): Guard {
  const watchers = new Set<() => void>()
  let timer: Timer | null = null
  let waitMs = everyMs
  const changed = () => watchers.forEach((tell) => tell())
  const look = async () => {
    const whole = await stands().catch(() => false) // what cannot be looked at is applied again, and that says why
    if (timer === null) return
    if (!whole) changed()
    waitMs = whole ? everyMs : Math.min(waitMs * 2, rarelyMs)
    timer = clock.after(waitMs, () => void look())
  }
  return {
    watch(onChange) {
      watchers.add(onChange)
      timer ??= clock.after(everyMs, () => void look())
      return () => void watchers.delete(onChange)
    },
    changed,
    close() {
      timer?.cancel()
      timer = null
      watchers.clear()
    },
  }
}
