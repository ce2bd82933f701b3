import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listingType } from './accept.ts'
import { listingText, type ListingPage } from './listing-text.ts'

test('the parameter beats Accept, and a format that nobody knows is plain', () => {
  assert.equal(listingType('json', 'text/plain'), 'application/json')
  assert.equal(listingType('yaml', undefined), 'text/plain')
  assert.equal(listingType('', 'application/json'), 'application/json')
})

test('Accept: the most wanted, then what is named before what a star stands for', () => {
  assert.equal(listingType(null, undefined), 'text/plain')
  assert.equal(listingType(null, '*/*'), 'text/plain')
  assert.equal(listingType(null, 'application/*'), 'application/json')
  assert.equal(listingType(null, '*/*, application/xml'), 'application/xml')
  assert.equal(listingType(null, 'application/json;q=0.5, text/xml'), 'text/xml')
  assert.equal(listingType(null, 'application/json; charset=utf-8'), 'application/json')
  assert.equal(listingType(null, 'image/png'), 'none')
  assert.equal(listingType(null, 'text/plain;q=0'), 'none')
  for (const wrong of ['text', 'text/plain;q', 'text/plain;q=1;q=1', '/', 'text/plain,,x', 'a b/c'])
    assert.equal(listingType(null, wrong), 'malformed', wrong)
})

test('CVE-2026-71190: an Accept header made to be slow is read in linear time', () => {
  const started = performance.now()
  for (const hostile of [
    `text/plain${';a="'.repeat(4_000)}`,
    `text/plain${'; '.repeat(8_000)}x`,
    `${'a'.repeat(16_000)}`,
    `text/plain;${'a=a;'.repeat(4_000)}\u0001`,
    'a/b,'.repeat(4_000),
  ])
    listingType(null, hostile)
  assert.ok(performance.now() - started < 500)
})

const object = { name: 'a&b"\u0001', hash: 'h', bytes: 3, content_type: 'text/plain', last_modified: '2023-11-14T22:13:20.123450' }
const lines = [object, { subdir: 'ä/' }]
const page: ListingPage<typeof object> = {
  root: 'container',
  name: 'c<1>',
  entries: [{ row: object }, { subdir: 'ä/' }],
  recordOf: (row) => row,
}

test('a page as text is a line a name, also for subdirectories', async () => {
  assert.equal(await listingText('text/plain', page), 'a&b"\u0001\nä/\n')
  assert.equal(await listingText('text/plain', { ...page, entries: [] }), '')
})

test('a page as XML holds whatever names hold, escaped', async () => {
  assert.equal(
    await listingText('application/xml', page),
    '<?xml version="1.0" encoding="UTF-8"?>\n<container name="c&lt;1&gt;"><object><name>a&amp;b&quot;&#1;</name><hash>h</hash><bytes>3</bytes>' +
      '<content_type>text/plain</content_type><last_modified>2023-11-14T22:13:20.123450</last_modified></object>' +
      '<subdir name="ä/"><name>ä/</name></subdir></container>',
  )
})

test('a page as JSON: subdirectories are objects of one field', async () => {
  assert.deepEqual(JSON.parse(await listingText('application/json', page)), lines)
  assert.equal(await listingText('application/json', { ...page, entries: [] }), '[]')
})
