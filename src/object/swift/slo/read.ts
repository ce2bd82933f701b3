// GET and HEAD of a static large object: its segments' bytes as one, a part of them by ?part-number, or the manifest itself.
import { Readable } from 'node:stream'
import type { VersionRow } from '../../store/tables.ts'
import { swiftError, type Headers, type SwiftAnswer } from '../answer.ts'
import { headersOfObject } from '../object-headers.ts'
import { SwiftRefusal } from '../refusals.ts'
import type { Representation, Representer } from '../representations.ts'
import type { SwiftRequest } from '../request.ts'
import { contentRange } from '../ranges.ts'
import { represented } from '../read-object.ts'
import { piecesOf, sloOpen } from './open.ts'
import { keptJson, manifestMd5, partOf, rawJson } from './pieces.ts'

export const sloRepresenter: Representer = async (request, object) => {
  const { query } = request
  if (query.get('multipart-manifest') === 'get') return manifestRepresentation(request, object)
  const whole = wholeRepresentation(request, object)
  const part = query.get('part-number')
  return part === null ? whole : partAnswer(request, { object, whole, part })
}

const headersOf = (object: VersionRow): Record<string, string> => ({
  ...headersOfObject(object),
  'x-static-large-object': 'True',
  'x-manifest-etag': String(object.system['slo-manifest-etag'] ?? ''),
})

const wholeRepresentation = (request: SwiftRequest, object: VersionRow): Representation => ({
  etag: `"${object.etag}"`,
  bytes: object.bytes,
  contentType: object.content_type,
  modifiedUs: object.modified_us,
  headers: headersOf(object),
  open: (start, end) => sloOpen(request, object, { start, end }),
})

/** The manifest: as it is kept, or as a client would send it again. */
async function manifestRepresentation(request: SwiftRequest, object: VersionRow): Promise<Representation> {
  const pieces = await piecesOf(request, object)
  const isRaw = request.query.get('format') === 'raw'
  const json = Buffer.from(isRaw ? rawJson(pieces) : keptJson(pieces))
  const { 'x-manifest-etag': _, ...headers } = headersOf(object)
  return {
    etag: manifestMd5(json.toString()),
    bytes: json.length,
    // the raw form keeps the object's own type, so that a copy of it is of that type
    contentType: isRaw ? object.content_type : 'application/json; charset=utf-8',
    modifiedUs: object.modified_us,
    headers,
    open: async (start, end) => Readable.from([json.subarray(start, end)]),
  }
}

/** `?part-number=n`: one segment, as a part of the whole. */
async function partAnswer(
  request: SwiftRequest,
  { object, whole, part }: { object: VersionRow; whole: Representation; part: string },
): Promise<SwiftAnswer> {
  const number = /^\s*\+?\d{1,9}\s*$/.test(part) ? Number(part) : 0
  if (number < 1) throw new SwiftRefusal(400, 'Part number must be an integer greater than 0')
  if (request.headers['range'] !== undefined) throw new SwiftRefusal(400, 'Range requests are not supported with part number queries')
  const pieces = await piecesOf(request, object)
  const made = await represented(request.withHeaders({ range: undefined }).with({ method: 'HEAD' }), whole)
  if (made.status !== 200) return made
  const headers: Headers = { ...made.headers, 'x-parts-count': String(pieces.length) }
  const span = partOf(pieces, number)
  if (!span) {
    const { 'content-length': _, ...rest } = headers
    return swiftError(416, request.method === 'HEAD' ? '' : 'The requested part number is not satisfiable', {
      ...rest,
      'content-range': `bytes */${object.bytes}`,
    })
  }
  const [first, last] = span
  headers['content-length'] = String(last - first + 1)
  headers['content-range'] = contentRange([first, last + 1], object.bytes)
  return request.method === 'HEAD' ? { status: 206, headers } : { status: 206, headers, body: await whole.open(first, last + 1) }
}
