import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lanes, rateFor, ratesOf } from './rates.ts'

test('a rate is for a size and what is larger, on a line to the next', () => {
  const rates = ratesOf({ 200: 50, 100: 100 })
  assert.equal(rateFor(rates, 99), null)
  assert.equal(rateFor(rates, 100), 100)
  assert.equal(rateFor(rates, 150), 75)
  assert.equal(rateFor(rates, 5000), 50)
  assert.equal(rateFor([], 5), null)
})

test('who comes too often waits, and too long a wait is refused without taking a turn', () => {
  const lanes = new Lanes()
  const turn = (nowMs: number) => lanes.turn('a', { rate: 10, nowMs, mostMs: 250 })
  assert.deepEqual([turn(100_000), turn(100_000), turn(100_000)], [0, 100, 200])
  assert.equal(turn(100_000), null)
  assert.equal(turn(100_100), 200)
  assert.equal(lanes.turn('b', { rate: 10, nowMs: 100_000, mostMs: 250 }), 0)
})

test('some seconds that were not used may be made up for, more are lost', () => {
  const lanes = new Lanes()
  const turn = (nowMs: number) => lanes.turn('a', { rate: 1, nowMs, mostMs: 60_000 })
  turn(100_000)
  assert.deepEqual([turn(104_000), turn(104_000), turn(104_000), turn(104_000)], [0, 0, 0, 0])
  assert.deepEqual([turn(200_000), turn(200_000)], [0, 1000])
})
