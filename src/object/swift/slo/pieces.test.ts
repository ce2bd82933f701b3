import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { keptJson, partOf, rangeWithin, rawJson, sloEtag, stretchesOf, type Piece } from './pieces.ts'

const md5 = (text: string) => createHash('md5').update(text).digest('hex')
const path = (object: string, bytes: number, range: [number, number] | null = null): Piece => ({
  container: 'segs',
  object,
  etag: md5(object),
  bytes,
  range,
  contentType: 'text/plain',
  modifiedUs: 1_700_000_000_000_010,
  isSlo: false,
})
const data: Piece = { data: Buffer.from('xyz') }

test('the ETag is the MD5 of the ETags, with the range where one is meant', () => {
  assert.equal(sloEtag([path('a', 10), path('b', 10)]), md5(md5('a') + md5('b')))
  assert.equal(sloEtag([path('a', 10, [2, 5]), data]), md5(`${md5('a')}:2-5;${md5('xyz')}`))
})

test('a range is kept as first and last byte, and not at all when it means everything', () => {
  assert.deepEqual(rangeWithin('2-5', 10), [2, 5])
  assert.deepEqual(rangeWithin('-3', 10), [7, 9])
  assert.deepEqual(rangeWithin('4-', 10), [4, 9])
  assert.equal(rangeWithin('0-', 10), null)
  assert.equal(rangeWithin('-100', 10), null)
  assert.equal(rangeWithin('10-', 10), undefined)
})

test('bytes of the whole are found in the pieces that hold them', () => {
  const pieces = [path('a', 10), path('b', 100, [20, 24]), data, path('c', 4)]
  assert.deepEqual(stretchesOf(pieces, 0, 21), [
    { index: 0, first: 0, last: 9 },
    { index: 1, first: 20, last: 24 },
    { index: 2, first: 0, last: 2 },
    { index: 3, first: 0, last: 3 },
  ])
  assert.deepEqual(stretchesOf(pieces, 12, 16), [
    { index: 1, first: 22, last: 24 },
    { index: 2, first: 0, last: 1 },
  ])
  assert.deepEqual(partOf(pieces, 2), [10, 14])
  assert.equal(partOf(pieces, 5), null)
})

test('the kept manifest names segments as Swift does, the raw one can be sent again', () => {
  const pieces = [path('a', 10, [2, 5]), data]
  assert.deepEqual(JSON.parse(keptJson(pieces)), [
    {
      name: '/segs/a',
      bytes: 10,
      hash: md5('a'),
      content_type: 'text/plain',
      last_modified: '2023-11-14T22:13:21.000000',
      range: '2-5',
    },
    { data: Buffer.from('xyz').toString('base64') },
  ])
  assert.deepEqual(JSON.parse(rawJson(pieces))[0], { etag: md5('a'), path: '/segs/a', range: '2-5', size_bytes: 10 })
})
