import assert from 'node:assert/strict'
import { test } from 'node:test'
import { namesOf } from './names.ts'
import { failedStatus, resultBody } from './result.ts'

async function* inChunks(body: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size)
}

const read = (text: string | Buffer, size = 5) => namesOf(inChunks(Buffer.from(text as string), size))

test('names stand a line each, percent-encoded, of objects and of containers', async () => {
  for (const size of [1, 3, 1000]) {
    const result = await read('c/o\r\n/c/a%2Fb%20c\n\n  d  \n/e/\nf/%C3%BC', size)
    assert.ok('names' in result)
    assert.deepEqual(
      result.names.map(({ place }) => place),
      [
        { container: 'c', object: 'o' },
        { container: 'c', object: 'a/b c' },
        { container: 'd', object: null },
        { container: 'e', object: null },
        { container: 'f', object: 'ü' },
      ],
    )
  }
})

test('a name that is not UTF-8 is kept apart, one that goes upwards is a name', async () => {
  const result = await read('c/%FF\nc/../../etc/passwd')
  assert.ok('names' in result)
  assert.equal(result.names[0]?.place, null)
  assert.deepEqual(result.names[1]?.place, { container: 'c', object: '../../etc/passwd' })
})

test('a body has only so many names, and a line only so many signs', async () => {
  assert.deepEqual(await read('c/o\n'.repeat(10_001), 4096), { fault: 'too-many' })
  assert.ok('names' in (await read('c/o\n'.repeat(10_000), 4096)))
  assert.deepEqual(await read('x'.repeat(20_000), 1000), { fault: 'too-long' })
})

test('a result says the same in text, JSON and XML, with names encoded', () => {
  const result = {
    facts: { 'Number Deleted': 2, 'Response Status': '400 Bad Request' },
    failures: [['c/ü<x>', '404 Not Found'] as [string, string]],
    root: 'delete',
  }
  assert.equal(
    resultBody('text/plain', result),
    'Number Deleted: 2\nResponse Status: 400 Bad Request\nErrors:\nc/%C3%BC%3Cx%3E, 404 Not Found\n',
  )
  assert.deepEqual(JSON.parse(resultBody('application/json', result)), {
    'Number Deleted': 2,
    'Response Status': '400 Bad Request',
    Errors: [['c/%C3%BC%3Cx%3E', '404 Not Found']],
  })
  const xml = resultBody('text/xml', { ...result, facts: { 'Response Body': 'a <b> & c' } })
  assert.match(xml, /^<delete>\n<response_body>a &lt;b&gt; &amp; c<\/response_body>/)
  assert.match(xml, /<object><name>c\/%C3%BC%3Cx%3E<\/name><status>404 Not Found<\/status><\/object>/)
})

test('the server’s own fault makes it a bad gateway', () => {
  assert.equal(failedStatus([403, 404]), '400 Bad Request')
  assert.equal(failedStatus([403, 503]), '502 Bad Gateway')
})
