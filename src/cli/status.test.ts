import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roomText } from './status.ts'

test('first use 11: status says what a full disk means', () => {
  const totalBytes = 100 * 2 ** 30
  assert.equal(roomText({ freeBytes: 50 * 2 ** 30, totalBytes }), '50.0 GiB free of 100.0')
  assert.match(roomText({ freeBytes: 2 ** 29, totalBytes }), /^NEARLY FULL \(0\.5 GiB free of 100\.0\)/)
  assert.match(roomText({ freeBytes: 0, totalBytes }), /^FULL .*: guests that write are paused, and go on by themselves/)
})
