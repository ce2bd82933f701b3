// Times that come back in a query find what showed them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { momentsOf } from './shown-time.ts'

const second = Date.parse('2026-11-30T10:00:06Z')

test('clients 7 a time without a fraction stands for its whole second, in every way that services write it', () => {
  for (const text of [
    '2026-11-30T10:00:06Z',
    '2026-11-30T10:00:06',
    '2026-11-30 10:00:06',
    '2026-11-30T10:00:06.000000',
    '2026-11-30T10:00:06+00:00',
    '2026-11-30T12:00:06+02:00',
  ]) {
    assert.deepEqual(momentsOf(text), { firstMs: second, lastMs: second + 999 }, text)
  }
})

test('clients 7 a time with a fraction is one moment', () => {
  assert.deepEqual(momentsOf('2026-11-30T10:00:06.123000'), { firstMs: second + 123, lastMs: second + 123 })
})

test('what is no time is null', () => {
  for (const text of ['', 'soon', '2026-13-45T00:00:00Z']) assert.equal(momentsOf(text), null, text)
})
