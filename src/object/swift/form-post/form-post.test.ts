import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import { startSwift, type SwiftCloud } from '../../../../test/support/swift.ts'

let swift: SwiftCloud
const key = 'form-key'

before(async () => {
  swift = await startSwift()
  await swift.call('PUT', '/AUTH_p1/c', { headers: { 'x-container-meta-temp-url-key': key } })
})
after(() => swift.stop())

interface Form {
  path?: string
  fields?: Record<string, string>
  signedPath?: string
  files?: [name: string, text: string][]
  digest?: string
}

function post({
  path = '/AUTH_p1/c/up/',
  fields = {},
  signedPath = `/v1${path}`,
  files = [['a.txt', 'hello']],
  digest = 'sha256',
}: Form = {}) {
  const expires = String(Math.floor(swift.cloud.platform.clock.nowMs() / 1000) + 60)
  const all: Record<string, string> = { redirect: '', max_file_size: '100', max_file_count: '2', expires, ...fields }
  const text = [signedPath, all['redirect'], all['max_file_size'], all['max_file_count'], all['expires']].join('\n')
  all['signature'] ??= createHmac(digest, key).update(text).digest('hex')
  const parts = Object.entries(all).map(([name, value]) => `--B\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
  for (const [index, [name, content]] of files.entries())
    parts.push(
      `--B\r\nContent-Disposition: form-data; name="file${index}"; filename="${name}"\r\nContent-Type: text/special\r\n\r\n${content}\r\n`,
    )
  return swift.call('POST', path, {
    as: null,
    body: `${parts.join('')}--B--\r\n`,
    headers: { 'content-type': 'multipart/form-data; boundary=B' },
  })
}

test('files of a signed form become objects below its path', async () => {
  const made = await post({
    files: [
      ['a.txt', 'hello'],
      ['../b', 'two'],
    ],
  })
  assert.equal(made.status, 201, made.text)
  const read = await swift.call('GET', '/AUTH_p1/c/up/a.txt')
  assert.deepEqual([read.text, read.headers['content-type']], ['hello', 'text/special'])
  assert.equal((await swift.call('GET', '/AUTH_p1/c/up/../b')).text, 'two')
  assert.equal((await post({ signedPath: '/object/v1/AUTH_p1/c/up/', digest: 'sha1' })).status, 201)
  assert.equal((await post({ path: '/AUTH_p1/c', files: [['root', 'x']] })).status, 201)
  assert.equal((await swift.call('GET', '/AUTH_p1/c/root')).text, 'x')
})

test('what the form does not allow is refused', async () => {
  const reasons = async (form: Form) => {
    const { status, text } = await post(form)
    return [status, text]
  }
  assert.deepEqual(await reasons({ files: [['big', 'x'.repeat(101)]] }), [400, 'FormPost: max_file_size exceeded'])
  assert.equal((await swift.call('HEAD', '/AUTH_p1/c/up/big')).status, 404)
  const many = await post({
    files: [
      ['1', '1'],
      ['2', '2'],
      ['3', '3'],
    ],
  })
  assert.deepEqual([many.status, many.text], [400, '400 Bad Request\r\nFormPost: Max File Count Exceeded'])
  assert.deepEqual(await reasons({ fields: { expires: '5' } }), [401, 'FormPost: Form Expired'])
  assert.deepEqual(await reasons({ signedPath: '/v1/AUTH_p1/c/elsewhere' }), [401, 'FormPost: Invalid Signature'])
  assert.deepEqual(await reasons({ fields: { signature: 'xyz' } }), [401, 'FormPost: Invalid Signature'])
  assert.deepEqual(await reasons({ fields: { max_file_count: 'two' } }), [400, 'FormPost: max_file_count not an integer'])
  assert.equal((await post({ files: [] })).status, 400)
})

test('a browser is sent on, with what became of it', async () => {
  const made = await post({ fields: { redirect: 'https://x.example/done?a=b"><script>' } })
  assert.equal(made.status, 303)
  assert.equal(made.headers.location, 'https://x.example/done?a=b"><script>&status=201&message=')
  assert.doesNotMatch(made.text, /<script>/)
})

test('an end that the form gives is the object’s', async () => {
  await post({ fields: { x_delete_after: '100' }, files: [['ends', 'x']] })
  assert.match(String((await swift.call('HEAD', '/AUTH_p1/c/up/ends')).headers['x-delete-at']), /^\d{10}$/)
})
