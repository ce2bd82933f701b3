import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fernetOpen, fernetSeal } from './fernet.ts'

/** generate.json and verify.json of the Fernet specification */
const key = Buffer.from('cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=', 'base64url')
const token = 'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA=='
const iv = Buffer.from(Array.from({ length: 16 }, (_, index) => index))
const nowMs = 499_162_800_000
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array))

test('seals and opens the specification’s own example', () => {
  assert.equal(fernetSeal(Buffer.from('hello'), { key, iv, nowMs }), token.replace(/=+$/, ''))
  assert.equal(fernetOpen(token, [key])?.toString(), 'hello')
})

test('whatever is sealed comes out again, by any of the keys, and by no other', () => {
  fc.assert(
    fc.property(fc.uint8Array(), bytes(32), bytes(32), bytes(16), (plain, mine, other, vector) => {
      fc.pre(!mine.subarray(0, 16).equals(other.subarray(0, 16)))
      const sealed = fernetSeal(Buffer.from(plain), { key: mine, iv: vector, nowMs })
      assert.deepEqual(fernetOpen(sealed, [other, mine]), Buffer.from(plain))
      assert.equal(fernetOpen(sealed, [other]), null)
    }),
  )
})

test('one changed bit anywhere makes it nobody’s', () => {
  const sealed = Buffer.from(token, 'base64url')
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = Buffer.from(sealed)
    const at = bit >> 3
    changed[at] = (changed[at] ?? 0) ^ (1 << (bit & 7))
    assert.equal(fernetOpen(changed.toString('base64url'), [key]), null, `bit ${bit}`)
  }
})

test('text that is no token is null, not an exception', () => {
  fc.assert(fc.property(fc.string(), (text) => fernetOpen(text, [key]) === null))
  assert.equal(fernetOpen('A'.repeat(1_000_000), [key]), null)
})
