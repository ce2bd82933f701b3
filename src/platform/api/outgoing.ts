// An answer on its way out: status, headers and bytes, written to the connection at once. Every answer says that
// browsers must not guess its type.
import type { ServerResponse } from 'node:http'
import { pipeline, Readable } from 'node:stream'

export interface Outgoing {
  status: number
  headers: Record<string, string>
  body: string | Buffer | Readable | undefined
}

const withoutBody = (status: number): boolean => status === 204 || status === 304

export interface Way {
  isHead: boolean
  /** told when the body's own stream fails, not when the client leaves */
  onBroken(error: Error): void
}

/** Sends it; a stream that breaks off breaks the connection, so that nobody takes a part for the whole. */
export function write(response: ServerResponse, { status, headers, body }: Outgoing, way: Way): void {
  headers['x-content-type-options'] = 'nosniff'
  if (body instanceof Readable) return writeStream(response, { status, headers, body }, way)
  const { isHead } = way
  if (withoutBody(status)) body = undefined
  const bytes = body === undefined ? 0 : Buffer.byteLength(body)
  if (!withoutBody(status) && headers['content-length'] === undefined && (body !== undefined || !isHead))
    headers['content-length'] = String(bytes)
  response.writeHead(status, printable(headers))
  if (body === undefined || isHead) response.end()
  // a text of as many bytes as characters is ASCII, and goes out without being encoded
  else if (typeof body === 'string' && bytes === body.length) response.end(body, 'latin1')
  else response.end(body)
}

function writeStream(response: ServerResponse, { status, headers, body }: Outgoing & { body: Readable }, { isHead, onBroken }: Way): void {
  response.writeHead(status, printable(headers))
  if (!isHead && !withoutBody(status)) {
    pipeline(body, response, (error) => {
      if (error && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') onBroken(error)
    })
    return
  }
  body.destroy()
  response.end()
}

// eslint-disable-next-line no-control-regex
const unprintable = /[^\t\u0020-\u007e\u0080-\u00ff]/

/** Header values are Latin-1 of one line; of anything else (a name in a Location) the UTF-8 bytes are percent-encoded. */
function printable(headers: Record<string, string>): Record<string, string> {
  for (const name in headers) if (unprintable.test(headers[name] ?? '')) headers[name] = encodeURI((headers[name] ?? '').toWellFormed())
  return headers
}
