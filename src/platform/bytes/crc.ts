// CRC-32C and CRC-64/NVME, which zlib has not: by tables for eight bytes at a time, in halves of 32 bits (BigInt would be a hundred times
// slower). Also the CRC of two pieces in a row out of the pieces' own. Big-endian, as S3 writes them.
import { crc32 } from 'node:zlib'
import { assert } from '../errors.ts'

export type CrcName = 'crc32' | 'crc32c' | 'crc64nvme'

/** bits, and the polynomial with its bits reversed */
const kinds = {
  crc32: { bits: 32n, polynomial: 0xedb88320n },
  crc32c: { bits: 32n, polynomial: 0x82f63b78n },
  crc64nvme: { bits: 64n, polynomial: 0x9a6c9329ac4bc9b5n },
} as const

export interface Running {
  update(bytes: Uint8Array): void
  digest(): Buffer
}

export function crcStart(name: CrcName): Running {
  if (name === 'crc32') return startCrc32()
  return name === 'crc32c' ? startHalves(tablesOf('crc32c'), 4) : startHalves(tablesOf('crc64nvme'), 8)
}

function startCrc32(): Running {
  let value = 0
  return {
    update: (bytes) => void (value = crc32(bytes, value)),
    digest() {
      const digest = Buffer.alloc(4)
      digest.writeUInt32BE(value)
      return digest
    },
  }
}

/** For the byte `b` with `n` bytes after it in a group of eight: `low[n * 256 + b]`, `high[n * 256 + b]`. */
interface Tables {
  low: Int32Array
  high: Int32Array
}

const known = new Map<CrcName, Tables>()

function tablesOf(name: CrcName): Tables {
  let tables = known.get(name)
  if (!tables) known.set(name, (tables = makeTables(kinds[name].polynomial)))
  return tables
}

function makeTables(polynomial: bigint): Tables {
  const [lowPolynomial, highPolynomial] = [Number(polynomial & 0xffffffffn) | 0, Number(polynomial >> 32n) | 0]
  const [low, high] = [new Int32Array(8 * 256), new Int32Array(8 * 256)]
  for (let byte = 0; byte < 256; byte++) {
    let [l, h] = [byte, 0]
    for (let bit = 0; bit < 8; bit++) {
      const odd = l & 1
      l = (l >>> 1) | (h << 31)
      h >>>= 1
      if (odd) [l, h] = [l ^ lowPolynomial, h ^ highPolynomial]
    }
    low[byte] = l
    high[byte] = h
  }
  for (let at = 256; at < 8 * 256; at++) {
    const [l, h] = [low[at - 256] as number, high[at - 256] as number]
    low[at] = (low[l & 255] as number) ^ ((l >>> 8) | (h << 24))
    high[at] = (high[l & 255] as number) ^ (h >>> 8)
  }
  return { low, high }
}

function startHalves({ low, high }: Tables, digestBytes: 4 | 8): Running {
  let l = -1
  let h = digestBytes === 8 ? -1 : 0
  return {
    update(bytes) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      const whole = bytes.length - (bytes.length % 8)
      for (let at = 0; at < whole; at += 8) {
        const a = l ^ view.getInt32(at, true)
        const b = h ^ view.getInt32(at + 4, true)
        const [i0, i1, i2, i3] = [1792 + (a & 255), 1536 + ((a >>> 8) & 255), 1280 + ((a >>> 16) & 255), 1024 + (a >>> 24)]
        const [i4, i5, i6, i7] = [768 + (b & 255), 512 + ((b >>> 8) & 255), 256 + ((b >>> 16) & 255), b >>> 24]
        l = low[i0]! ^ low[i1]! ^ low[i2]! ^ low[i3]! ^ low[i4]! ^ low[i5]! ^ low[i6]! ^ low[i7]!
        h = high[i0]! ^ high[i1]! ^ high[i2]! ^ high[i3]! ^ high[i4]! ^ high[i5]! ^ high[i6]! ^ high[i7]!
      }
      for (let at = whole; at < bytes.length; at++) {
        const index = (l ^ bytes[at]!) & 255
        l = low[index]! ^ ((l >>> 8) | (h << 24))
        h = high[index]! ^ (h >>> 8)
      }
    },
    digest() {
      const digest = Buffer.alloc(digestBytes)
      digest.writeUInt32BE(~l >>> 0, digestBytes - 4)
      if (digestBytes === 8) digest.writeUInt32BE(~h >>> 0)
      return digest
    },
  }
}

/** The CRC of `first` followed by `second`, which is so many bytes: what a whole object's is out of its parts'. */
export function crcCombine(name: CrcName, first: Buffer, second: Buffer, secondBytes: number): Buffer {
  const { bits } = kinds[name]
  assert(first.length * 8 === Number(bits) && second.length === first.length, `a ${name} has ${bits} bits`)
  const value = times(zeros(name, secondBytes), BigInt(`0x${first.toString('hex')}`)) ^ BigInt(`0x${second.toString('hex')}`)
  return Buffer.from(value.toString(16).padStart(first.length * 2, '0'), 'hex')
}

/** what 2^n zero bytes make of a CRC, as a matrix over bits: columns */
const powers: Partial<Record<CrcName, bigint[][]>> = {}
/** the same for a number of bytes that was asked for last: an upload's parts are nearly all equally long */
const lengths: Partial<Record<CrcName, { bytes: number; matrix: bigint[] }>> = {}

function zeros(name: CrcName, bytes: number): bigint[] {
  const known = lengths[name]
  if (known?.bytes === bytes) return known.matrix
  const bits = Number(kinds[name].bits)
  let matrix = Array.from({ length: bits }, (_, bit) => 1n << BigInt(bit))
  for (let left = bytes, n = 0; left > 0; left = Math.floor(left / 2), n++) {
    if (left % 2 === 1) matrix = product(power(name, n), matrix)
  }
  lengths[name] = { bytes, matrix }
  return matrix
}

function power(name: CrcName, n: number): bigint[] {
  const { bits, polynomial } = kinds[name]
  const known = (powers[name] ??= [])
  while (known.length <= n) {
    const last = known.at(-1)
    if (last) known.push(product(last, last))
    else {
      const bit = Array.from({ length: Number(bits) }, (_, index) => (index === 0 ? polynomial : 1n << BigInt(index - 1)))
      const two = product(bit, bit)
      const four = product(two, two)
      known.push(product(four, four))
    }
  }
  return known[n] as bigint[]
}

function times(matrix: bigint[], vector: bigint): bigint {
  let sum = 0n
  let rest = vector
  for (let bit = 0; rest !== 0n; bit++, rest >>= 1n) if (rest & 1n) sum ^= matrix[bit] as bigint
  return sum
}

const product = (left: bigint[], right: bigint[]): bigint[] => right.map((column) => times(left, column))
