import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conditionStatus } from './conditions.ts'
import { guessType } from './content-type.ts'
import { multipartBytes, partHead, partsEnd, spansOf } from './ranges.ts'
import { httpDate, isoText, lastModifiedText, timestampText } from './times.ts'

test('a range that is wrong is as none, one that cannot be had is refused', () => {
  assert.deepEqual(spansOf('bytes=0-4', 10), [[0, 5]])
  assert.deepEqual(spansOf('BYTES = 0 - 4 ', 10), [[0, 5]])
  assert.deepEqual(spansOf('bytes=5-', 10), [[5, 10]])
  assert.deepEqual(spansOf('bytes=-3', 10), [[7, 10]])
  assert.deepEqual(spansOf('bytes=-30', 10), [[0, 10]])
  assert.deepEqual(spansOf('bytes=0-1,4-5', 10), [
    [0, 2],
    [4, 6],
  ])
  for (const wrong of ['bytes=', 'bytes=-', 'bytes=a-b', 'bytes=5-2', 'items=0-1', 'bytes=0-1,x', 'bytes 0-1'])
    assert.equal(spansOf(wrong, 10), null, wrong)
  assert.deepEqual(spansOf('bytes=10-', 10), [])
  assert.deepEqual(spansOf('bytes=-0', 10), [])
  assert.equal(spansOf(undefined, 10), null)
})

test('of an empty object the end is all of it and the beginning cannot be had', () => {
  assert.equal(spansOf('bytes=-5', 0), null)
  assert.deepEqual(spansOf('bytes=0-', 0), [])
})

test('attack: ranges that only make the server work are refused (more than 50, 2 overlaps, 8 out of order)', () => {
  const many = (count: number) => `bytes=${Array.from({ length: count }, (_, index) => `${index * 2}-${index * 2}`).join(',')}`
  assert.equal(spansOf(many(50), 1000)?.length, 50)
  assert.deepEqual(spansOf(many(51), 1000), [])
  assert.deepEqual(spansOf('bytes=0-9,1-8,2-7,3-6', 10), [])
  const backwards = Array.from({ length: 8 }, (_, index) => `${80 - index * 10}-${81 - index * 10}`).join(',')
  assert.deepEqual(spansOf(`bytes=${backwards}`, 100), [])
})

test('the length of an answer of several parts is exact', () => {
  const spans = spansOf('bytes=0-1,4-5', 10) ?? []
  const of = { contentType: 'text/plain; charset=ä', bytes: 10 }
  const text =
    spans.map((span) => `${partHead('xyz', of.contentType, span, 10)}${'-'.repeat(span[1] - span[0])}\r\n`).join('') + partsEnd('xyz')
  assert.equal(multipartBytes(spans, 'xyz', of), Buffer.byteLength(text))
})

test('conditions in Swift’s order: a tag that misses does not silence the date', () => {
  const found = { etag: 'abc', modifiedUs: 1_700_000_000_500_000 }
  const [before, after] = [httpDate(1_700_000_000), httpDate(1_700_000_001)]
  assert.equal(conditionStatus({ 'if-none-match': '"abc"' }, found), 304)
  assert.equal(conditionStatus({ 'if-none-match': '*' }, found), 304)
  assert.equal(conditionStatus({ 'if-match': 'x, "abc"' }, found), null)
  assert.equal(conditionStatus({ 'if-match': 'x' }, found), 412)
  assert.equal(conditionStatus({ 'if-none-match': 'x', 'if-modified-since': after }, found), 304)
  assert.equal(conditionStatus({ 'if-modified-since': before }, found), null)
  assert.equal(conditionStatus({ 'if-unmodified-since': before }, found), 412)
  assert.equal(conditionStatus({ 'if-unmodified-since': after }, found), null)
  assert.equal(conditionStatus({ 'if-match': '"q"' }, { ...found, etag: '"q"' }), null)
  assert.equal(conditionStatus({ 'if-modified-since': 'yesterday or so' }, found), null)
})

test('times: five decimals, the second rounded up, six decimals without a zone', () => {
  assert.equal(timestampText(1_700_000_000_123_450), '1700000000.12345')
  assert.equal(lastModifiedText(1_700_000_000_000_010), httpDate(1_700_000_001))
  assert.equal(lastModifiedText(1_700_000_000_000_000), httpDate(1_700_000_000))
  assert.equal(isoText(1_700_000_000_123_450), '2023-11-14T22:13:20.123450')
})

test('the type of a name is its suffix’s', () => {
  assert.equal(guessType('a/b.TXT'), 'text/plain')
  assert.equal(guessType('x.tar.gz'), 'application/x-tar')
  assert.equal(guessType('x.gz'), 'application/octet-stream')
  assert.equal(guessType('constructor'), 'application/octet-stream')
  assert.equal(guessType('a.b/c'), 'application/octet-stream')
})
