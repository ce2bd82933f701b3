// GET and HEAD of an object: found, allowed, held against the conditions, and answered whole, as one range or as several.
import { Readable } from 'node:stream'
import { objectFind, versionOf } from '../engine/index.ts'
import type { VersionRow } from '../store/tables.ts'
import { swiftError, type Headers, type SwiftAnswer } from './answer.ts'
import { authorise } from './authorise.ts'
import { conditionStatus, missesMatch } from './conditions.ts'
import { contentRange, multipartBytes, partHead, partsEnd, spansOf, type Span } from './ranges.ts'
import { isAnswer, representationOf, type Representation } from './representations.ts'
import { SwiftRefusal } from './refusals.ts'
import type { SwiftRequest } from './request.ts'
import { lastModifiedText, timestampText } from './times.ts'

/** The object that the request names, whoever may see it; undefined where there is none. */
export async function objectOf(request: SwiftRequest): Promise<VersionRow | undefined> {
  const container = await request.containerRow()
  if (!container || request.object === null) return undefined
  const id = request.query.get('version-id')
  if (id === null) return objectFind(request.engine, container, request.object)
  const version = versionOf(id)
  if (version === undefined) throw new SwiftRefusal(400, 'Invalid version-id parameter')
  return objectFind(request.engine, container, request.object, version)
}

export async function objectRead(request: SwiftRequest): Promise<SwiftAnswer> {
  const object = await objectOf(request)
  await authorise(request, 'object.read', object)
  if (!object || object.is_marker) return swiftError(missesMatch(request.headers) ? 412 : 404)
  const found = await representationOf(request, object)
  return isAnswer(found) ? found : represented(request, found)
}

/** The answer that a representation makes of the request's conditions and ranges. */
export async function represented(request: SwiftRequest, found: Representation): Promise<SwiftAnswer> {
  const { etag, bytes, contentType, modifiedUs } = found
  const headers: Headers = {
    'content-type': contentType,
    'accept-ranges': 'bytes',
    'last-modified': lastModifiedText(modifiedUs),
    'x-timestamp': timestampText(modifiedUs),
    etag,
    ...found.headers,
  }
  const refused = conditionStatus(request.headers, { etag, modifiedUs })
  if (refused !== null)
    return refused === 304
      ? { status: 304, headers }
      : { ...swiftError(412), headers: { ...headers, 'content-type': 'text/html; charset=UTF-8' } }
  if (bytes === null)
    return { status: 200, headers, ...(request.method === 'HEAD' ? {} : { body: await found.open(0, Number.MAX_SAFE_INTEGER) }) }
  if (request.method === 'HEAD') return { status: 200, headers: { ...headers, 'content-length': String(bytes) } }
  const asked = spansOf(request.headers['range'], bytes)
  const spans = asked && asked.length > 1 && found.oneRangeOnly === true ? null : asked
  if (spans === null) return whole(found, { headers, bytes })
  const [first] = spans
  if (!first) {
    const { etag: tag = '', ...rest } = headers
    const made = swiftError(416, undefined, { ...rest, etag: tag, 'content-range': `bytes */${bytes}` })
    return made
  }
  return spans.length === 1 ? single(found, { headers, bytes, span: first }) : several(request, found, { headers, bytes, spans })
}

async function whole(
  { open }: Representation,
  { headers, bytes }: { headers: Record<string, string>; bytes: number },
): Promise<SwiftAnswer> {
  const sized = { ...headers, 'content-length': String(bytes) }
  return bytes === 0 ? { status: 200, headers: sized, body: Buffer.alloc(0) } : { status: 200, headers: sized, body: await open(0, bytes) }
}

async function single(
  { open }: Representation,
  { headers, bytes, span }: { headers: Record<string, string>; bytes: number; span: Span },
): Promise<SwiftAnswer> {
  const [start, end] = span
  return {
    status: 206,
    headers: { ...headers, 'content-length': String(end - start), 'content-range': contentRange(span, bytes) },
    body: await open(start, end),
  }
}

function several(
  { platform }: SwiftRequest,
  found: Representation,
  { headers, bytes, spans }: { headers: Record<string, string>; bytes: number; spans: Span[] },
): SwiftAnswer {
  const boundary = platform.ids.hex()
  const length = multipartBytes(spans, boundary, { contentType: found.contentType, bytes })
  const sized = { ...headers, 'content-type': `multipart/byteranges;boundary=${boundary}`, 'content-length': String(length) }
  return { status: 206, headers: sized, body: Readable.from(parts(found, { bytes, spans, boundary }), { objectMode: false }) }
}

/** One part after the other: the next one's bytes are opened when the one before has gone. */
async function* parts(
  { open, contentType }: Representation,
  { bytes, spans, boundary }: { bytes: number; spans: Span[]; boundary: string },
): AsyncGenerator<Buffer> {
  for (const span of spans) {
    yield Buffer.from(partHead(boundary, contentType, span, bytes))
    for await (const chunk of await open(...span)) yield chunk as Buffer
    yield Buffer.from('\r\n')
  }
  yield Buffer.from(partsEnd(boundary))
}
