// The clock that processes on one database share: the database's, whatever their machines' clocks say.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestPostgres, postgresMissing } from '../../../test/support/postgres.ts'
import { systemClock, type SteadyClock } from '../clock.ts'
import { silentLog } from '../log.ts'
import { databaseClock, postgresNowMs } from './database-clock.ts'

const databaseMs = Date.UTC(2026, 0, 1)

/** Time that passes when told to, a machine's clock that is an hour off, and a database that answers after `answerMs`. */
function place(options: { answerMs?: number } = {}) {
  const timers = new Set<{ atMs: number; fn: () => void }>()
  const state = { passedMs: 5_000, answerMs: options.answerMs ?? 0, asked: 0, fails: false, setMs: 0 }
  const own: SteadyClock = {
    nowMs: () => databaseMs + 3_600_000 + state.passedMs,
    steadyMs: () => state.passedMs,
    after(ms, fn) {
      const timer = { atMs: state.passedMs + ms, fn }
      timers.add(timer)
      return { cancel: () => void timers.delete(timer) }
    },
  }
  /** half of the time under way passes before the database looks at its clock, half after */
  const read = async () => {
    state.asked++
    if (state.fails) throw new Error('the database is away')
    const nowMs = databaseMs + state.setMs + state.passedMs + state.answerMs / 2
    state.passedMs += state.answerMs
    return nowMs
  }
  const pass = async (ms: number) => {
    const endMs = state.passedMs + ms
    for (let next = earliest(); next && next.atMs <= endMs; next = earliest()) {
      timers.delete(next)
      state.passedMs = Math.max(state.passedMs, next.atMs)
      next.fn()
      await new Promise((resolve) => setImmediate(resolve))
    }
    state.passedMs = Math.max(state.passedMs, endMs)
  }
  const earliest = () => [...timers].sort((a, b) => a.atMs - b.atMs)[0]
  return { own, read, state, pass, trueMs: () => databaseMs + state.passedMs, parts: { own, read, log: silentLog } }
}

test('it is the time that the database says, half of the answer’s way allowed for', async () => {
  const { parts, trueMs } = place({ answerMs: 400 })
  const clock = await databaseClock(parts)
  assert.equal(clock.nowMs(), trueMs())
})

test('it goes on between two questions, and the next answer tells when the clock was set', async () => {
  const { parts, pass, state, trueMs } = place()
  const clock = await databaseClock(parts)
  state.setMs = 70_000
  await pass(9_999)
  assert.equal(clock.nowMs(), trueMs())
  await pass(1)
  assert.equal(clock.nowMs(), trueMs() + 70_000)
})

test('an answer that was long under way is not believed', async () => {
  const { parts, pass, state, trueMs } = place()
  const clock = await databaseClock(parts)
  Object.assign(state, { setMs: 70_000, answerMs: 1_001 })
  await pass(10_000)
  assert.equal(state.asked, 2)
  assert.equal(clock.nowMs(), trueMs())
})

test('a process that never hears the time soon enough does not start', async () => {
  const { parts, pass, state } = place({ answerMs: 1_001 })
  const refused = assert.rejects(databaseClock(parts), /took more than 1000 ms to say what time it is, 10 times/)
  for (let turn = 0; turn < 20; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    await pass(500)
  }
  await refused
  assert.equal(state.asked, 10)
})

test('while the database is away the time goes on, and it is asked until it is back; after the stop no more', async () => {
  const { parts, pass, state, trueMs } = place()
  const clock = await databaseClock(parts)
  state.fails = true
  await pass(30_000)
  assert.equal(state.asked, 4)
  assert.equal(clock.nowMs(), trueMs())
  clock.stop()
  await pass(30_000)
  assert.equal(state.asked, 4)
})

test('PostgreSQL says its time in milliseconds', { skip: postgresMissing }, async () => {
  const store = await openTestPostgres()
  try {
    const before = systemClock.nowMs()
    const told = await postgresNowMs(store)
    // on one machine there is one clock
    assert.ok(Math.abs(told - before) < 60_000, `${told} beside ${before}`)
  } finally {
    await store.close()
  }
})
