// Patterns of operators: Python's re.match, in linear time.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matchPattern } from './match-pattern.ts'

test('look-aheads before all else hold each for itself', () => {
  const { matches } = matchPattern('^(?=.*\\d)(?=.*[a-zA-Z]).{7,}$')
  assert.deepEqual(['secret1', 'secrets', '1234567', 'abc12', '7letters!'].map(matches), [true, false, false, false, true])
  const without = matchPattern('(?!.*(password|[)\\]]))[a-z)]{4,}')
  assert.deepEqual(['longer', 'mypassword', 'abc)d', 'abc'].map(without.matches), [true, false, false, false])
})

test('a pattern holds at the beginning, wherever it ends', () => {
  const { matches } = matchPattern('[a-z]{2}')
  assert.deepEqual(['ab', 'abc1', '1ab'].map(matches), [true, true, false])
})

test('what costs a backtracking engine exponential time costs nothing here', () => {
  assert.equal(matchPattern('^(a+)+$').matches(`${'a'.repeat(4000)}!`), false)
})

test('a pattern that cannot be read is refused', () => {
  for (const bad of ['(', '^(?=a', '[a', 'a(?=b)', '(a)\\1']) assert.throws(() => matchPattern(bad), Error, bad)
})
