// Undoes bzip2, block by block, since no library for it is kept. A block is Huffman-coded runs of a move-to-front list of the Burrows-Wheeler
// transform of up to 900,000 bytes of runs. It works in place and holds a thread for some 50 ms a block: bunzip.ts gives it one of
// its own. No input makes it hold more than one block, in any form.

export class Bzip2Fault extends Error {}

/** A block never takes more in its compressed form: 900,000 symbols of 20 bits and its tables. */
const mostBlockBytes = 2_400_000

const mostSymbols = 258
const mostCodeBits = 20
const symbolsAGroup = 50
const chunkBytes = 65_536

/** Bits of what has come so far, the highest first. */
class Bits {
  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0
  #held = 0
  #count = 0

  /** Bytes that came and were not read. */
  get left(): number {
    return this.#bytes.length - this.#at
  }

  push(bytes: Uint8Array): void {
    const joined = new Uint8Array(this.left + bytes.length)
    joined.set(this.#bytes.subarray(this.#at))
    joined.set(bytes, this.left)
    this.#bytes = joined
    this.#at = 0
  }

  /** Up to 24 bits as a number. */
  read(bits: number): number {
    while (this.#count < bits) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new Bzip2Fault('the archive ends too early')
      this.#held = ((this.#held << 8) | byte) >>> 0
      this.#count += 8
    }
    this.#count -= bits
    const value = (this.#held >>> this.#count) & ((1 << bits) - 1)
    // what was read is dropped, so that 32 bits hold the rest and one byte more
    this.#held &= (1 << this.#count) - 1
    return value
  }

  long(): number {
    return this.read(16) * 65_536 + this.read(16)
  }

  /** To the next whole byte. */
  align(): void {
    this.#count -= this.#count % 8
    this.#held &= (1 << this.#count) - 1
  }

  get isEmpty(): boolean {
    return this.left === 0 && this.#count < 8
  }
}

/** Codes of one table: for each length the largest code, and where its symbols stand. */
interface Codes {
  limit: Int32Array
  base: Int32Array
  symbols: Uint16Array
  shortest: number
}

/** Feed it with `push`, then take what `blocks` gives; several archives behind each other are one. */
export class Bzip2 {
  readonly #bits = new Bits()
  #hasEnded = false
  /** 0: between archives */
  #blockSize = 0
  #archives = 0
  readonly #order = new Uint32Array(900_000)
  #streamCrc = 0

  push(bytes: Uint8Array): void {
    this.#bits.push(bytes)
  }

  end(): void {
    this.#hasEnded = true
  }

  /** Is there enough of the archive for one step? */
  get isReady(): boolean {
    return this.#hasEnded || this.#bits.left >= mostBlockBytes
  }

  /** What one block holds, in chunks; null at the end of everything. */
  step(): Generator<Uint8Array> | null {
    if (this.#blockSize === 0 && !this.#begin()) return null
    const bits = this.#bits
    const magic = bits.read(24) * 0x1000000 + bits.read(24)
    if (magic === 0x177245385090) {
      if (bits.long() !== this.#streamCrc) throw new Bzip2Fault('the archive’s checksum is wrong')
      bits.align()
      this.#blockSize = 0
      return none()
    }
    if (magic !== 0x314159265359) throw new Bzip2Fault('a block has no beginning')
    return this.#unrun(this.#block())
  }

  /** The head of an archive; false when there is none any more. */
  #begin(): boolean {
    const bits = this.#bits
    if (this.#archives > 0 && bits.isEmpty) return false
    if (bits.read(16) !== 0x425a || bits.read(8) !== 0x68) throw new Bzip2Fault('not a bzip2 archive')
    const level = bits.read(8) - 0x30
    if (level < 1 || level > 9) throw new Bzip2Fault('not a bzip2 archive')
    this.#archives++
    this.#blockSize = level * 100_000
    this.#streamCrc = 0
    return true
  }

  /** A block's bytes as a chain: `order` holds in each place the next one and, lowest, a byte. */
  #block(): { first: number; count: number; crc: number } {
    const bits = this.#bits
    const crc = bits.long()
    this.#streamCrc = (crc ^ ((this.#streamCrc << 1) | (this.#streamCrc >>> 31))) >>> 0
    if (bits.read(1) !== 0) throw new Bzip2Fault('randomised blocks are not supported')
    const origin = bits.read(24)
    const alphabet = readAlphabet(bits)
    const tables = readTables(bits, alphabet.length + 2)
    const { count, counts } = readSymbols(bits, { alphabet, tables, order: this.#order, most: this.#blockSize })
    if (origin >= count) throw new Bzip2Fault('a block begins outside of itself')
    chain(this.#order, count, counts)
    return { first: this.#order[(this.#order[origin] as number) >>> 8] as number, count, crc }
  }

  /** The chain's bytes, four equal ones followed by how many more there are. */
  *#unrun({ first, count, crc }: { first: number; count: number; crc: number }): Generator<Uint8Array> {
    const order = this.#order
    let chunk = new Uint8Array(chunkBytes)
    let length = 0
    let sum = 0xffffffff
    let place = first
    let previous = -1
    let run = 0
    for (let left = count; left > 0; left--) {
      const byte = place & 0xff
      place = order[place >>> 8] as number
      let copies = 1
      let value = byte
      if (run === 4) {
        copies = byte
        value = previous
        run = 0
        previous = -1
      } else if (byte === previous) run++
      else {
        run = 1
        previous = byte
      }
      for (; copies > 0; copies--) {
        sum = ((sum << 8) ^ (crcTable[(sum >>> 24) ^ value] as number)) >>> 0
        chunk[length++] = value
        if (length === chunkBytes) {
          yield chunk
          chunk = new Uint8Array(chunkBytes)
          length = 0
        }
      }
    }
    if (length > 0) yield chunk.subarray(0, length)
    if (~sum >>> 0 !== crc) throw new Bzip2Fault('a block’s checksum is wrong')
  }
}

function* none(): Generator<Uint8Array> {}

/** The bytes that occur, in order: two levels of sixteen flags. */
function readAlphabet(bits: Bits): number[] {
  const ranges = bits.read(16)
  const alphabet: number[] = []
  for (let range = 0; range < 16; range++) {
    if (!(ranges & (0x8000 >> range))) continue
    const used = bits.read(16)
    for (let byte = 0; byte < 16; byte++) if (used & (0x8000 >> byte)) alphabet.push(range * 16 + byte)
  }
  if (alphabet.length === 0) throw new Bzip2Fault('a block without bytes')
  return alphabet
}

/** Which table each fifty symbols use, one after the other. */
function readTables(bits: Bits, symbols: number): Codes[] {
  const count = bits.read(3)
  const selectors = bits.read(15)
  if (count < 2 || count > 6 || selectors === 0) throw new Bzip2Fault('a block’s tables are wrong')
  const recent = Array.from({ length: count }, (_, index) => index)
  const chosen: number[] = []
  for (let index = 0; index < selectors; index++) {
    let at = 0
    while (bits.read(1) === 1) if (++at >= count) throw new Bzip2Fault('a block’s tables are wrong')
    const [table] = recent.splice(at, 1) as [number]
    recent.unshift(table)
    chosen.push(table)
  }
  const tables = Array.from({ length: count }, () => readCodes(bits, symbols))
  return chosen.map((table) => tables[table] as Codes)
}

/** Code lengths, each told by its difference from the one before. */
function readCodes(bits: Bits, symbols: number): Codes {
  const lengths = new Uint8Array(symbols)
  let length = bits.read(5)
  for (let symbol = 0; symbol < symbols; symbol++) {
    for (;;) {
      if (length < 1 || length > mostCodeBits) throw new Bzip2Fault('a code’s length is wrong')
      if (bits.read(1) === 0) break
      length += bits.read(1) === 0 ? 1 : -1
    }
    lengths[symbol] = length
  }
  return codesOf(lengths)
}

function codesOf(lengths: Uint8Array): Codes {
  const counts = new Int32Array(mostCodeBits + 1)
  for (const length of lengths) counts[length] = (counts[length] as number) + 1
  const limit = new Int32Array(mostCodeBits + 1).fill(-1)
  const base = new Int32Array(mostCodeBits + 1)
  let code = 0
  let before = 0
  for (let length = 1; length <= mostCodeBits; length++) {
    const count = counts[length] as number
    // a code of this length stands for the symbol at `code - base`
    base[length] = code - before
    if (count > 0) limit[length] = code + count - 1
    code = (code + count) << 1
    before += count
  }
  const symbols = new Uint16Array(mostSymbols)
  let at = 0
  for (let length = 1; length <= mostCodeBits; length++)
    for (let symbol = 0; symbol < lengths.length; symbol++) if (lengths[symbol] === length) symbols[at++] = symbol
  return { limit, base, symbols, shortest: lengths.reduce((least, length) => Math.min(least, length), mostCodeBits) }
}

interface Block {
  alphabet: number[]
  tables: Codes[]
  order: Uint32Array
  most: number
}

/** All symbols of a block: runs of the byte in front, or a byte that moves to the front. */
function readSymbols(bits: Bits, { alphabet, tables, order, most }: Block): { count: number; counts: Uint32Array } {
  const front = Uint8Array.from(alphabet)
  const counts = new Uint32Array(256)
  const end = alphabet.length + 1
  let count = 0
  let run = 0
  let weight = 1
  const append = (byte: number, copies: number) => {
    if (count + copies > most) throw new Bzip2Fault('a block is too long')
    counts[byte] = (counts[byte] as number) + copies
    order.fill(byte, count, count + copies)
    count += copies
  }
  for (let group = 0; ; group++) {
    const codes = tables[group]
    if (!codes) throw new Bzip2Fault('a block has no end')
    for (let index = 0; index < symbolsAGroup; index++) {
      const symbol = readSymbol(bits, codes)
      if (symbol <= 1) {
        // digits of a number to the base of two, where 1 and 2 are the digits
        run += weight << symbol
        if (run > most) throw new Bzip2Fault('a block is too long')
        weight <<= 1
        continue
      }
      if (run > 0) {
        append(front[0] as number, run)
        run = 0
        weight = 1
      }
      if (symbol === end) return { count, counts }
      const at = symbol - 1
      const byte = front[at]
      if (byte === undefined) throw new Bzip2Fault('a symbol is wrong')
      front.copyWithin(1, 0, at)
      front[0] = byte
      append(byte, 1)
    }
  }
}

function readSymbol(bits: Bits, { limit, base, symbols, shortest }: Codes): number {
  let code = bits.read(shortest)
  for (let length = shortest; ;) {
    if (code <= (limit[length] as number)) return symbols[code - (base[length] as number)] as number
    if (++length > mostCodeBits) throw new Bzip2Fault('a code is wrong')
    code = (code << 1) | bits.read(1)
  }
}

/** From sorted bytes to a chain through them. */
function chain(order: Uint32Array, count: number, counts: Uint32Array): void {
  const starts = new Uint32Array(256)
  for (let byte = 0, sum = 0; byte < 256; byte++) {
    starts[byte] = sum
    sum += counts[byte] as number
  }
  for (let place = 0; place < count; place++) {
    const byte = (order[place] as number) & 0xff
    const at = starts[byte] as number
    starts[byte] = at + 1
    order[at] = ((order[at] as number) | (place << 8)) >>> 0
  }
}

/** CRC-32 with the highest bit first: zlib's counts the other way. */
const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24
  for (let bit = 0; bit < 8; bit++) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1
  return value >>> 0
})
