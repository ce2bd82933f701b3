import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readLiteral, readPairs } from './python-literal.ts'

const pairs = (text: string) => {
  const read = readPairs(text)
  return read && Object.fromEntries(read)
}

test('clients 6 what Python prints is read as Python reads it', () => {
  const plain: [string, unknown][] = [
    ["'a'", 'a'],
    ['"it\'s"', "it's"],
    ["u'a\\'b\\\\'", "a'b\\"],
    ["'\\u00e9\\x41'", 'éA'],
    ['5', 5],
    ['-1.5e3', -1500],
    ['True', true],
    ['None', null],
    ["['a', 'b']", ['a', 'b']],
    ["('a',)", ['a']],
    ["('a')", 'a'],
    ["{'a', 'b'}", ['a', 'b']],
    ['[]', []],
    ['()', []],
    [' [ 1 , 2 , ] ', [1, 2]],
  ]
  for (const [text, value] of plain) assert.deepEqual(readLiteral(text), value, text)
  for (const text of [
    '',
    'true',
    'null',
    'available',
    "'a",
    "{'a': }",
    '[1 2]',
    '[,]',
    '1,2',
    "{'a': 1, 2}",
    '[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]',
    '0x',
    '__import__',
  ]) {
    assert.equal(readLiteral(text), undefined, text)
  }
})

test('clients 6 metadata filters are dictionaries, whatever their keys are called', () => {
  assert.deepEqual(pairs(`{'a': 'b', "c": u'd', 'n': 1, 't': True}`), { a: 'b', c: 'd', n: '1', t: 'True' })
  assert.deepEqual(
    [...(readPairs("{'__proto__': 'x', 'constructor': 'y'}") ?? [])],
    [
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ],
  )
  assert.deepEqual(pairs('{}'), {})
  for (const text of ['a', "['a']", '{"a": true}', "{'a'}", "{['a']: 'b'}"]) assert.equal(pairs(text), undefined, text)
})

test('clients 6 a megabyte of a literal is one pass', () => {
  for (const text of [
    '['.repeat(1_000_000),
    "'".repeat(1_000_001),
    '\\'.repeat(1_000_000),
    `[${'1,'.repeat(300_000)}`,
    '{'.repeat(1_000_000),
  ])
    assert.equal(readLiteral(text), undefined)
})
