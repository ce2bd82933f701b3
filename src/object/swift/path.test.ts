import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decoded, headerText, pathHeader, placeOf, quoted } from './path.ts'
import { isTrue, Query } from './query.ts'

test('a path is split at its first three slashes, and the rest is the name of the object, slashes and dots and all', () => {
  assert.deepEqual(placeOf('/v1/AUTH_a/c/o'), { version: 'v1', account: 'AUTH_a', container: 'c', object: 'o' })
  assert.equal(placeOf('/v1/AUTH_a/c/../../etc/passwd')?.object, '../../etc/passwd')
  assert.equal(placeOf('/v1/AUTH_a/c//o//p/')?.object, '/o//p/')
  assert.deepEqual(placeOf('/v1/AUTH_a/c/'), { version: 'v1', account: 'AUTH_a', container: 'c', object: null })
  assert.deepEqual(placeOf('/v1/AUTH_a'), { version: 'v1', account: 'AUTH_a', container: null, object: null })
  assert.deepEqual(placeOf('/v1/AUTH_a//o'), { version: 'v1', account: 'AUTH_a', container: null, object: 'o' })
  assert.equal(placeOf('//AUTH_a/c'), null)
})

test('percent signs become bytes, bytes become UTF-8; what is none, and NUL, is refused', () => {
  assert.equal(decoded('/c/%C3%A4%2Fb'), '/c/ä/b')
  assert.equal(decoded('/c/\u00c3\u00a4'), '/c/ä', 'raw bytes come as Latin-1')
  assert.equal(decoded('/c/100%'), '/c/100%')
  assert.equal(decoded('/c/%zz+'), '/c/%zz+')
  assert.equal(decoded('/c/%ff'), null)
  assert.equal(decoded('/c/%ED%A0%80'), null, 'half of a surrogate pair')
  assert.equal(decoded('/c/%00'), null)
  assert.equal(decoded('/c/%EF%BB%BFx'), '/c/\ufeffx', 'a byte order mark is a sign of the name')
})

test('header values are UTF-8 where they can be', () => {
  assert.equal(headerText(Buffer.from('Grüße').toString('latin1')), 'Grüße')
  assert.equal(headerText('\u00ff'), '\u00ff')
})

test('a path in a header is container and object, percent signs undone', () => {
  assert.deepEqual(pathHeader('/c/o%20p/q'), { container: 'c', object: 'o p/q' })
  assert.deepEqual(pathHeader('c/%C3%A4'), { container: 'c', object: 'ä' })
  for (const wrong of ['', '/', 'c', '/c', 'c/', '//o', 'c/%00', 'c/%ff']) assert.equal(pathHeader(wrong), null, wrong)
})

test('names in headers are quoted byte by byte', () => {
  assert.equal(quoted("a b/ä'*"), 'a%20b/%C3%A4%27%2A')
  assert.equal(quoted('a/b', ''), 'a%2Fb')
})

test('of a repeated parameter the first counts; what is not UTF-8 is known', () => {
  const query = Query.of('prefix=a%2Bb+c&prefix=z&format=&limit')
  assert.equal(query.get('prefix'), 'a+b c')
  assert.equal(query.get('format'), '')
  assert.equal(query.has('limit'), true)
  assert.equal(query.get('constructor'), null)
  assert.equal(Query.of('prefix=%ff').isUnfit, true)
  assert.equal(query.with({ limit: null, marker: 'm' }).get('marker'), 'm')
  assert.ok(isTrue('On') && !isTrue('off') && !isTrue(null))
})
