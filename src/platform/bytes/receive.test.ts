import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { openLocalFile } from './local-file.ts'
import { receive } from './receive.ts'

const mib = 1_048_576
const turnsOfAWrite = 50

/** A disk that is slower than the sender, so that all blocks are full when the stream ends. */
function slowFile(size: number): { file: FileHandle; bytes: Buffer } {
  const bytes = Buffer.alloc(size)
  const write = async (from: Buffer, offset: number, length: number, position: number) => {
    for (let n = 0; n < turnsOfAWrite; n++) await turn()
    from.copy(bytes, position, offset, offset + length)
    return { bytesWritten: length }
  }
  return { file: { write, sync: async () => {}, datasync: async () => {} } as unknown as FileHandle, bytes }
}

for (const blocks of [0.5, 1, 7.5, 8.5, 17.25]) {
  test(`all of ${blocks} MiB is written, though the disk is slower than the sender`, async (t) => {
    const sent = Buffer.alloc(blocks * mib, 'stackling')
    const folder = mkdtempSync(join(tmpdir(), 'stackling-receive-'))
    t.after(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'image'), sent)
    const { file, bytes } = slowFile(sent.length)
    const received = await receive(await openLocalFile(join(folder, 'image')), {
      open: async () => file,
      maxBytes: sent.length,
      digests: ['md5', 'sha512'],
    })
    assert.equal(received.sizeBytes, sent.length)
    assert.equal(received.digests.md5?.toString('hex'), createHash('md5').update(sent).digest('hex'))
    assert.ok(bytes.equals(sent), 'what is on the disk is not what was sent')
  })
}

test('what is small is handed back, and nothing is opened', async () => {
  const sent = Buffer.from('few bytes')
  const received = await receive(Readable.from([sent]), {
    open: () => assert.fail('a file was opened'),
    maxBytes: 100,
    smallBytes: 9,
    digests: ['crc32'],
  })
  assert.deepEqual(received.small, sent)
  assert.equal(received.digests.crc32?.readUInt32BE(), crc32(sent))
})

test('twenty streams at once to a slow disk are all written, though not all can have as many blocks as they like', async () => {
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const sent = Buffer.alloc(5 * mib + index, `stream ${index}`)
      const { file, bytes } = slowFile(sent.length)
      const received = await receive(Readable.from(chunks(sent)), { open: async () => file, maxBytes: sent.length, digests: ['md5'] })
      assert.equal(received.digests.md5?.toString('hex'), createHash('md5').update(sent).digest('hex'))
      assert.ok(bytes.equals(sent))
    }),
  )
})

function* chunks(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}
