import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestClock } from '../../test/support/test-clock.ts'
import { silentLog } from '../platform/log.ts'
import { tryLater } from './try-later.ts'

const minute = 60_000

test('it is tried ever more rarely, at most an hour apart, and no more once it worked', async () => {
  const clock = createTestClock()
  const start = clock.nowMs()
  const triedAt: number[] = []
  tryLater({
    what: 'it',
    clock,
    log: silentLog,
    async attempt() {
      triedAt.push((clock.nowMs() - start) / minute)
      if (triedAt.length < 9) throw new Error('not yet')
    },
  })
  await clock.advance(100 * 60 * minute)
  assert.deepEqual(triedAt, [1, 3, 7, 15, 31, 63, 123, 183, 243])
})

test('what never works is abandoned', async () => {
  const clock = createTestClock()
  let tried = 0
  tryLater({ what: 'it', clock, log: silentLog, attempt: async () => assert.fail(`try ${++tried}`) })
  await clock.advance(100 * 60 * minute)
  assert.equal(tried, 24)
})

test('stop ends the attempt that is under way and plans no other', async () => {
  const clock = createTestClock()
  let tried = 0
  const later = tryLater({
    what: 'it',
    clock,
    log: silentLog,
    attempt: (signal) =>
      new Promise((_, reject) => {
        tried += 1
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
  })
  await clock.advance(minute)
  await later.stop()
  await clock.advance(100 * minute)
  assert.equal(tried, 1)
})
