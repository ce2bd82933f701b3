// A clock for tests that moves only when it is told to: no test of the fake host waits for real time.
import type { Clock } from '../../src/platform/clock.ts'

export interface TestClock extends Clock {
  /** Moves on by `ms`, calling back what falls due on the way, in order, with all awaits in between run dry. */
  advance(ms: number): Promise<void>
}

export function createTestClock(startMs = 1_700_000_000_000): TestClock {
  let nowMs = startMs
  let serial = 0
  const due: { atMs: number; serial: number; fn: () => void }[] = []
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  return {
    nowMs: () => nowMs,
    after(ms, fn) {
      const entry = { atMs: nowMs + ms, serial: serial++, fn }
      due.push(entry)
      return {
        cancel() {
          const at = due.indexOf(entry)
          if (at >= 0) due.splice(at, 1)
        },
      }
    },
    async advance(ms) {
      const end = nowMs + ms
      for (;;) {
        await settle()
        due.sort((a, b) => a.atMs - b.atMs || a.serial - b.serial)
        const next = due[0]
        if (!next || next.atMs > end) break
        due.shift()
        nowMs = Math.max(nowMs, next.atMs)
        next.fn()
      }
      nowMs = end
      await settle()
    },
  }
}
