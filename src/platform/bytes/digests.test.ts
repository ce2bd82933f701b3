import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { crcCombine, crcStart, type CrcName } from './crc.ts'
import { digestOf, digestStart } from './digests.ts'
import { startHashing } from './hashing.ts'

const names = ['crc32', 'crc32c', 'crc64nvme'] as const

test('CRCs are those that their standards give for 123456789', () => {
  const { crc32, crc32c, crc64nvme } = digestOf(Buffer.from('123456789'), names)
  assert.equal(crc32?.toString('hex'), 'cbf43926')
  assert.equal(crc32c?.toString('hex'), 'e3069283')
  assert.equal(crc64nvme?.toString('hex'), 'ae8b14860a799888')
})

test('a CRC is the same in pieces of any length', () => {
  const bytes = randomBytes(10_007)
  for (const name of names) {
    const pieces = crcStart(name)
    for (let at = 0; at < bytes.length; at += 13) pieces.update(bytes.subarray(at, at + 13))
    const whole = crcStart(name)
    whole.update(bytes)
    assert.deepEqual(pieces.digest(), whole.digest(), name)
  }
})

test('the CRC of two pieces is made of the pieces’ own', () => {
  const of = (name: CrcName, bytes: Buffer) => digestOf(bytes, [name])[name] as Buffer
  for (const name of names) {
    for (const length of [0, 1, 7, 4_096, 1_000_003]) {
      const [first, second] = [randomBytes(1_234), randomBytes(length)]
      const combined = crcCombine(name, of(name, first), of(name, second), length)
      assert.deepEqual(combined, of(name, Buffer.concat([first, second])), `${name} ${length}`)
    }
  }
})

test('threads give the digests that are made in place, of several streams at once', async () => {
  const all = ['md5', 'sha1', 'sha256', 'sha512', 'crc32', 'crc32c', 'crc64nvme'] as const
  const streams = Array.from({ length: 3 }, () => {
    const memory = new SharedArrayBuffer(100_000)
    randomBytes(100_000).copy(Buffer.from(memory))
    return { memory, hashing: startHashing(all), inPlace: digestStart(all) }
  })
  for (let n = 0; n < 3; n++) {
    for (const { memory, hashing, inPlace } of streams) {
      inPlace.update(Buffer.from(memory, 0, 50_000 + n))
      await hashing.update(memory, 50_000 + n)
    }
  }
  for (const { hashing, inPlace } of streams) assert.deepEqual(await hashing.digest(), inPlace.digest())
})
