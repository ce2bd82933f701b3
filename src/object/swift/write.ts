// An answer onto the connection: Swift's headers, the browser's safety, the body. A body that breaks off cuts the connection, so that
// nobody takes a part for the whole; a request whose body nobody wanted does not stand in the next one's way.
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { sendBytes } from '../../platform/bytes/send.ts'
import type { Headers, SwiftAnswer } from './answer.ts'
import { headerBytes, isHeaderName, titled } from './header-names.ts'
import type { SwiftRequest } from './request.ts'

const withoutBody = (status: number): boolean => status === 204 || status === 304

/** A refused body of at most so many bytes is read to its end; a longer one ends the connection. */
const mostDrainedBytes = 1024 * 1024
/** Whoever goes on sending what nobody wants is cut off after so long. */
const drainMs = 5_000

/** Writes it; the number of bytes of the body that went out. */
export async function write(request: SwiftRequest, answer: SwiftAnswer): Promise<number> {
  const { response } = request.shared
  const { status, body } = answer
  const headers = headersOf(request, answer)
  const isEmpty = withoutBody(status) || request.raw.method === 'HEAD'
  if (endsConnection(request)) headers['connection'] = 'close'
  if (!isEmpty && !(body instanceof Readable)) headers['content-length'] = String(body === undefined ? 0 : Buffer.byteLength(body))
  // RFC 9110 wants none with 204; Swift sends it, and its clients look for it
  if (status === 204) headers['content-length'] = '0'
  else if (status === 304) delete headers['content-length']
  else if (isEmpty && body !== undefined && !(body instanceof Readable)) headers['content-length'] ??= String(Buffer.byteLength(body))
  else if (isEmpty && body === undefined) headers['content-length'] ??= '0'
  response.writeHead(status, named(headers))
  if (isEmpty || body === undefined) {
    if (body instanceof Readable) body.destroy()
    response.end()
  } else if (body instanceof Readable) return await stream(body, response, request)
  else response.end(body)
  drain(request)
  return isEmpty || body === undefined ? 0 : Buffer.byteLength(body as string | Buffer)
}

async function stream(body: Readable, response: ServerResponse, request: SwiftRequest): Promise<number> {
  let bytes = 0
  try {
    await sendBytes(body, response, (some) => (bytes += some))
    drain(request)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE')
      request.platform.log.error({ request: request.transId, err: error }, 'the body of an answer broke off')
  }
  return bytes
}

function headersOf(request: SwiftRequest, { status, headers, mayShow }: SwiftAnswer): Record<string, string> {
  const all: Headers = { 'content-type': 'text/html; charset=UTF-8', ...headers }
  all['x-trans-id'] = request.transId
  all['x-openstack-request-id'] = request.transId
  // bytes of users come from our origin: no browser guesses their type, runs what they hold or shows them as a page of ours
  all['x-content-type-options'] = 'nosniff'
  all['content-security-policy'] = 'sandbox'
  const isShown = request.headers['sec-fetch-mode'] === 'navigate' && request.object !== null && status >= 200 && status < 300
  if (isShown && mayShow !== true) all['content-disposition'] = saved(all['content-disposition'])
  return all
}

/** The file's name stays, the wish to be shown does not. */
function saved(disposition: string | undefined): string {
  const semicolon = disposition?.indexOf(';') ?? -1
  return disposition === undefined || semicolon < 0 ? 'attachment' : `attachment${disposition.slice(semicolon)}`
}

function named(headers: Record<string, string>): Record<string, string> {
  const out: Headers = {}
  for (const name in headers) if (isHeaderName(name)) out[titled(name)] = headerBytes(headers[name] ?? '')
  return out
}

/** Who waits for a 100 that never comes may send the body or not: the connection's next bytes mean nothing. */
function endsConnection({ raw, shared: { body } }: SwiftRequest): boolean {
  if (body.taken && raw.complete) return false
  const length = Number(raw.headers['content-length'] ?? 0)
  if (raw.headers.expect !== undefined && !body.taken) return true
  return raw.headers['transfer-encoding'] !== undefined ? !raw.complete : length > mostDrainedBytes && !raw.complete
}

function drain({ raw, platform }: SwiftRequest): void {
  if (raw.complete || raw.readableEnded) return
  raw.on('error', () => undefined).resume()
  const timer = platform.clock.after(drainMs, () => raw.destroy())
  raw.once('close', () => timer.cancel())
}
