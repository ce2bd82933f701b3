// Bodies in pieces: Amazon's examples, every cut of one, and what an attacker would send.
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { signingKeyMake } from '../sign/signing-keys.ts'
import type { Seed } from '../sign/v4.ts'
import { ChunkedBody, type ChunkedOptions } from './chunked.ts'

const scope = { date: '20130524', region: 'us-east-1', service: 's3' }
const secret = signingKeyMake('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', scope)
const seedOf = (signature: string): Seed => ({
  key: secret,
  time: '20130524T000000Z',
  scope: '20130524/us-east-1/s3/aws4_request',
  signature,
})

const seed = seedOf('4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9')
const signedBody =
  `10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n${'a'.repeat(65_536)}\r\n` +
  `400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n${'a'.repeat(1_024)}\r\n` +
  `0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n`

const trailerSeed = seedOf('106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e')
const trailerBody =
  `10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n${'a'.repeat(65_536)}\r\n` +
  `400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n${'a'.repeat(1_024)}\r\n` +
  `0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n` +
  `x-amz-checksum-crc32c:sOO8/Q==\r\n` +
  `x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n`

interface Outcome {
  text: string
  code: string
  trailers: Record<string, string>
}

async function decoded(pieces: string[], options: ChunkedOptions): Promise<Outcome> {
  const body = new ChunkedBody(options)
  Readable.from(pieces.map((piece) => Buffer.from(piece, 'latin1'))).pipe(body)
  let text = ''
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) text += chunk.toString('latin1')
  } catch (error) {
    return { text, code: (error as { code: string }).code, trailers: {} }
  }
  return { text, code: 'whole', trailers: Object.fromEntries(body.trailers) }
}

const signed = { seed, trailer: false, announced: null, bytes: 66_560 }
const withTrailer = { seed: trailerSeed, trailer: true, announced: 'x-amz-checksum-crc32c', bytes: 66_560 }
const unsigned = (bytes: number): ChunkedOptions => ({ seed: null, trailer: true, announced: 'x-amz-checksum-crc32', bytes })

test('signed chunks: Amazon’s example, whole and byte by byte', async () => {
  const whole = await decoded([signedBody], signed)
  assert.deepEqual([whole.code, whole.text.length], ['whole', 66_560])
  const small = await decoded(signedBody.match(/.{1,7}/gs) ?? [], signed)
  assert.deepEqual([small.code, small.text.length], ['whole', 66_560])
})

test('signed chunks with a signed trailer: Amazon’s example', async () => {
  const { code, trailers } = await decoded(trailerBody.match(/.{1,4096}/gs) ?? [], withTrailer)
  assert.equal(code, 'whole')
  assert.equal(trailers['x-amz-checksum-crc32c'], 'sOO8/Q==')
})

test('a signed chunk, its order, or a trailer that was changed is refused', async () => {
  assert.equal((await decoded([signedBody.replace('aaa\r\n', 'aab\r\n')], signed)).code, 'SignatureDoesNotMatch')
  assert.equal((await decoded([signedBody.replace('ad80', 'ad81')], signed)).code, 'SignatureDoesNotMatch')
  assert.equal((await decoded([signedBody.replaceAll(/;chunk-signature=\w+/g, '')], signed)).code, 'IncompleteBody')
  assert.equal((await decoded([trailerBody.replace('sOO8', 'sOO9')], withTrailer)).code, 'SignatureDoesNotMatch')
  assert.equal((await decoded([trailerBody.replace(/x-amz-trailer-signature.*\r\n/, '')], withTrailer)).code, 'MalformedTrailerError')
})

test('attack-40: a body that is cut anywhere ends with a refusal', async () => {
  const body = '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n'
  assert.equal((await decoded([body], unsigned(5))).code, 'whole')
  for (let length = 0; length < body.length; length++) {
    assert.equal((await decoded([body.slice(0, length)], unsigned(5))).code, 'IncompleteBody', `cut after ${length}`)
  }
})

test('unsigned chunks without a trailer are whole at their blank line', async () => {
  assert.equal((await decoded(['5\r\nhello\r\n0\r\n\r\n'], unsigned(5))).code, 'whole')
})

test('unsigned chunks: sizes that lie, lines without end, bytes behind the end', async () => {
  const code = async (body: string, bytes = 5) => (await decoded([body], unsigned(bytes))).code
  assert.equal(await code('5\r\nhello\r\n0\r\n\r\n', 6), 'IncompleteBody')
  assert.equal(await code('5\r\nhello\r\n0\r\n\r\n', 4), 'IncompleteBody')
  assert.equal(await code('4\r\nhello\r\n0\r\n\r\n'), 'IncompleteBody')
  assert.equal(await code('-5\r\nhello\r\n0\r\n\r\n'), 'IncompleteBody')
  assert.equal(await code('0x5\r\nhello\r\n0\r\n\r\n'), 'IncompleteBody')
  assert.equal(await code('ffffffffffffffff\r\nhello'), 'IncompleteBody')
  assert.equal(await code('5'.repeat(100_000)), 'IncompleteBody')
  assert.equal(await code(`5\r\nhello\r\n0\r\n${'x-a:b\r\n'.repeat(10_000)}\r\n`), 'MalformedTrailerError')
  assert.equal(await code('5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\nGET / HTTP/1.1\r\n'), 'IncompleteBody')
  assert.equal(await code('5\r\nhello\r\n0\r\nno colon\r\n\r\n'), 'MalformedTrailerError')
})
