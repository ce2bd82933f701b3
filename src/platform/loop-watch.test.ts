import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { loopFigures, watchLoop } from './loop-watch.ts'
import { silentLog, type Log } from './log.ts'

test('F2 a loop that is held for longer than 200 ms is counted and logged', { timeout: 10_000 }, async () => {
  const told: unknown[] = []
  const log: Log = { ...silentLog, warn: (fields) => void told.push(fields) }
  const figures = loopFigures(new Map())
  const stop = watchLoop(log, figures)
  try {
    await wait(50)
    const end = performance.now() + 300
    while (performance.now() < end) Math.sqrt(end)
    while (figures.holds === 0) await wait(10)
    assert.ok(figures.longestMs > 200)
    assert.ok(told.length >= 1)
  } finally {
    stop()
  }
})
