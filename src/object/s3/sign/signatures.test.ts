// Signatures against the examples that Amazon publishes, and against requests that were changed after they had been signed.
import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import type { AccessKey } from '../../../identity/index.ts'
import { S3Error } from '../errors.ts'
import { requestRead, type S3Request } from '../request.ts'
import { stringToSign2, claim2Verify, headerClaim2 } from './v2.ts'
import { claimVerify, headerClaim, queryClaim } from './v4.ts'

const key = { secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' } as AccessKey
const nowMs = Date.parse('2013-05-24T00:00:10Z')
const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

function request(method: string, url: string, headers: Record<string, string>): S3Request {
  const rawHeaders = Object.entries(headers).flat()
  return requestRead({ method, url, rawHeaders, socket: {} } as unknown as IncomingMessage, { baseHosts: ['s3.amazonaws.com'] })
}

const authorization = (signed: string, signature: string): string =>
  `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${signed},Signature=${signature}`

function code(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof S3Error) return error.code
    throw error
  }
  return 'accepted'
}

const verified = (it: S3Request): string => code(() => claimVerify(it, headerClaim(it, nowMs), key))

const getHeaders = {
  Host: 'examplebucket.s3.amazonaws.com',
  Range: 'bytes=0-9',
  'x-amz-content-sha256': empty,
  'x-amz-date': '20130524T000000Z',
  Authorization: authorization(
    'host;range;x-amz-content-sha256;x-amz-date',
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ),
}

test('signature version 4 in the header: GET of an object', () => {
  assert.equal(verified(request('GET', '/test.txt', getHeaders)), 'accepted')
})

test('signature version 4 in the header: PUT of an object, with a sign to encode in its key', () => {
  const it = request('PUT', '/test%24file.text', {
    Host: 'examplebucket.s3.amazonaws.com',
    Date: 'Fri, 24 May 2013 00:00:00 GMT',
    'x-amz-date': '20130524T000000Z',
    'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    Authorization: authorization(
      'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ),
  })
  assert.equal(verified(it), 'accepted')
  assert.equal(it.bucket, 'examplebucket')
  assert.equal(it.key, 'test$file.text')
})

test('signature version 4 in the header: parameters, with and without a value', () => {
  const headers = (signature: string) => ({
    Host: 'examplebucket.s3.amazonaws.com',
    'x-amz-date': '20130524T000000Z',
    'x-amz-content-sha256': empty,
    Authorization: authorization('host;x-amz-content-sha256;x-amz-date', signature),
  })
  assert.equal(
    verified(request('GET', '/?lifecycle', headers('fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'))),
    'accepted',
  )
  assert.equal(
    verified(request('GET', '/?max-keys=2&prefix=J', headers('34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'))),
    'accepted',
  )
  assert.equal(
    verified(request('GET', '/?prefix=J&max-keys=2', headers('34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'))),
    'accepted',
  )
})

test('a signed request that was changed is refused: method, path, query, header, body hash', () => {
  for (const it of [
    request('PUT', '/test.txt', getHeaders),
    request('GET', '/test.tx', getHeaders),
    request('GET', '/test.txt?acl', getHeaders),
    request('GET', '/./test.txt', getHeaders),
    request('GET', '/test.txt', { ...getHeaders, Range: 'bytes=0-10' }),
    request('GET', '/test.txt', { ...getHeaders, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }),
    request('GET', '/test.txt', { ...getHeaders, Host: 'otherbucket.s3.amazonaws.com' }),
  ]) {
    assert.equal(verified(it), 'SignatureDoesNotMatch')
  }
})

test('attack-38: an x-amz-* header that was added after signing is refused, in the header and in the query', () => {
  assert.equal(verified(request('GET', '/test.txt', { ...getHeaders, 'x-amz-acl': 'public-read' })), 'AccessDenied')
  const it = request('PUT', presigned, { Host: 'examplebucket.s3.amazonaws.com', 'x-amz-copy-source': '/other/secret' })
  assert.equal(
    code(() => claimVerify(it, queryClaim(it, nowMs), key)),
    'AccessDenied',
  )
})

test('attack-2: an old request, one from the future, and one whose date differs from its credential are refused', () => {
  const it = request('GET', '/test.txt', getHeaders)
  assert.equal(
    code(() => headerClaim(it, nowMs + 16 * 60_000)),
    'RequestTimeTooSkewed',
  )
  assert.equal(
    code(() => headerClaim(it, nowMs - 16 * 60_000)),
    'RequestTimeTooSkewed',
  )
  assert.equal(
    code(() => headerClaim(it, nowMs + 14 * 60_000)),
    'accepted',
  )
  assert.equal(verified(request('GET', '/test.txt', { ...getHeaders, 'x-amz-date': '20130525T000000Z' })), 'AuthorizationHeaderMalformed')
  assert.equal(verified(request('GET', '/test.txt', { ...getHeaders, 'x-amz-date': 'yesterday' })), 'AccessDenied')
})

const presigned =
  '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request' +
  '&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
  '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404'

test('signature version 4 in the query holds until it expires, and for nothing else', () => {
  const it = request('GET', presigned, { Host: 'examplebucket.s3.amazonaws.com' })
  assert.equal(
    code(() => claimVerify(it, queryClaim(it, nowMs), key)),
    'accepted',
  )
  assert.equal(
    code(() => queryClaim(it, nowMs + 86_400_000)),
    'AccessDenied',
  )
  assert.equal(
    code(() => queryClaim(it, nowMs - 3_600_000)),
    'AccessDenied',
  )
  for (const changed of [
    request('PUT', presigned, { Host: 'examplebucket.s3.amazonaws.com' }),
    request('GET', presigned.replace('test.txt', 'test2.txt'), { Host: 'examplebucket.s3.amazonaws.com' }),
    request('GET', presigned.replace('Expires=86400', 'Expires=86401'), { Host: 'examplebucket.s3.amazonaws.com' }),
    request('GET', `${presigned}&response-content-type=text%2Fhtml`, { Host: 'examplebucket.s3.amazonaws.com' }),
  ]) {
    assert.equal(
      code(() => claimVerify(changed, queryClaim(changed, nowMs), key)),
      'SignatureDoesNotMatch',
    )
  }
})

test('presigned: a week at most, no negative time, every parameter', () => {
  const asked = (from: string, to: string) => code(() => queryClaim(request('GET', presigned.replace(from, to), { Host: 'x' }), nowMs))
  assert.equal(asked('Expires=86400', 'Expires=604801'), 'AuthorizationQueryParametersError')
  assert.equal(asked('Expires=86400', 'Expires=-1'), 'AuthorizationQueryParametersError')
  assert.equal(asked('Expires=86400', 'Expires=1e3'), 'AuthorizationQueryParametersError')
  assert.equal(asked('&X-Amz-Date=20130524T000000Z', ''), 'AuthorizationQueryParametersError')
  assert.equal(asked('%2Fs3%2F', '%2Fec2%2F'), 'AuthorizationQueryParametersError')
})

test('signature version 2 in the header: Amazon’s examples', () => {
  const host = 'johnsmith.s3.amazonaws.com'
  const get = request('GET', '/photos/puppy.jpg', { Host: host, Date: 'Tue, 27 Mar 2007 19:36:42 +0000' })
  assert.equal(
    stringToSign2(get, 'Tue, 27 Mar 2007 19:36:42 +0000', '/johnsmith/photos/puppy.jpg'),
    'GET\n\n\nTue, 27 Mar 2007 19:36:42 +0000\n/johnsmith/photos/puppy.jpg',
  )
  const signed = (it: S3Request, at: string) => code(() => claim2Verify(it, headerClaim2(it, Date.parse(at)), key))
  const first = request('GET', '/photos/puppy.jpg', {
    Host: host,
    Date: 'Tue, 27 Mar 2007 19:36:42 +0000',
    Authorization: 'AWS AKIAIOSFODNN7EXAMPLE:bWq2s1WEIj+Ydj0vQ697zp+IXMU=',
  })
  assert.equal(signed(first, '2007-03-27T19:36:42Z'), 'accepted')
  assert.equal(signed(first, '2007-03-27T19:56:42Z'), 'RequestTimeTooSkewed')
  const put = request('PUT', '/photos/puppy.jpg', {
    'Content-Type': 'image/jpeg',
    'Content-Length': '94328',
    Host: host,
    Date: 'Tue, 27 Mar 2007 21:15:45 +0000',
    Authorization: 'AWS AKIAIOSFODNN7EXAMPLE:MyyxeRY7whkBe+bq8fHCL/2kKUg=',
  })
  assert.equal(signed(put, '2007-03-27T21:15:45Z'), 'accepted')
  const acl = request('GET', '/?acl', {
    Host: host,
    Date: 'Tue, 27 Mar 2007 19:44:46 +0000',
    Authorization: 'AWS AKIAIOSFODNN7EXAMPLE:c2WLPFtWHVgbEmeEG93a4cG37dM=',
  })
  assert.equal(signed(acl, '2007-03-27T19:44:46Z'), 'accepted')
})

test('the path is read as it was sent: dots, doubled slashes and encoded slashes belong to the key', () => {
  const path = (url: string) => request('GET', url, { Host: '127.0.0.1:9000' })
  assert.equal(path('/bucket/a/../b//c/./').key, 'a/../b//c/./')
  assert.equal(path('/bucket//').key, '/')
  assert.equal(path('/bucket/a%2Fb').key, 'a/b')
  assert.equal(path('/bucket/%E2%98%83+x').key, '☃+x')
  assert.equal(path('/bucket').bucket, 'bucket')
  assert.equal(path('/bucket/').key, '')
  assert.equal(
    code(() => path('/bucket/%ff')),
    'InvalidURI',
  )
  assert.equal(
    code(() => path('/bucket/%zz')),
    'InvalidURI',
  )
  assert.equal(path('http://127.0.0.1:9000/bucket/k?a=b').key, 'k')
  assert.equal(path('/bucket/__proto__?__proto__=1').query.get('__proto__'), '1')
})
