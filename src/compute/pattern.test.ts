import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compilePattern, PatternError } from './pattern.ts'

test('patterns match where the language’s own would', () => {
  const cases: [string, string, boolean][] = [
    ['^.*\\-instance\\-[0-9]+$', 'Filter-instance-12', true], ['^.*\\-instance\\-[0-9]+$', 'instance', false], ['web', 'my-WEB-1', true],
    ['^a(b|c)*d?$', 'abcbc', true], ['^a{2,3}$', 'aaaa', false], ['^a{2,}$', 'aaaa', true], ['[^a-c]', 'abc', false], ['10\\.0\\.', '10.0.0.4', true], ['', 'x', true],
  ]
  for (const [pattern, text, expected] of cases) assert.equal(compilePattern(pattern).matches(text), expected, `${pattern} on ${text}`)
})

test('it agrees with the language’s own on small patterns', () => {
  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '(a|b)', '(?:ab)', '^', '$')
  const piece = fc.tuple(atom, fc.constantFrom('', '', '*', '+', '?', '{1,2}')).map(([what, times]) => (what === '^' || what === '$' ? what : what + times))
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 5 }), fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 }), (pieces, letters) => {
      const [source, text] = [pieces.join(''), letters.join('')]
      assert.equal(compilePattern(source).matches(text), new RegExp(source, 'i').test(text), `/${source}/ on '${text}'`)
    }),
  )
})

test('a pattern that would keep the language’s own busy for ever is answered', () => {
  assert.equal(compilePattern('^(a+)+$').matches(`${'a'.repeat(200)}!`), false)
})

test('what is no pattern is refused', () => {
  for (const source of ['(', ')', '[', '*a', 'a{1,99}'.repeat(60)]) assert.throws(() => compilePattern(source).matches('x'), PatternError)
})
