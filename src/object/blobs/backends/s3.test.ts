// The s3 driver against a second instance of ours: its S3 door is the storage of somebody else.
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { startS3Cloud, type S3Cloud } from '../../../../test/support/s3.ts'
import { systemClock } from '../../../platform/clock.ts'
import { blobDriverConformance, readBlob, writeBlob } from './conformance.ts'
import type { BlobDriver } from './driver.ts'
import type { S3Bucket } from './s3-requests.ts'
import { s3Blobs } from './s3.ts'

const mib = 1_048_576
let cloud: S3Cloud
let bucket: S3Bucket
let driver: BlobDriver
/** the time of the other cloud is a test's; pauses are real */
const clock = () => ({ nowMs: () => cloud.clock.nowMs(), after: systemClock.after })

before(async () => {
  cloud = await startS3Cloud()
  const { access, secret, ask } = await cloud.client('blobs')
  assert.equal((await ask('PUT', '/blobs')).status, 200)
  bucket = { endpoint: `http://127.0.0.1:${cloud.port}`, bucket: 'blobs', accessKey: access, secretKey: secret, region: 'us-east-1' }
  driver = s3Blobs(bucket, clock())
})
after(() => cloud.stop())

blobDriverConformance('s3', () => driver)

test('s3: more than a listing’s page is listed', async () => {
  const directory = '2026102111'
  const ids = Array.from({ length: 11 }, () => randomUUID())
  for (const id of ids) await writeBlob(driver, { id, directory }, Buffer.from('x'))
  const found: string[] = []
  for await (const id of s3Blobs(bucket, clock(), 5).list(directory)) found.push(id)
  assert.deepEqual(found.sort(), ids.sort())
  const hours = Array.from({ length: 6 }, (_, hour) => `202610220${hour}`)
  for (const each of hours) await writeBlob(driver, { id: randomUUID(), directory: each }, Buffer.from('x'))
  const all = await s3Blobs(bucket, clock(), 3).directories()
  assert.deepEqual(
    all.filter((each) => each.startsWith('20261022')),
    hours,
  )
})

test('s3: a wrong key is told at once, with what the storage says', async () => {
  const wrong = s3Blobs({ ...bucket, secretKey: 'wrong' }, clock())
  await assert.rejects(writeBlob(wrong, { id: randomUUID(), directory: '2026102112' }, Buffer.from('x')), /403.*SignatureDoesNotMatch/s)
})

test('s3: an answer that is lost, or a storage that is down for a moment, is asked again', async () => {
  const proxy = await losing(cloud.port)
  const through = s3Blobs({ ...bucket, endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` }, clock())
  for (const length of [100, 7 * mib]) {
    const [blob, bytes] = [{ id: randomUUID(), directory: '2026102113' }, randomBytes(length)]
    await writeBlob(through, blob, bytes)
    assert.ok((await readBlob(driver, blob, 0, length)).equals(bytes))
  }
  proxy.close()
  proxy.closeAllConnections()
})

/** Passes on every request, and of each kind loses the first answer or answers 503 in its stead. */
async function losing(port: number): Promise<Server> {
  const seen = new Map<string, number>()
  const server = createServer((asked, answer) => {
    const kind = `${asked.method} ${asked.url?.split('?')[1]?.split('=')[0] ?? ''}`
    const count = (seen.get(kind) ?? 0) + 1
    seen.set(kind, count)
    if (count === 1) {
      asked.resume()
      return asked.once('end', () => answer.writeHead(503).end())
    }
    const passed = httpRequest({ port, method: asked.method, path: asked.url, headers: asked.headers }, (got) => {
      if (count === 2) return void asked.socket.destroy()
      answer.writeHead(got.statusCode ?? 0, got.headers)
      got.pipe(answer)
    })
    asked.pipe(passed)
  })
  // the signature is of the host that the client asks: both doors say the same
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
