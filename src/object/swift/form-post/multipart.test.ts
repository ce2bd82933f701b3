import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FormFault, headerWithAttributes, partsOf } from './multipart.ts'

async function* inChunks(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(text: string, size: number, boundary = 'B'): Promise<{ headers: Record<string, string>; text: string }[]> {
  const parts = []
  for await (const part of partsOf(inChunks(text, size), boundary)) {
    const chunks: Buffer[] = []
    for await (const chunk of part.bytes) chunks.push(chunk)
    parts.push({ headers: part.headers, text: Buffer.concat(chunks).toString('latin1') })
  }
  return parts
}

const form = ['--B', 'Content-Disposition: form-data; name="a"', '', 'one', '--B', 'X: y', '', 'two\r\n--almost\r\n-', '--B--', ''].join(
  '\r\n',
)

test('parts come apart wherever the body is cut', async () => {
  for (let size = 1; size < 80; size++) {
    const parts = await read(form, size)
    assert.deepEqual(
      parts.map(({ text }) => text),
      ['one', 'two\r\n--almost\r\n-'],
      `${size}`,
    )
    assert.equal(parts[1]?.headers['x'], 'y')
  }
})

test('what is not read of a part is skipped', async () => {
  const names = []
  for await (const { headers } of partsOf(inChunks(form, 7), 'B')) names.push(Object.keys(headers)[0])
  assert.deepEqual(names, ['content-disposition', 'x'])
})

test('a form that does not begin with its boundary, or is cut off, is none', async () => {
  await assert.rejects(read('hello', 3), FormFault)
  await assert.rejects(read('--Bx\r\n\r\nhello\r\n--B--', 3), FormFault)
  await assert.rejects(read(form.slice(0, -14), 5), FormFault)
  await assert.rejects(read(form, 5, ''), FormFault)
})

test('headers of a part have an end', async () => {
  await assert.rejects(read(`--B\r\nX: ${'y'.repeat(20_000)}\r\n\r\n\r\n--B--`, 1000), FormFault)
  await assert.rejects(read(`--B\r\n${'X: y\r\n'.repeat(5000)}\r\n\r\n--B--`, 1000), FormFault)
})

test('a disposition has a word and attributes, quoted or not', () => {
  assert.deepEqual(
    { ...headerWithAttributes('Form-Data; name="file1"; FILENAME="a; b.txt" ;x=1').attributes },
    { name: 'file1', filename: 'a; b.txt', x: '1' },
  )
  assert.equal(headerWithAttributes('multipart/form-data; boundary=abc').attributes['boundary'], 'abc')
  assert.equal(headerWithAttributes(`form-data; ${' '.repeat(16_000)}`).value, 'form-data')
})
