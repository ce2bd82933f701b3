// AWS signatures: each version against a request whose signature is known.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { ec2SignatureMatches, type SignedRequest } from './ec2-signature.ts'
import { s3SignatureMatches } from './s3-signature.ts'

const empty = createHash('sha256').update('').digest('hex')

/** The first request of AWS's published test suite of version 4. */
const vanilla: SignedRequest = {
  signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  host: 'example.amazonaws.com',
  verb: 'GET',
  path: '/',
  params: {},
  bodyHash: empty,
  headers: {
    host: 'example.amazonaws.com',
    'x-amz-date': '20150830T123600Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=x',
  },
}
const published = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'

test('clients 16 version 4 is AWS’s, and each part of the request counts', () => {
  assert.ok(ec2SignatureMatches(published, vanilla))
  const headers = (change: object) => ({ headers: { ...vanilla.headers, ...change } })
  for (const change of [
    { verb: 'POST' },
    { path: '/x' },
    { params: { a: 'b' } },
    { bodyHash: 'f'.repeat(64) },
    headers({ host: 'other' }),
    headers({ 'x-amz-date': '20150830T123601Z' }),
    headers({ 'x-amz-date': '20150831T123600Z' }),
    headers({ authorization: undefined }),
    { signature: '' },
  ]) {
    const request = { ...vanilla, ...change } as SignedRequest
    if ('headers' in change && !request.headers['authorization']) delete request.headers['authorization']
    assert.equal(ec2SignatureMatches(published, request), false, JSON.stringify(change))
  }
  assert.equal(ec2SignatureMatches('other', vanilla), false)
})

test('clients 16 versions 0, 1 and 2 are those that Keystone’s client makes', () => {
  // made by keystoneclient.contrib.ec2.utils.Ec2Signer with this secret
  const secret = '89cdf9e94e2643cab35b8b8ac5a51f83'
  const request = (params: Record<string, string>, signature: string): SignedRequest => ({
    signature,
    host: '127.0.0.1',
    verb: 'GET',
    path: '/v1/',
    params,
    headers: {},
    bodyHash: '',
  })
  const first = { Action: 'Foo', Timestamp: '2026-01-02T03:04:05Z', SignatureVersion: '0' }
  const second = { AWSAccessKeyId: 'a b', SignatureVersion: '1', Timestamp: '2026-01-02T03:04:05Z', lower: 'ü/~*' }
  const third = { ...second, SignatureVersion: '2', SignatureMethod: 'HmacSHA256' }
  assert.ok(ec2SignatureMatches(secret, request(first, known.v0)))
  assert.ok(ec2SignatureMatches(secret, request(second, known.v1)))
  assert.ok(ec2SignatureMatches(secret, request(third, known.v2)))
  // signed without the port that the request has
  assert.ok(ec2SignatureMatches(secret, { ...request(third, known.v2), host: '127.0.0.1:8773' }))
  for (const params of [first, second, third]) {
    for (const name of Object.keys(params)) {
      if (name === 'SignatureMethod' || (params === first && name === 'SignatureVersion')) continue
      for (const signature of Object.values(known))
        assert.equal(ec2SignatureMatches(secret, request({ ...params, [name]: 'x' }, signature)), false)
    }
  }
})
const known = {
  v0: 'rBDrKojlaqbx+XsBBuTsR9tiGm4=',
  v1: 'R0smi4dCYEWBdRMPalgCz2sxAbA=',
  v2: '9tVG1Vn2/R8/GeDLXYdPjS7Hcu1mgBg12HVEc6Eyxdk=',
}

test('clients 16 what was signed for S3 is checked in both its versions', () => {
  const string4 = Buffer.from('AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/s3/aws4_request\nabc')
  assert.ok(s3SignatureMatches(published, string4, known4))
  for (const [from, to] of [
    ['s3/', 'ec2/'],
    ['aws4_request', 'aws4'],
    ['\nabc', ''],
    ['\nabc', '\nabd'],
    ['HMAC-SHA256', 'HMAC-SHA1'],
  ] as const) {
    assert.equal(s3SignatureMatches(published, Buffer.from(string4.toString().replace(from, to)), known4), false)
  }
  // the example of the S3 guide: object GET
  const string1 = Buffer.from('GET\n\n\nTue, 27 Mar 2007 19:36:42 +0000\n/awsexamplebucket1/photos/puppy.jpg')
  assert.equal(s3SignatureMatches('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', string1, 'qgk2+6Sv9/oM7G3qLEjTH1a1l1g='), true)
})
const known4 = 'eb0a794e037ba1b58e23c4f2576d8337f25e89e07b6a138bb770133ff9fe45ce'
