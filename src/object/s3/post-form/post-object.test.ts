// A browser's form that writes an object, from outside.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import { startS3Cloud, type S3Client, type S3Cloud, type S3Reply } from '../../../../test/support/s3.ts'

let cloud: S3Cloud
let own: S3Client
before(async () => {
  cloud = await startS3Cloud()
  own = await cloud.client('own')
  assert.equal((await own.ask('PUT', '/forms')).status, 200)
})
after(() => cloud.stop())

interface Sent {
  fields?: Record<string, string>
  conditions?: unknown[]
  file?: string
  after?: string
  anonymous?: boolean
}

/** The form as a browser sends it, signed with version 4 for all of its fields. */
function form({ fields = {}, conditions = [], file = 'hello', after: more = '', anonymous = false }: Sent): Promise<S3Reply> {
  const nowMs = cloud.clock.nowMs()
  const time = `${new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
  const scope = `${time.slice(0, 8)}/us-east-1/s3/aws4_request`
  const signing = { 'x-amz-algorithm': 'AWS4-HMAC-SHA256', 'x-amz-credential': `${own.access}/${scope}`, 'x-amz-date': time }
  const sent: Record<string, string> = { key: 'up/${filename}', ...(anonymous ? {} : signing), ...fields }
  if (!anonymous) {
    const named = Object.entries(sent).filter(([name]) => name !== 'key')
    const document = {
      expiration: new Date(nowMs + 60_000).toISOString(),
      conditions: [{ bucket: 'forms' }, ['starts-with', '$key', ''], ...named.map(([name, value]) => ({ [name]: value })), ...conditions],
    }
    sent['policy'] = Buffer.from(JSON.stringify(document)).toString('base64')
    const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
    const key = scope.split('/').reduce<string | Buffer>((from, part) => hmac(from, part), `AWS4${own.secret}`)
    sent['x-amz-signature'] ??= hmac(key, sent['policy']).toString('hex')
  }
  const part = (disposition: string, value: string) => `--B\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${value}\r\n`
  const body = `${Object.entries(sent)
    .map(([name, value]) => part(`name="${name}"`, value))
    .join('')}${part('name="file"; filename="a.txt"', file)}${more}--B--\r\n`
  const headers = { 'content-type': 'multipart/form-data; boundary=B', 'content-length': String(Buffer.byteLength(body)) }
  return own.ask('POST', '/forms', { anonymous: true, body, unsigned: headers })
}

test('a signed form writes its file under the name that it says, with its fields as headers', async () => {
  const written = await form({
    fields: {
      'Content-Type': 'text/plain',
      'x-amz-meta-a': 'b',
      tagging: '<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>',
    },
  })
  assert.deepEqual([written.status, written.headers.etag], [204, '"5d41402abc4b2a76b9719d911017c592"'], written.text)
  const read = await own.ask('GET', '/forms/up/a.txt')
  assert.deepEqual(
    [read.text, read.headers['content-type'], read.headers['x-amz-meta-a'], read.headers['x-amz-tagging-count']],
    ['hello', 'text/plain', 'b', '1'],
  )
})

test('success is answered as the form asks', async () => {
  assert.equal((await form({ fields: { success_action_status: '200' } })).status, 200)
  const made = await form({ fields: { success_action_status: '201', key: 'x y' } })
  assert.equal(made.status, 201)
  assert.match(made.text, /<PostResponse.*<Location>http:\/\/127.0.0.1:\d+\/forms\/x%20y<\/Location><Bucket>forms<\/Bucket><Key>x y<\/Key>/)
  const sent = await form({ fields: { success_action_redirect: 'http://page.example/done?a=b', key: 'k' } })
  assert.equal(sent.status, 303)
  assert.match(String(sent.headers.location), /^http:\/\/page\.example\/done\?a=b&bucket=forms&key=k&etag=/)
  assert.equal((await form({ fields: { success_action_redirect: 'javascript:alert(1)' } })).status, 204, 'only pages are gone to')
})

test('what the policy does not allow is not written', async () => {
  const before = (await own.ask('GET', '/forms')).text
  assert.equal((await form({ fields: { 'x-amz-signature': 'wrong' } })).code, 'SignatureDoesNotMatch')
  assert.equal((await form({ conditions: [{ acl: 'private' }] })).code, 'AccessDenied')
  assert.equal((await form({ conditions: [['content-length-range', 0, 4]] })).code, 'EntityTooLarge')
  assert.equal((await form({ conditions: [['content-length-range', 6, 9]] })).code, 'EntityTooSmall')
  assert.equal((await form({ conditions: [['eq', '$key', 'other']] })).code, 'AccessDenied')
  assert.equal((await form({ fields: { 'x-amz-checksum-crc32': 'AAAAAA==' } })).code, 'BadDigest')
  assert.equal((await form({ anonymous: true })).code, 'AccessDenied')
  assert.equal((await own.ask('GET', '/forms')).text, before)
})

test('a form that is none, or says too much before its file, is refused; what follows the file is not looked at', async () => {
  const post = (body: string, type: string) =>
    own.ask('POST', '/forms', { anonymous: true, body, unsigned: { 'content-type': type, 'content-length': String(body.length) } })
  assert.equal((await post('{}', 'application/json')).status, 412)
  assert.equal((await post('x', 'multipart/form-data')).code, 'MalformedPOSTRequest')
  assert.equal((await post('hello', 'multipart/form-data; boundary=B')).code, 'MalformedPOSTRequest')
  assert.equal((await form({ fields: { 'x-amz-meta-long': 'x'.repeat(30_000) } })).code, 'MaxPostPreDataLengthExceededError')
  const more = '--B\r\nContent-Disposition: form-data; name="acl"\r\n\r\npublic-read\r\n'
  assert.equal((await form({ after: more })).status, 204)
})

test('a form of nobody may what anybody may', async () => {
  await own.ask('DELETE', '/forms?publicAccessBlock')
  const policy = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:PutObject', Resource: 'arn:aws:s3:::forms/open/*' }],
  }
  await own.ask('PUT', '/forms?policy', { body: JSON.stringify(policy) })
  assert.equal((await form({ anonymous: true, fields: { key: 'open/k' } })).status, 204)
  assert.equal((await form({ anonymous: true, fields: { key: 'closed/k' } })).code, 'AccessDenied')
})

test('attack: a field that can be no header leaves an object that is read all the same, without a header of its own making', async () => {
  const odd = { 'x-amz-meta-a b:': 'x', 'x-amz-meta-lines': 'a\r\nX-Evil: 1', 'content-type': 'text/html\nX-Evil: 1', expires: 'a\u0001' }
  for (const [name, value] of Object.entries(odd)) {
    await form({ fields: { [name]: value }, file: 'odd' })
    for (const method of ['GET', 'HEAD']) {
      const read = await own.ask(method, '/forms/up/a.txt')
      assert.equal(read.status, 200, `${method} ${name}`)
      assert.equal(read.headers['x-evil'], undefined)
    }
  }
})
