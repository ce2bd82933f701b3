import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dueUs, expirationOf, isAbortDue, isMarkerDue, isNoncurrentDue, ruleMeans, type LifecycleRule } from './rules.ts'

const day = 86_400_000_000
const rule = (more: Partial<LifecycleRule> = {}): LifecycleRule => ({ id: 'r', enabled: true, filter: {}, ...more })
const object = (more: object = {}) => ({ name: 'logs/a', bytes: 10, tags: {}, writtenUs: day / 2, ...more })

test('days end at the midnight after them', () => {
  assert.equal(dueUs(day / 2, 1), 2 * day)
  assert.equal(dueUs(day, 1), 2 * day)
})

test('a rule means objects by prefix, tags and size, all of them', () => {
  assert.ok(ruleMeans(rule(), object()))
  assert.ok(!ruleMeans(rule({ filter: { prefix: 'tmp/' } }), object()))
  assert.ok(ruleMeans(rule({ filter: { prefix: 'logs/', tags: { a: 'b' } } }), object({ tags: { a: 'b', c: 'd' } })))
  assert.ok(!ruleMeans(rule({ filter: { tags: { constructor: 'b' } } }), object()))
  assert.ok(!ruleMeans(rule({ filter: { sizeOver: 10 } }), object()))
  assert.ok(!ruleMeans(rule({ filter: { sizeUnder: 10 } }), object()))
})

test('the earliest rule that is on ends an object', () => {
  const rules = [
    rule({ id: 'off', enabled: false, expireDays: 1 }),
    rule({ id: 'late', expireDays: 9 }),
    rule({ id: 'early', expireDays: 2 }),
  ]
  assert.deepEqual(expirationOf(rules, object()), { atUs: 3 * day, ruleId: 'early' })
  assert.deepEqual(expirationOf([rule({ expireAtUs: 5 })], object()), { atUs: 5, ruleId: 'r' })
  assert.equal(expirationOf([rule({ abortDays: 1 })], object()), undefined)
})

test('of versions that are not current the newest may stay', () => {
  const rules = [rule({ noncurrentDays: 1, noncurrentKeep: 2 })]
  const version = (newer: number) => ({ ...object(), sinceUs: 0, newer })
  assert.ok(!isNoncurrentDue(rules, version(1), 10 * day))
  assert.ok(isNoncurrentDue(rules, version(2), 10 * day))
  assert.ok(!isNoncurrentDue(rules, version(2), day / 2))
})

test('uploads are aborted by prefix and age, markers that hide nothing go', () => {
  assert.ok(isAbortDue([rule({ abortDays: 1, filter: { prefix: 'a' } })], { name: 'ab', createdUs: 0 }, 2 * day))
  assert.ok(!isAbortDue([rule({ abortDays: 1, filter: { prefix: 'a' } })], { name: 'b', createdUs: 0 }, 2 * day))
  assert.ok(!isAbortDue([rule({ abortDays: 3 })], { name: 'b', createdUs: 0 }, 2 * day))
  assert.ok(isMarkerDue([rule({ expireMarkers: true })], { name: 'a', writtenUs: 0 }, 0))
  assert.ok(isMarkerDue([rule({ expireDays: 1 })], { name: 'a', writtenUs: 0 }, 2 * day))
  assert.ok(!isMarkerDue([rule({ noncurrentDays: 1 })], { name: 'a', writtenUs: 0 }, 9 * day))
})
