// PUT ?multipart-manifest=put: every segment is looked at as the client would see it, then the manifest becomes rows.
import type { SegmentDraft } from '../../engine/index.ts'
import type { Body } from '../../blobs/index.ts'
import { answer, isSuccess, statusLine, type SwiftAnswer } from '../answer.ts'
import { listingType } from '../accept.ts'
import { resultBody, type Failure, type ResultType } from '../bulk/result.ts'
import { unquotedTag } from '../conditions.ts'
import { heartbeat } from '../heartbeat.ts'
import { inside } from '../inside.ts'
import { objectKept, writeChecked } from '../objects.ts'
import { isTrue } from '../query.ts'
import { SwiftRefusal } from '../refusals.ts'
import type { SwiftRequest } from '../request.ts'
import type { Next } from '../steps.ts'
import { httpDateSeconds } from '../times.ts'
import { isData, manifestOf, type AskedSegment, type PathSegment } from './manifest.ts'
import { isDataPiece, keptJson, manifestMd5, pieceBytes, rangeWithin, sloEtag, type PathPiece, type Piece } from './pieces.ts'

export const sloLimits = { segments: 10_000, manifestBytes: 8 * 1024 * 1024 }

/** So many segments are looked at side by side. */
const lookups = 8

export async function sloPut(request: SwiftRequest, next: Next): Promise<SwiftAnswer> {
  await writeChecked(request)
  const segments = await asked(request)
  const type = resultTypeOf(request)
  const put = async (): Promise<{ answer: SwiftAnswer; failures: Failure[] }> => {
    const { pieces, failures } = await piecesOf(request, segments, next)
    if (failures.length > 0) return { answer: answer(400), failures }
    return { answer: await manifestPut(request, pieces), failures }
  }
  if (isTrue(request.query.get('heartbeat'))) return heartbeat(request, { type, root: 'upload', work: put })
  const { answer: made, failures } = await put()
  if (failures.length === 0) return made
  return answer(400, { body: resultBody(type, { facts: {}, failures, root: 'upload' }), type })
}

async function asked(request: SwiftRequest): Promise<AskedSegment[]> {
  const body = await request.text(sloLimits.manifestBytes)
  const manifest = manifestOf(body, { container: request.container ?? '', object: request.object ?? '' })
  if ('fault' in manifest) throw new SwiftRefusal(400, manifest.fault)
  const paths = manifest.segments.filter((segment) => !isData(segment))
  if (paths.length > sloLimits.segments) throw new SwiftRefusal(413, `Number of object-backed segments must be <= ${sloLimits.segments}`)
  return manifest.segments
}

/** The format of what is told of segments; a header that nobody can read means text. */
function resultTypeOf({ headers }: SwiftRequest): ResultType {
  const type = listingType(null, headers['accept'])
  return type === 'malformed' || type === 'none' ? 'text/plain' : type
}

/** All segments as they are kept, or what is wrong with them. A path that comes again is looked at once. */
async function piecesOf(request: SwiftRequest, segments: AskedSegment[], next: Next): Promise<{ pieces: Piece[]; failures: Failure[] }> {
  const heads = new Map<string, Promise<SwiftAnswer>>()
  const head = ({ container, object }: PathSegment): Promise<SwiftAnswer> => {
    const key = `${container}/${object}`
    let found = heads.get(key)
    if (!found) heads.set(key, (found = next(inside(request, { method: 'HEAD', container, object }))))
    return found
  }
  const pieces: Piece[] = []
  const failures: Failure[] = []
  for (let from = 0; from < segments.length; from += lookups) {
    const group = segments.slice(from, from + lookups)
    const found = await Promise.all(group.map((segment) => (isData(segment) ? null : head(segment))))
    for (const [index, segment] of group.entries()) {
      const seen = found[index]
      const piece = isData(segment) || !seen ? (segment as { data: Buffer }) : pieceOf(segment, seen, from + index === segments.length - 1)
      if (Array.isArray(piece)) failures.push(...piece.map((fault): Failure => [(segment as PathSegment).path, fault]))
      else pieces.push(piece)
    }
  }
  return { pieces, failures }
}

/** The segment as it is, or all that is wrong with it. */
function pieceOf(asked: PathSegment, head: SwiftAnswer, mayBeEmpty: boolean): PathPiece | string[] {
  if (!isSuccess(head)) return [statusLine(head.status)]
  const bytes = Number(head.headers['content-length'] ?? 0)
  const etag = unquotedTag(head.headers['etag'] ?? '')
  const faults: string[] = []
  const range = rangeWithin(asked.range, bytes)
  if (range === undefined) faults.push('Unsatisfiable Range')
  const piece: PathPiece = {
    container: asked.container,
    object: asked.object,
    etag,
    bytes,
    range: range ?? null,
    contentType: head.headers['content-type'] ?? 'application/octet-stream',
    modifiedUs: (httpDateSeconds(head.headers['last-modified']) ?? 0) * 1_000_000,
    isSlo: isTrue(head.headers['x-static-large-object']),
  }
  if (pieceBytes(piece) < 1 && !mayBeEmpty) faults.push('Too small; each segment must be at least 1 byte.')
  if (asked.bytes !== null && asked.bytes !== bytes) faults.push('Size Mismatch')
  if (asked.etag !== null && asked.etag !== etag) faults.push('Etag Mismatch')
  return faults.length > 0 ? faults : piece
}

/** The manifest as an object. */
async function manifestPut(request: SwiftRequest, pieces: Piece[]): Promise<SwiftAnswer> {
  const etag = sloEtag(pieces)
  const wanted = unquotedTag(request.headers['etag'] ?? '').toLowerCase()
  if (wanted !== '' && wanted !== etag) throw new SwiftRefusal(422)
  const json = keptJson(pieces)
  const made = await objectKept(request, {
    kind: 'slo',
    body: await request.engine.blobs.take(Buffer.alloc(0), { maxBytes: 0 }),
    etag,
    bytes: pieces.reduce((sum, piece) => sum + pieceBytes(piece), 0),
    counted: Buffer.byteLength(json),
    segments: await segmentsOf(request, pieces),
    system: { 'slo-manifest-etag': manifestMd5(json) },
  })
  if (isSuccess(made)) made.headers['etag'] = `"${etag}"`
  return made
}

async function segmentsOf({ engine }: SwiftRequest, pieces: Piece[]): Promise<SegmentDraft[]> {
  const segments: SegmentDraft[] = []
  for (const piece of pieces) {
    if (isDataPiece(piece)) {
      const body: Body = await engine.blobs.take(piece.data, { maxBytes: piece.data.length })
      segments.push({ body, bytes: body.bytes, etag: body.md5 })
    } else
      segments.push({
        path: `${piece.container}/${piece.object}`,
        etag: piece.etag,
        bytes: piece.bytes,
        ...(piece.range && { first: piece.range[0], last: piece.range[1] }),
        sub_slo: piece.isSlo,
        content_type: piece.contentType,
        last_modified_us: piece.modifiedUs,
      })
  }
  return segments
}
