import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dloEtag, manifestPlace } from './manifest.ts'

test('a manifest names a container and a prefix, percent-encoded', () => {
  assert.deepEqual(manifestPlace('c/p'), { container: 'c', prefix: 'p' })
  assert.deepEqual(manifestPlace('c%20d/p%2Fq/r'), { container: 'c d', prefix: 'p/q/r' })
  assert.deepEqual(manifestPlace('ü/ß'), { container: 'ü', prefix: 'ß' })
})

test('what names neither is refused', () => {
  for (const wrong of ['', 'c', 'c/', '/p', '/c/p', 'c//p', 'c/p?x', 'c/p&x', 'c/%FF']) assert.equal(manifestPlace(wrong), null, wrong)
})

test('the ETag is the MD5 of the segments’ ETags', () => {
  assert.equal(dloEtag([]), 'd41d8cd98f00b204e9800998ecf8427e')
  assert.equal(dloEtag(['d41d8cd98f00b204e9800998ecf8427e']), '74be16979710d4c4e7c6647856088456')
})
