// The door of logins, on a clock that the test moves.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../../platform/clock.ts'
import { ApiError, unauthorized } from '../../platform/errors.ts'
import { LoginGate, sourceOf } from './gate.ts'

function setUp(limits = { loginFailuresPerSecond: 20, loginsPerAddress: 200 }) {
  let nowMs = 1_000_000
  const timers: { atMs: number; fn: () => void }[] = []
  const clock: Clock = {
    nowMs: () => nowMs,
    after(ms, fn) {
      timers.push({ atMs: nowMs + ms, fn })
      return { cancel() {} }
    },
  }
  const gate = new LoginGate(clock, limits)
  const answeredAt: number[] = []
  return {
    gate,
    answeredAt,
    /** a login that fails after so long, and notes when it is answered */
    fail(address: string, afterMs = 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      if (afterMs === 0) resolve()
      else clock.after(afterMs, resolve)
      const work = async () => {
        await promise
        throw unauthorized()
      }
      return gate.pass(address, work).catch(() => void answeredAt.push(nowMs - 1_000_000))
    },
    async goTo(ms: number) {
      await new Promise((resolve) => setImmediate(resolve))
      for (;;) {
        const [next] = timers.filter(({ atMs }) => atMs <= 1_000_000 + ms).sort((a, b) => a.atMs - b.atMs)
        if (!next) break
        timers.splice(timers.indexOf(next), 1)
        nowMs = next.atMs
        next.fn()
        await new Promise((resolve) => setImmediate(resolve))
      }
      nowMs = 1_000_000 + ms
    },
  }
}

test('F13 attack-13: a failure is answered at a time that does not tell how far it came', async () => {
  const { fail, goTo, answeredAt } = setUp()
  const all = [fail('192.0.2.1'), fail('192.0.2.2', 40), fail('192.0.2.3', 140)]
  await goTo(149)
  assert.deepEqual(answeredAt, [])
  await goTo(200)
  await Promise.all(all)
  assert.deepEqual(answeredAt, [150, 150, 150])
})

test('F13 failing logins of one address are answered at a rate, those of another are not held up', async () => {
  const { fail, goTo, answeredAt } = setUp()
  const first = Array.from({ length: 40 }, () => fail('192.0.2.1'))
  await goTo(150)
  assert.deepEqual(answeredAt, [150])
  const second = [fail('192.0.2.1'), fail('192.0.2.2')]
  await goTo(5000)
  await Promise.all([...first, ...second])
  // 20 a second, one after the other
  assert.deepEqual(
    answeredAt.toSorted((a, b) => a - b),
    [...Array.from({ length: 41 }, (_, index) => 150 + index * 50), 300].toSorted((a, b) => a - b),
  )
})

test('F13 logins that succeed hold up no failure', async () => {
  const { gate, fail, goTo, answeredAt } = setUp()
  await Promise.all(Array.from({ length: 40 }, () => gate.pass('192.0.2.1', async () => 'in')))
  const failing = fail('192.0.2.1')
  await goTo(1000)
  await failing
  assert.deepEqual(answeredAt, [150])
})

test('F13 of one address only so many are let in at once: 429 with Retry-After, and others are let in', async () => {
  const { gate, fail, goTo } = setUp({ loginFailuresPerSecond: 1, loginsPerAddress: 3 })
  const flood = [1, 2, 3].map(() => fail('192.0.2.1'))
  await assert.rejects(
    gate.pass('192.0.2.1', async () => 'in'),
    (error: ApiError) => error.code === 'too_many_requests' && Number(error.headers['retry-after']) >= 1,
  )
  assert.equal(await gate.pass('192.0.2.2', async () => 'in'), 'in')
  await goTo(60_000)
  await Promise.all(flood)
  assert.equal(await gate.pass('192.0.2.1', async () => 'in'), 'in')
  assert.deepEqual(gate.counts, { accepted: 2, refused: 3, limited: 1 })
  assert.equal(gate.pending, 0)
})

test('F13 an IPv6 host is one client whatever address of its network it takes', () => {
  assert.equal(sourceOf('2001:db8:1:2:3::1'), sourceOf('2001:db8:1:2::ffff'))
  assert.notEqual(sourceOf('2001:db8:1:2::1'), sourceOf('2001:db8:1:3::1'))
  assert.equal(sourceOf('::1'), '0:0:0:0::/64')
  assert.equal(sourceOf('::ffff:192.0.2.1'), '::ffff:192.0.2.1')
})
