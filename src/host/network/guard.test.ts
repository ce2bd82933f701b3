// The look at what stands, on a clock that the test turns.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../../platform/clock.ts'
import { createGuard } from './guard.ts'

/** Runs what waits, and says for how long it waited. */
function turnedClock(): Clock & { turn(): Promise<number> } {
  let waiting: { ms: number; fn: () => void } | null = null
  return {
    nowMs: () => 0,
    after(ms, fn) {
      const mine = { ms, fn }
      waiting = mine
      return { cancel: () => void (waiting === mine && (waiting = null)) }
    },
    async turn() {
      const { ms, fn } = waiting ?? { ms: -1, fn: () => undefined }
      waiting = null
      fn()
      await new Promise(setImmediate)
      return ms
    },
  }
}

test('a watcher hears of what is gone within two seconds, of what stays gone ever more rarely, and of nothing while all stands', async () => {
  const clock = turnedClock()
  let stands = true
  let told = 0
  const guard = createGuard(clock, async () => stands)
  const stop = guard.watch(() => (told += 1))
  assert.deepEqual([await clock.turn(), await clock.turn(), told], [2_000, 2_000, 0])
  stands = false
  const waits: number[] = []
  for (let look = 0; look < 7; look++) waits.push(await clock.turn())
  assert.deepEqual([waits, told], [[2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000], 7])
  stands = true
  assert.deepEqual([await clock.turn(), await clock.turn(), told], [60_000, 2_000, 7])
  guard.changed()
  assert.equal(told, 8)
  stop()
  guard.changed()
  assert.equal(told, 8)
  guard.close()
  assert.equal(await clock.turn(), -1, 'nothing waits after the close')
})

test('what cannot be looked at is told of, and a guard that is closed in the midst of a look says nothing more', async () => {
  const clock = turnedClock()
  let told = 0
  const guard = createGuard(clock, () => Promise.reject(new Error('no /proc')))
  guard.watch(() => (told += 1))
  await clock.turn()
  assert.equal(told, 1)
  const looking = clock.turn()
  guard.close()
  await looking
  assert.deepEqual([told, await clock.turn()], [1, -1])
})
