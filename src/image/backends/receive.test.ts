import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
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
      file,
      maxBytes: sent.length,
      headBytes: 512,
      inspect() {},
    })
    assert.equal(received.sizeBytes, sent.length)
    assert.equal(received.md5, createHash('md5').update(sent).digest('hex'))
    assert.ok(bytes.equals(sent), 'what is on the disk is not what was sent')
  })
}
