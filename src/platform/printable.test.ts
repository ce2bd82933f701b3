import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { forTerminal, inLine } from './printable.ts'

test('F16 nothing that a terminal acts on is left, and all else stays as it is', () => {
  assert.equal(forTerminal('a\u001b[2Jb\n\tc\r\u009b1m\u202ed'), 'a\\u{1b}[2Jb\n\tc\\u{d}\\u{9b}1m\\u{202e}d')
  assert.equal(inLine('a\nDEAD: b\tc'), 'a\\u{a}DEAD: b\\u{9}c')
  assert.equal(forTerminal('naïve 名前 💥 ./stackling'), 'naïve 名前 💥 ./stackling')
  fc.assert(
    // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
    fc.property(fc.string({ unit: 'binary' }), (text) => !/[\u0000-\u001f\u007f-\u009f]/.test(inLine(text)) && inLine(text).isWellFormed()),
  )
})
