import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lockHolds, retentionMayChange, retentionOf, type ObjectLock } from './lock.ts'

const governed: ObjectLock = { mode: 'GOVERNANCE', untilUs: 200 }
const complied: ObjectLock = { mode: 'COMPLIANCE', untilUs: 200 }

test('a retention holds until its time, governance only without a bypass, a legal hold always', () => {
  assert.equal(lockHolds(undefined, 100, false), false)
  assert.equal(lockHolds(governed, 100, false), true)
  assert.equal(lockHolds(governed, 100, true), false)
  assert.equal(lockHolds(governed, 200, false), false)
  assert.equal(lockHolds(complied, 100, true), true)
  assert.equal(lockHolds(complied, 201, false), false)
  assert.equal(lockHolds({ ...governed, hold: true }, 300, true), true)
})

test('compliance is never shortened nor weakened, governance only with a bypass; longer is always right', () => {
  const now = { nowUs: 100, bypassGovernance: false }
  const bypass = { nowUs: 100, bypassGovernance: true }
  assert.equal(retentionMayChange(complied, { mode: 'COMPLIANCE', untilUs: 300 }, now), true)
  assert.equal(retentionMayChange(complied, { mode: 'COMPLIANCE', untilUs: 150 }, bypass), false)
  assert.equal(retentionMayChange(complied, { mode: 'GOVERNANCE', untilUs: 300 }, bypass), false)
  assert.equal(retentionMayChange(complied, {}, bypass), false)
  assert.equal(retentionMayChange(governed, { mode: 'GOVERNANCE', untilUs: 300 }, now), true)
  assert.equal(retentionMayChange(governed, { mode: 'COMPLIANCE', untilUs: 300 }, now), true)
  assert.equal(retentionMayChange(governed, { mode: 'GOVERNANCE', untilUs: 150 }, now), false)
  assert.equal(retentionMayChange(governed, {}, now), false)
  assert.equal(retentionMayChange(governed, {}, bypass), true)
  assert.equal(retentionMayChange(governed, {}, { nowUs: 500, bypassGovernance: false }), true)
})

test('a default retention counts days, or years of 365 days', () => {
  assert.deepEqual(retentionOf({ mode: 'GOVERNANCE', days: 2 }, 5), { mode: 'GOVERNANCE', untilUs: 2 * 86_400_000_000 + 5 })
  assert.equal(retentionOf({ mode: 'COMPLIANCE', years: 1 }, 0).untilUs, 365 * 86_400_000_000)
})
