import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { ArchiveFault, filesOf, type Packing } from './archive.ts'

async function packed(
  entries: [name: string, text: string, type?: 'file' | 'directory' | 'symlink', pax?: Record<string, string>][],
): Promise<Buffer> {
  const archive = pack()
  for (const [name, text, type = 'file', pax] of entries)
    if (type === 'file') archive.entry({ name, ...(pax && { pax }) }, text)
    else archive.entry({ name, type, ...(type === 'symlink' && { linkname: text }) })
  archive.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of archive) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function read(bytes: Buffer, { packing = 'none', size = 100 }: { packing?: Packing; size?: number } = {}) {
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size))
  const files = []
  for await (const { name, attributes, content } of filesOf(Readable.from(pieces), packing)) {
    const chunks: Buffer[] = []
    for await (const chunk of content) chunks.push(chunk)
    files.push({ name, attributes, text: Buffer.concat(chunks).toString() })
  }
  return files
}

test('regular files come out, whatever their names, and nothing else', async () => {
  const bytes = await packed([
    ['c/', '', 'directory'],
    ['c/a', 'one'],
    ['../../etc/passwd', 'two'],
    ['c/link', '/etc/passwd', 'symlink'],
    [`c/${'long/'.repeat(60)}ü`, 'x'.repeat(5000), 'file', { 'SCHILY.xattr.user.meta.colour': 'blue' }],
    ['c/empty', ''],
  ])
  for (const size of [7, 512, 100_000]) {
    const files = await read(bytes, { size })
    assert.deepEqual(
      files.map(({ name, text }) => [name, text.length]),
      [
        ['c/a', 3],
        ['../../etc/passwd', 3],
        [`c/${'long/'.repeat(60)}ü`, 5000],
        ['c/empty', 0],
      ],
    )
    assert.equal(files[2]?.attributes['SCHILY.xattr.user.meta.colour'], 'blue')
  }
})

test('a file that nobody reads does not stop those behind it', async () => {
  const bytes = await packed([
    ['c/a', 'x'.repeat(200_000)],
    ['c/b', 'two'],
  ])
  const names = []
  for await (const { name, content } of filesOf(Readable.from([bytes]), 'none')) {
    names.push(name)
    // begun, and left
    if (name === 'c/a') for (let chunk = await content.next(); chunk.done; chunk = await content.next());
  }
  assert.deepEqual(names, ['c/a', 'c/b'])
})

test('packed archives are unpacked on the way', async () => {
  const bytes = await packed([['c/a', 'one']])
  assert.equal((await read(gzipSync(bytes), { packing: 'gzip' }))[0]?.text, 'one')
})

test('what is no archive, or is cut off, is a fault', async () => {
  await assert.rejects(read(Buffer.from('x'.repeat(2000))), ArchiveFault)
  await assert.rejects(read(Buffer.from('hello'), { packing: 'gzip' }), ArchiveFault)
  const bytes = await packed([['c/a', 'x'.repeat(3000)]])
  await assert.rejects(read(bytes.subarray(0, 2000)), ArchiveFault)
  await assert.rejects(read(gzipSync(bytes).subarray(0, 40), { packing: 'gzip' }), ArchiveFault)
})

test('a header that never ends is a fault before it is held', async () => {
  const header = Buffer.alloc(512)
  header.write('x/pax')
  header.write('0000644\0', 100)
  header.write('77777777777\0', 124)
  header.write('x', 156)
  header.write('ustar\0' + '00', 257)
  header.fill(' ', 148, 156)
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  )
  let sent = 0
  async function* endless(): AsyncGenerator<Buffer> {
    yield header
    for (; sent < 64 * 1024 * 1024; sent += 65_536) yield Buffer.alloc(65_536)
  }
  await assert.rejects(async () => {
    for await (const _ of filesOf(Readable.from(endless()), 'none'));
  }, ArchiveFault)
  assert.ok(sent < 8 * 1024 * 1024, `${sent}`)
})
