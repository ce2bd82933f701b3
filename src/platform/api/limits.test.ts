import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseBody } from './body.ts'
import { checkQuery, isUnfit, limits } from './limits.ts'
import { Incoming } from './incoming.ts'

const refused = (text: string) => assert.throws(() => parseBody(text), { code: 'bad_request' }, text.slice(0, 80))

test('F15 what is nested too deeply is refused before it becomes objects, brackets in texts do not count', () => {
  refused('['.repeat(100_000))
  refused(`${'{"a":'.repeat(limits.depth + 1)}1${'}'.repeat(limits.depth + 1)}`)
  assert.deepEqual(parseBody(JSON.stringify({ a: '['.repeat(1_000) + '\\"' })), { a: '['.repeat(1_000) + '\\"' })
  parseBody(`${'['.repeat(limits.depth)}${']'.repeat(limits.depth)}`)
})

test('F28 lists, objects, texts and names have limits', () => {
  refused(JSON.stringify({ networks: Array.from({ length: limits.items + 1 }, () => ({})) }))
  refused(JSON.stringify({ a: 'x'.repeat(limits.characters + 1) }))
  refused(JSON.stringify({ ['k'.repeat(limits.keyCharacters + 1)]: 1 }))
  refused(JSON.stringify(Object.fromEntries(Array.from({ length: limits.properties + 1 }, (_, index) => [index, 1]))))
  parseBody(JSON.stringify({ networks: Array.from({ length: limits.items }, () => 1) }))
})

test('F16 NUL, escape codes and halves of pairs are refused wherever a text stands, line ends in names alone', () => {
  for (const odd of ['\\u0000', '\\u001b[2J', '\\u007f', '\\u009b2J', '\\ud800', '\\udc00x']) {
    refused(`{"server":{"name":"a${odd}"}}`)
    refused(`{"metadata":{"k":["a${odd}"]}}`)
    refused(`{"metadata":{"k${odd}":"a"}}`)
  }
  refused('{"name":"a\\nb"}')
  assert.deepEqual(parseBody('{"description":"a\\n\\tb","name":"ä 💥"}'), { description: 'a\n\tb', name: 'ä 💥' })
  assert.deepEqual(['a', '\u0000', '\u001b', '💥', '\ud83d'].map(isUnfit), [false, true, true, false, true])
})

test('F11 __proto__ is no property of a body, constructor is one', () => {
  refused('{"a":{"__proto__":{"x":1}}}')
  assert.deepEqual(Object.keys(parseBody('{"constructor":"x"}') as object), ['constructor'])
})

test('F15 a query of thousands of parameters is refused, F11 its names are only names', () => {
  const queryOf = (query: string) => new Incoming({ url: `/x?${query}`, method: 'GET', headers: {} } as never).query()
  assert.throws(() => checkQuery(queryOf('a=1&'.repeat(3_000))), { code: 'bad_request' })
  assert.throws(() => checkQuery(queryOf(Array.from({ length: 3_000 }, (_, index) => `a${index}=1`).join('&'))), { code: 'bad_request' })
  assert.throws(() => checkQuery(queryOf('name=%00')), { code: 'bad_request' })
  const query = queryOf('constructor=x&__proto__=y&a=1&a=2')
  assert.deepEqual(Object.entries(query), [
    ['constructor', 'x'],
    ['__proto__', 'y'],
    ['a', ['1', '2']],
  ])
  assert.equal(query['toString'], undefined)
})
