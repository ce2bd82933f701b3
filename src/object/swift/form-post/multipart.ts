// A body of multipart/form-data, read as it comes: part after part, each with its headers and a stream of its bytes. Nothing of a
// file is held but what may be the beginning of a boundary; everything else that a client may make long has an end.

import { table } from '../../../platform/table.ts'

export interface Part {
  headers: Record<string, string>
  /** its bytes; what is not read of it is skipped when the next part is asked for */
  bytes: AsyncIterable<Buffer>
}

/** The body is no such form. */
export class FormFault extends Error {}

const longestBoundary = 256
const mostHeaderBytes = 16_384
const mostParts = 1000
const newline = Buffer.from('\r\n')

/** The parts of a body, one after the other. */
export async function* partsOf(body: AsyncIterable<Buffer>, boundary: string): AsyncGenerator<Part> {
  if (boundary === '' || boundary.length > longestBoundary) throw new FormFault('invalid starting boundary')
  const input = new Input(body)
  await openingBoundary(input, `--${boundary}`)
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
  for (let count = 0; ; count++) {
    if (count >= mostParts) throw new FormFault('too many parts')
    // the headers of a part without any begin with the end of a line as well
    const headers = await headersOf(input)
    const content = new Content(input, delimiter)
    yield { headers, bytes: content }
    await content.skip()
    if (await isLast(input)) return
  }
}

/** Blank lines, then the first boundary. */
async function openingBoundary(input: Input, line: string): Promise<void> {
  const bytes = Buffer.from(line, 'latin1')
  for (let blanks = 0; (await input.startsWith(newline)) && blanks < 16; blanks++) input.drop(2)
  if (!(await input.startsWith(bytes))) throw new FormFault('invalid starting boundary')
  input.drop(bytes.length)
  if (!(await input.startsWith(newline))) throw new FormFault('invalid starting boundary')
  input.drop(2)
}

/** What follows a boundary: '--' ends the form, the end of a line begins a part; so does the end of the body. */
async function isLast(input: Input): Promise<boolean> {
  const next = await input.peek(2)
  input.drop(next.length)
  return next.length < 2 || next.toString('latin1') !== '\r\n'
}

async function headersOf(input: Input): Promise<Record<string, string>> {
  const headers = table<string>()
  let bytes = 0
  for (;;) {
    const line = await input.line(mostHeaderBytes - bytes)
    bytes += line.length + 2
    if (bytes > mostHeaderBytes) throw new FormFault('headers of a part are too long')
    if (line.length === 0) return headers
    const text = line.toString('utf8')
    const colon = text.indexOf(':')
    if (colon > 0) headers[text.slice(0, colon).trim().toLowerCase()] = text.slice(colon + 1).trim()
  }
}

/** What has come and was not used yet. */
class Input {
  #buffer: Buffer = Buffer.alloc(0)
  readonly #source: AsyncIterator<Buffer>
  hasEnded = false

  constructor(body: AsyncIterable<Buffer>) {
    this.#source = body[Symbol.asyncIterator]()
  }

  get buffer(): Buffer {
    return this.#buffer
  }

  drop(bytes: number): void {
    this.#buffer = this.#buffer.subarray(bytes)
  }

  /** Waits for more; false at the end of the body. */
  async more(): Promise<boolean> {
    if (this.hasEnded) return false
    const { value, done } = await this.#source.next()
    if (done) this.hasEnded = true
    else this.#buffer = this.#buffer.length === 0 ? value : Buffer.concat([this.#buffer, value])
    return !done
  }

  /** Up to so many bytes; fewer at the end only. */
  async peek(bytes: number): Promise<Buffer> {
    while (this.#buffer.length < bytes && (await this.more()));
    return this.#buffer.subarray(0, bytes)
  }

  async startsWith(bytes: Buffer): Promise<boolean> {
    return (await this.peek(bytes.length)).equals(bytes)
  }

  /** A line without its end; at the end of the body what is left. */
  async line(mostBytes: number): Promise<Buffer> {
    for (let from = 0; ;) {
      const end = this.#buffer.indexOf(newline, from)
      if (end >= 0) {
        const line = this.#buffer.subarray(0, end)
        this.drop(end + 2)
        return line
      }
      if (this.#buffer.length > mostBytes) throw new FormFault('headers of a part are too long')
      from = Math.max(0, this.#buffer.length - 1)
      if (!(await this.more())) {
        const rest = this.#buffer
        this.drop(rest.length)
        return rest
      }
    }
  }
}

/** The bytes of a part, up to the boundary, which is dropped with them. */
class Content implements AsyncIterable<Buffer> {
  readonly #input: Input
  readonly #delimiter: Buffer
  #hasEnded = false

  constructor(input: Input, delimiter: Buffer) {
    this.#input = input
    this.#delimiter = delimiter
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for (;;) {
      const chunk = await this.#next()
      if (!chunk) return
      if (chunk.length > 0) yield chunk
    }
  }

  async skip(): Promise<void> {
    while (await this.#next());
  }

  async #next(): Promise<Buffer | null> {
    if (this.#hasEnded) return null
    const input = this.#input
    const delimiter = this.#delimiter
    if (input.buffer.length < delimiter.length && !(await this.#fill())) return null
    const at = input.buffer.indexOf(delimiter)
    // without a boundary in sight all but what may be the beginning of one is the part's
    const length = at >= 0 ? at : Math.max(0, input.buffer.length - delimiter.length + 1)
    const chunk = input.buffer.subarray(0, length)
    input.drop(length)
    if (at >= 0) {
      input.drop(delimiter.length)
      this.#hasEnded = true
    }
    return chunk
  }

  /** A body that ends without its boundary was cut off: nothing of it may pass for a whole file. */
  async #fill(): Promise<boolean> {
    await this.#input.peek(this.#delimiter.length)
    if (this.#input.buffer.length >= this.#delimiter.length) return true
    throw new FormFault('the form ends without its boundary')
  }
}

const attribute = /;\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*("[^"]*"|[^;\s]*)\s*/y

/** `form-data; name="file1"; filename="a b.txt"` as a word and its attributes. */
export function headerWithAttributes(text: string): { value: string; attributes: Record<string, string> } {
  const semicolon = text.indexOf(';')
  const attributes = table<string>()
  if (semicolon < 0 || text.length > mostHeaderBytes) return { value: text.trim().toLowerCase(), attributes }
  attribute.lastIndex = semicolon
  for (let match = attribute.exec(text); match; match = attribute.exec(text)) {
    const [, name = '', raw = ''] = match
    attributes[name.toLowerCase()] = raw.startsWith('"') ? raw.slice(1, -1) : raw
  }
  return { value: text.slice(0, semicolon).trim().toLowerCase(), attributes }
}
