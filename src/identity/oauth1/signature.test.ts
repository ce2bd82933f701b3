// RFC 5849 by its own examples.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { baseString, formPairs, headerParameters, oauthSignatureMatches } from './signature.ts'

test('clients 16 the string that is signed is that of RFC 5849, 3.4.1', () => {
  const header = headerParameters(
    'OAuth realm="Example", oauth_consumer_key="9djdj82h48djs9d2", oauth_token="kkk9d7dh3k39sjv7", oauth_signature_method="HMAC-SHA1", ' +
      'oauth_timestamp="137131201", oauth_nonce="7d8f3e4a", oauth_signature="bYT5CMsGcbgUdFHObYMEfcx6bsw%3D"',
  )
  assert.ok(header)
  const { realm: _, oauth_signature: __, ...signed } = header
  const url = 'http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b'
  const pairs = [...Object.entries(signed), ...formPairs(new URL(url).search), ...formPairs('c2&a3=2+q')]
  assert.equal(
    baseString({ method: 'post', url, pairs }),
    'POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_' +
      'key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk' +
      '9d7dh3k39sjv7',
  )
})

test('clients 16 the signature is that of RFC 5849, 1.2, and everything in the request counts', () => {
  const header = headerParameters(
    'OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="nnch734d00sl2jdk", oauth_signature_method="HMAC-SHA1", ' +
      'oauth_timestamp="137131202", oauth_nonce="chapoH", oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"',
  )
  assert.ok(header)
  const request = { method: 'GET', urls: ['http://photos.example.net/photos?file=vacation.jpg&size=original'], header }
  const [consumer, token] = ['kd94hf93k423kf44', 'pfkkdhi9sl3r4s00']
  assert.ok(oauthSignatureMatches(request, consumer, token))
  assert.ok(oauthSignatureMatches({ ...request, urls: ['http://internal/photos', ...request.urls] }, consumer, token))
  for (const change of [
    { method: 'POST' },
    { urls: ['http://photos.example.net/photos?file=vacation.jpg'] },
    { body: formPairs('a=b') },
    { header: { ...header, oauth_nonce: 'x' } },
    { header: { ...header, oauth_signature_method: 'PLAINTEXT', oauth_signature: `${consumer}&${token}` } },
    { header: { ...header, oauth_signature_method: 'constructor' } },
    { header: { ...header, oauth_signature: '' } },
  ])
    assert.equal(oauthSignatureMatches({ ...request, ...change }, consumer, token), false, JSON.stringify(change))
  assert.equal(oauthSignatureMatches(request, consumer, 'other'), false)
  assert.equal(oauthSignatureMatches(request, 'other', token), false)
})

test('clients 16 what is no OAuth header is none', () => {
  for (const bad of [undefined, '', 'Basic abc', 'OAuth', 'OAuth a="%"', 'OAuth a="1", a="2"', `OAuth a="${'x'.repeat(9000)}"`])
    assert.equal(headerParameters(bad), null)
  assert.equal(headerParameters('OAuth __proto__="x"')?.['toString'], undefined)
})
