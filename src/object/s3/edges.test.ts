// The S3 door's edges: what Swift made of other objects, requests one after the other on one connection, connections that are cut.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { signedHeaders, startS3Cloud, type S3Client, type S3Cloud } from '../../../test/support/s3.ts'

let cloud: S3Cloud
let own: S3Client
before(async () => {
  cloud = await startS3Cloud()
  own = await cloud.client('own')
  assert.equal((await own.ask('PUT', '/first')).status, 200)
})
after(() => cloud.stop())

interface Raw {
  method: string
  target: string
  body?: string
}

/** Signed requests as bytes, one after the other. */
function rawRequests(requests: Raw[]): Buffer {
  return Buffer.concat(
    requests.map(({ method, target, body = '' }) => {
      const headers = { host: `127.0.0.1:${cloud.port}` }
      const payload = createHash('sha256').update(body).digest('hex')
      const signed = signedHeaders(
        { ...own, nowMs: () => cloud.clock.nowMs() },
        { method, target, headers, payload, atMs: cloud.clock.nowMs() },
      )
      const lines = Object.entries({ ...headers, ...signed, 'content-length': String(body.length) }).map(
        ([name, value]) => `${name}: ${value}`,
      )
      return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
    }),
  )
}

/** Writes them on one connection and gives back what came; 'cut' ends it at once. */
function rawTalk(bytes: Buffer, how: 'whole' | 'cut' = 'whole'): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(cloud.port, '127.0.0.1', () => {
      if (how === 'cut') socket.write(bytes, () => socket.destroy())
      else socket.end(bytes)
    })
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
    socket.on('error', reject)
    socket.on('close', () => resolve(text))
  })
}

const token = (): Promise<string> => cloud.token({ id: own.userId }, { project: { id: own.projectId } })
const swift = async (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
  cloud.request(method, `/object/v1/AUTH_${own.projectId}/${path}`, {
    as: await token(),
    headers: { ...headers, 'content-length': String(body?.length ?? 0) },
    ...(body !== undefined && { body }),
  })

test('what Swift made of other objects is shown as what it stands for', async () => {
  for (const name of ['s/1', 's/2']) await own.ask('PUT', `/first/${name}`, { body: `${name};` })
  const text = { 'content-type': 'text/plain' }
  assert.equal((await swift('PUT', 'first/dlo', { ...text, 'x-object-manifest': 'first/s/' }, '')).status, 201)
  const segments = JSON.stringify([{ path: '/first/s/2' }, { path: '/first/s/1' }])
  assert.equal((await swift('PUT', 'first/slo?multipart-manifest=put', text, segments)).status, 201)
  assert.equal((await swift('PUT', 'first/link', { ...text, 'x-symlink-target': 'first/s/1' }, '')).status, 201)
  for (const [key, whole] of [
    ['dlo', 's/1;s/2;'],
    ['slo', 's/2;s/1;'],
    ['link', 's/1;'],
  ] as const) {
    const got = await own.ask('GET', `/first/${key}`)
    assert.deepEqual([got.status, got.text, got.headers['content-length']], [200, whole, String(whole.length)], key)
    assert.equal((await own.ask('GET', `/first/${key}`, { headers: { range: 'bytes=2-2' } })).text, whole[2], key)
    const copy = await own.ask('PUT', `/first/${key}-copy`, { headers: { 'x-amz-copy-source': `/first/${key}` } })
    assert.equal(copy.status, 200, copy.text)
    assert.equal((await own.ask('GET', `/first/${key}-copy`)).text, whole, key)
  }
  assert.match(String((await own.ask('HEAD', '/first/slo')).headers['etag']), /^"[0-9a-f]{32}-N"$/)
  await own.ask('DELETE', '/first/s/1')
  assert.equal((await own.ask('GET', '/first/slo-copy')).text, 's/2;s/1;')
  assert.equal((await own.ask('GET', '/first/link')).code, 'NoSuchKey')
})

test('a manifest that anybody may read opens none of the private objects that it names', async () => {
  for (const bucket of ['open-m', 'closed-m']) await own.ask('PUT', `/${bucket}`)
  await own.ask('PUT', '/closed-m/secret', { body: 'secret' })
  await own.ask('DELETE', '/open-m?publicAccessBlock')
  const text = { 'content-type': 'text/plain' }
  await swift('POST', 'open-m', { ...text, 'x-container-read': '.r:*,.rlistings' })
  assert.equal((await swift('PUT', 'open-m/slo?multipart-manifest=put', text, JSON.stringify([{ path: '/closed-m/secret' }]))).status, 201)
  await swift('PUT', 'open-m/dlo', { ...text, 'x-object-manifest': 'closed-m/sec' }, '')
  await swift('PUT', 'open-m/link', { ...text, 'x-symlink-target': 'closed-m/secret' }, '')
  await swift('PUT', 'open-m/plain', text, 'open')
  assert.equal((await own.ask('GET', '/open-m/plain', { anonymous: true })).text, 'open')
  for (const key of ['slo', 'dlo', 'link']) {
    assert.equal((await own.ask('GET', `/open-m/${key}`)).text, 'secret', key)
    const got = await own.ask('GET', `/open-m/${key}`, { anonymous: true }).catch(() => ({ text: 'cut', status: 0 }))
    assert.ok(!got.text.includes('secret') && got.status !== 200, key)
  }
})

test('requests that follow each other on one connection are answered in turn', async () => {
  const written = rawRequests([
    { method: 'PUT', target: '/first/pipe', body: 'one' },
    { method: 'GET', target: '/first/pipe' },
    { method: 'DELETE', target: '/first/pipe' },
    { method: 'HEAD', target: '/first/pipe' },
  ])
  const text = await rawTalk(written)
  assert.deepEqual(
    [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
    ['200', '200', '204', '404'],
  )
  assert.match(text, /\r\n\r\none/)
})

test('a connection that is cut within a body leaves nothing, whatever the framing', async () => {
  const plain = rawRequests([{ method: 'PUT', target: '/first/cut', body: 'x'.repeat(100_000) }])
  await rawTalk(plain.subarray(0, plain.length - 10), 'cut')
  await rawTalk(plain.subarray(0, plain.length - 100_010), 'cut')
  const after = await own.ask('HEAD', '/first/cut')
  assert.equal(after.status, 404)
})
