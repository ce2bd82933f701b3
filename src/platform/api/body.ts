// A request's JSON body: read from the connection only when somebody who may ask wants it, up to a size and in a time,
// by the media rule of its service. What comes out is small, flat and free of what no text may hold (limits.ts).
import type { IncomingMessage } from 'node:http'
import { ApiError, badRequest } from '../errors.ts'
import { checkBody, checkDepth } from './limits.ts'
import type { MediaRule } from './media-types.ts'

/** A body that takes longer than this to arrive is abandoned. */
const patienceMs = 30_000

/** The media type without its parameters. */
export const mediaTypeOf = (headers: IncomingMessage['headers']): string | undefined =>
  headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()

/** Says whether bytes follow the headers; a chunked body may still be empty. */
const announcesBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'

/** The parsed body, or undefined when there is none (or the service would not look at it). */
export async function readBody(raw: IncomingMessage, rule: MediaRule, maxBytes: number): Promise<unknown> {
  const text = announcesBody(raw) ? await readText(raw, maxBytes) : ''
  if (rule({ mediaType: mediaTypeOf(raw.headers), present: text !== '' }) === 'none') return undefined
  return parseBody(text)
}

/** JSON that is not nested too deeply and holds nothing too large. */
export function parseBody(text: string): unknown {
  checkDepth(text)
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    // the engine's words quote what was sent, which may be anything
    throw badRequest(`Malformed JSON: ${error.message.slice(0, 200).toWellFormed()}`)
  }
  checkBody(body)
  return body
}

function readText(raw: IncomingMessage, maxBytes: number): Promise<string> {
  if (Number(raw.headers['content-length'] ?? 0) > maxBytes) throw new ApiError('too_large')
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const timer = setTimeout(() => end(new ApiError('request_timeout')), patienceMs)
    timer.unref()
    const take = (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBytes) end(new ApiError('too_large'))
      else chunks.push(chunk)
    }
    const done = () => end(null)
    const broken = (error: Error) => end(error)
    const gone = () => end(badRequest('The request body ended early.'))
    function end(error: Error | null): void {
      clearTimeout(timer)
      raw.off('data', take).off('end', done).off('error', broken).off('close', gone)
      if (error) reject(error)
      else resolve((chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString('utf8') ?? '')
    }
    raw.on('data', take).on('end', done).on('error', broken).on('close', gone)
  })
}
