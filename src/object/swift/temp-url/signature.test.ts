import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { isInRange } from './ip-range.ts'
import { expiresSeconds, isSignedBy, keysOf, signatureOf, signedMethods, signedText } from './signature.ts'

const key = 'a key with ü'
const text = signedText({ method: 'GET', expires: 1_700_000_000, path: '/v1/AUTH_a/c/o', ipRange: null })
const hmac = (digest: string) => createHmac(digest, key).update(text).digest()

for (const digest of ['sha1', 'sha256', 'sha512']) {
  test(`a ${digest} signature counts as hex and as base64 of either alphabet`, () => {
    const bytes = hmac(digest)
    const forms = [bytes.toString('hex'), `${digest}:${bytes.toString('base64')}`, `${digest}:${bytes.toString('base64url')}`]
    for (const form of forms) {
      const signature = signatureOf(form)
      assert.ok(signature, form)
      assert.ok(isSignedBy(signature, text, key))
      assert.ok(!isSignedBy(signature, `${text}x`, key))
      assert.ok(!isSignedBy(signature, text, 'another key'))
    }
  })
}

test('what is no signature is none', () => {
  for (const form of [
    '',
    'zz',
    'a'.repeat(41),
    'g'.repeat(40),
    'md5:abcd',
    'sha256:',
    'sha256:***',
    `sha1:${hmac('sha256').toString('base64')}`,
    'a'.repeat(9999),
  ])
    assert.equal(signatureOf(form), null, form)
})

test('an address stands in front of the signed lines, a prefix in the path', () => {
  assert.equal(text, 'GET\n1700000000\n/v1/AUTH_a/c/o')
  assert.equal(
    signedText({ method: 'PUT', expires: 5, path: 'prefix:/v1/a/c/p', ipRange: '10.0.0.0/8' }),
    'ip=10.0.0.0/8\nPUT\n5\nprefix:/v1/a/c/p',
  )
})

test('HEAD is covered by what lets one read or write, anything else by itself alone', () => {
  assert.deepEqual(signedMethods('HEAD'), ['HEAD', 'GET', 'POST', 'PUT'])
  assert.deepEqual(signedMethods('DELETE'), ['DELETE'])
})

test('the end is a number or a time of the world', () => {
  assert.equal(expiresSeconds('1700000000'), 1_700_000_000)
  assert.equal(expiresSeconds('2023-11-14T22:13:20Z'), 1_700_000_000)
  for (const wrong of ['', 'soon', '2023-11-14', '2023-11-14T22:13:20+01:00', '1e9']) assert.equal(expiresSeconds(wrong), null, wrong)
})

test('keys are those of the account and of the container, first and second', () => {
  assert.deepEqual(
    keysOf({ 'x-account-meta-temp-url-key': 'a', 'x-account-meta-temp-url-key-2': '', 'x-account-meta-other': 'o' }, 'account'),
    ['a'],
  )
  assert.deepEqual(keysOf({ 'x-container-meta-temp-url-key-2': 'b', 'x-container-meta-temp-url-key': 'a' }, 'container'), ['a', 'b'])
})

test('a range of addresses is one address or a network', () => {
  assert.ok(isInRange('10.1.2.3', '10.0.0.0/8'))
  assert.ok(isInRange('::ffff:10.1.2.3', '10.1.2.3'))
  assert.ok(isInRange('2001:db8::5', '2001:db8::/32'))
  for (const [address, range] of [
    ['11.1.2.3', '10.0.0.0/8'],
    ['10.1.2.3', '10.1.2.3/8'],
    ['10.1.2.3', '::/0'],
    ['2001:db8::5', '0.0.0.0/0'],
    ['10.1.2.3', 'everywhere'],
  ] as const)
    assert.ok(!isInRange(address, range), `${address} ${range}`)
})
