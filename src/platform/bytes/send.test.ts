import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { readCheckedRange } from './read.ts'
import { sendBytes } from './send.ts'

const mib = 1_048_576
const folder = mkdtempSync(join(tmpdir(), 'stackling-send-'))
after(() => rmSync(folder, { recursive: true }))

async function served(make: () => Promise<Readable> | Readable) {
  const sent: Promise<number>[] = []
  const server = createServer(async (_, answer) => {
    let bytes = 0
    const whole = sendBytes(await make(), answer, (some) => (bytes += some)).then(() => bytes)
    whole.catch(() => undefined)
    sent.push(whole)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  after(() => void server.close())
  const { port } = server.address() as AddressInfo
  const ask = () => new Promise<IncomingMessage>((resolve, reject) => get({ port, host: '127.0.0.1' }, resolve).on('error', reject))
  return { ask, sent }
}

test('bytes read into pieces that are used again arrive as they are, for many readers at once', async () => {
  const bytes = randomBytes(9 * mib + 77)
  const path = join(folder, 'bytes')
  writeFileSync(path, bytes)
  const { ask, sent } = await served(async () =>
    readCheckedRange(await open(path), { start: 5, end: bytes.length - 3, sizeBytes: bytes.length, check: (piece) => piece }),
  )
  for (let round = 0; round < 3; round++) {
    const answers = await Promise.all(Array.from({ length: 8 }, async () => buffer(await ask())))
    for (const answer of answers) assert.ok(answer.equals(bytes.subarray(5, -3)))
  }
  assert.deepEqual(new Set(await Promise.all(sent)), new Set([bytes.length - 8]))
})

test('bytes that break off break the connection', async () => {
  const { ask, sent } = await served(() =>
    Readable.from(
      (function* () {
        yield Buffer.alloc(100_000)
        throw new Error('rot')
      })(),
    ),
  )
  await assert.rejects(async () => buffer(await ask()))
  await assert.rejects(sent[0] ?? Promise.resolve(), /rot/)
})

test('a reader that goes away ends the reading', async () => {
  let destroyed = false
  const { ask, sent } = await served(
    () =>
      new Readable({
        read() {
          this.push(Buffer.alloc(mib))
        },
        destroy(error, done) {
          destroyed = true
          done(error)
        },
      }),
  )
  const answer = await ask()
  answer.destroy()
  await assert.rejects(sent[0] ?? Promise.resolve(), { code: /ERR_STREAM_PREMATURE_CLOSE|ECONNRESET|EPIPE/ })
  assert.ok(destroyed)
})
