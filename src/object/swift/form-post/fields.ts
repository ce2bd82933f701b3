// Fields of an upload form: what stands before a file counts for it. A value has an end, and so have all of them together.

export type Fields = Map<string, string>

export class FieldFault extends Error {}

const longestValue = 4096
const mostFields = 200

/** Reads a field; what is longer than a value may be is cut off, as Swift does. */
export async function fieldsAdd(fields: Fields, name: string | undefined, bytes: AsyncIterable<Buffer>): Promise<void> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of bytes) {
    if (length < longestValue) chunks.push(chunk.subarray(0, longestValue - length))
    length += chunk.length
  }
  if (name === undefined || name === '') return
  if (fields.size >= mostFields) throw new FieldFault('too many fields')
  fields.set(name.toLowerCase(), Buffer.concat(chunks).toString('utf8'))
}

/** A field that must be a whole number; 0 when it is not there. */
export function whole(fields: Fields, name: string): number {
  const text = (fields.get(name) ?? '').trim()
  if (text === '') return 0
  if (!/^[+-]?\d{1,15}$/.test(text)) throw new FieldFault(`${name} not an integer`)
  return Number(text)
}

/** What a form's signature covers. */
export const formText = (path: string, fields: Fields): string =>
  [path, fields.get('redirect') ?? '', ...['max_file_size', 'max_file_count', 'expires'].map((name) => fields.get(name) || '0')].join('\n')

/** The bytes of a file, as long as there are not more than the form allows. */
export async function* capped(bytes: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  let length = 0
  for await (const chunk of bytes) {
    length += chunk.length
    if (length > maxBytes) throw new FieldFault('max_file_size exceeded')
    yield chunk
  }
}
