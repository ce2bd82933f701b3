// clients 6: booleans, none and fixed words in every spelling that upstream's readers take.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  isNoneWord,
  keystoneBoolean,
  keystoneSwitch,
  lenientBoolean,
  publicFilter,
  readBoolean,
  strictBoolean,
  unrecognized,
  wordOf,
} from './words.ts'

/** as it is, capitalised, shouted, and with blanks around it */
const spellings = (word: string) => [word, word.toUpperCase(), word.charAt(0).toUpperCase() + word.slice(1), ` ${word}\t`]

test('clients 6: yes and no are read in every spelling that oslo takes', () => {
  for (const word of ['1', 't', 'true', 'on', 'y', 'yes'])
    for (const spelled of spellings(word)) assert.equal(strictBoolean(spelled), true, spelled)
  for (const word of ['0', 'f', 'false', 'off', 'n', 'no'])
    for (const spelled of spellings(word)) assert.equal(strictBoolean(spelled), false, spelled)
  for (const [value, read] of [
    [true, true],
    [false, false],
    [1, true],
    [0, false],
  ] as const)
    assert.equal(readBoolean(value), read)
})

test('clients 6: what cannot be read is refused by the strict reader and is the default of the lenient one', () => {
  for (const value of ['', 'ja', 'truely', '2', 'none', null, undefined, 7]) {
    assert.throws(() => strictBoolean(value), { code: 'bad_request', message: unrecognized(value) })
    assert.deepEqual([lenientBoolean(value), lenientBoolean(value, true)], [false, true])
  }
  assert.equal(
    unrecognized('x'),
    "Unrecognized value 'x', acceptable values are: '0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'",
  )
})

test('clients 6: none in any case is neither, and a public filter says so', () => {
  for (const word of ['none', 'None', 'NONE']) assert.deepEqual([isNoneWord(word), publicFilter(word)], [true, null])
  assert.deepEqual([publicFilter(undefined), publicFilter('TRUE'), publicFilter('f')], [true, true, false])
  assert.throws(() => publicFilter('a b'), { code: 'bad_request', message: 'Invalid is_public filter [a b]' })
})

test('clients 6: Keystone takes a filter that is only named for yes', () => {
  assert.deepEqual(
    ['', 'True', '0', 'FALSE', 'off'].map((word) => keystoneBoolean('enabled', word)),
    [true, true, false, false, false],
  )
  assert.throws(() => keystoneBoolean('enabled', 'anything'), { status: 400 })
  assert.deepEqual([undefined, '', '1', 'false', '0'].map(keystoneSwitch), [false, true, true, true, false])
})

test('clients 6: a fixed word is found in any case', () => {
  assert.equal(wordOf(['DHCP agent', 'L3 agent'], 'dhcp AGENT'), 'DHCP agent')
  assert.equal(wordOf(['a'], 'b'), undefined)
})
