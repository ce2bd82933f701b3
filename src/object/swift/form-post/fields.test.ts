import assert from 'node:assert/strict'
import { test } from 'node:test'
import { capped, FieldFault, fieldsAdd, formText, whole, type Fields } from './fields.ts'

async function* bytes(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text)
}

test('a signature covers the path and the limits, in this order', async () => {
  const fields: Fields = new Map()
  await fieldsAdd(fields, 'Max_File_Size', bytes('10', '24'))
  await fieldsAdd(fields, 'expires', bytes('99'))
  await fieldsAdd(fields, 'redirect', bytes('https://x/?a=b'))
  await fieldsAdd(fields, undefined, bytes('nameless'))
  assert.equal(formText('/v1/AUTH_a/c/', fields), '/v1/AUTH_a/c/\nhttps://x/?a=b\n1024\n0\n99')
})

test('a value is cut at its longest, and there are only so many', async () => {
  const fields: Fields = new Map()
  await fieldsAdd(fields, 'long', bytes('x'.repeat(3000), 'y'.repeat(3000), 'z'))
  assert.equal(fields.get('long')?.length, 4096)
  for (let index = 0; index < 199; index++) await fieldsAdd(fields, `f${index}`, bytes('v'))
  await assert.rejects(fieldsAdd(fields, 'one-more', bytes('v')), FieldFault)
})

test('a number is one, or there is none', () => {
  assert.equal(whole(new Map([['a', ' 12 ']]), 'a'), 12)
  assert.equal(whole(new Map(), 'a'), 0)
  assert.throws(() => whole(new Map([['a', 'twelve']]), 'a'), FieldFault)
})

test('a file has no more bytes than the form allows', async () => {
  const read = async (maxBytes: number) => {
    let text = ''
    for await (const chunk of capped(bytes('abc', 'def'), maxBytes)) text += chunk.toString()
    return text
  }
  assert.equal(await read(6), 'abcdef')
  await assert.rejects(read(5), FieldFault)
})
