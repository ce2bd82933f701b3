// F3, F8: patterns of users, and loops over rows.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cpuMs } from '../../test/support/cpu.ts'
import { Budget } from './budget.ts'
import { compilePattern, literally, PatternError } from './pattern.ts'

test('F8 patterns match where the language’s own would', () => {
  const cases: [string, string, boolean][] = [
    ['^.*\\-instance\\-[0-9]+$', 'Filter-instance-12', true],
    ['^.*\\-instance\\-[0-9]+$', 'instance', false],
    ['web', 'my-WEB-1', true],
    ['^a(b|c)*d?$', 'abcbc', true],
    ['^a{2,3}$', 'aaaa', false],
    ['^a{2,}$', 'aaaa', true],
    ['[^a-c]', 'abc', false],
    ['10\\.0\\.', '10.0.0.4', true],
    ['', 'x', true],
    ['\\bweb\\b', 'a web b', true],
    ['\\bweb\\b', 'awebb', false],
    ['\\.', 'a', false],
  ]
  for (const [pattern, text, expected] of cases)
    assert.equal(compilePattern(pattern, { ignoreCase: true }).matches(text), expected, `${pattern} on ${text}`)
})

test('F8 it agrees with the language’s own on small patterns', () => {
  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '(a|b)', '(?:ab)', '^', '$')
  const piece = fc
    .tuple(atom, fc.constantFrom('', '', '*', '+', '?', '{1,2}'))
    .map(([what, times]) => (what === '^' || what === '$' ? what : what + times))
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 5 }), fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 }), (pieces, letters) => {
      const [source, text] = [pieces.join(''), letters.join('')]
      assert.equal(compilePattern(source).matches(text), new RegExp(source).test(text), `/${source}/ on '${text}'`)
    }),
  )
})

const cruel = [
  '^(a+)+$',
  '(a|aa)+$',
  '(.*a){10}',
  '.*.*.*.*=.*',
  '(a{1,30}){1,20}',
  '((a{0,30}){0,20})x',
  '(a*)*b',
  '[a-z]+.*[0-9]+$',
  `${'a?'.repeat(200)}${'a'.repeat(200)}`,
]

test('F8 what would keep the language’s own busy for ever costs less than 20 ms for a name of 255 characters', () => {
  for (const source of cruel) {
    const pattern = compilePattern(source, { ignoreCase: true })
    assert.ok(cpuMs(() => void pattern.matches(`${'a'.repeat(254)}!`), 5) < 20, source)
  }
})

test('F8 what is no pattern, or one too large, is refused', () => {
  for (const source of ['(', ')', '[', '*a', '((a{0,50}){0,50}){0,50}', 'a{1,99}'.repeat(60), 'x'.repeat(1_001)])
    assert.throws(() => compilePattern(source), PatternError, source)
})

test('F3 a quoted text means only itself', () => {
  fc.assert(fc.property(fc.string(), (text) => compilePattern(`^${literally(text)}$`).matches(text)))
  assert.equal(compilePattern(`^${literally('a.*(b)')}$`).matches('axx(b)'), false)
})

test('F8 a loop over many rows lets others go on', async () => {
  const budget = new Budget()
  let others = 0
  const timer = setInterval(() => others++, 0)
  let turns = 0
  for (let row = 0; row < 5_000; row++) {
    const turn = budget.take(255 * 10)
    if (turn) turns++
    await turn
  }
  clearInterval(timer)
  assert.equal(turns, 50)
  assert.ok(others > 0)
})
