// The bytes of a static large object: of each segment what the manifest means, as long as the segment is the one that the manifest
// named. The first one that is not makes the request a conflict; a later one breaks the answer off.
import { Readable } from 'node:stream'
import { begunWith, bodyOpen, segmentsOf } from '../../engine/index.ts'
import type { SegmentRow, VersionRow } from '../../store/tables.ts'
import { authorise } from '../authorise.ts'
import { unquotedTag } from '../conditions.ts'
import { inside } from '../inside.ts'
import { objectOf } from '../read-object.ts'
import { SwiftRefusal } from '../refusals.ts'
import { isAnswer, representationOf } from '../representations.ts'
import type { SwiftRequest } from '../request.ts'
import { placeOf } from './manifest.ts'
import { isDataPiece, stretchesOf, type PathPiece, type Piece, type Stretch } from './pieces.ts'

/** Large objects within large objects. */
const deepest = 10
const rowsAPage = 1000

/** All segments of the object. */
export async function piecesOf(request: SwiftRequest, object: VersionRow): Promise<Piece[]> {
  const pieces: Piece[] = []
  for (let after = 0; ;) {
    const rows = await segmentsOf(request.engine, object, { after, limit: rowsAPage })
    for (const row of rows) pieces.push(await pieceOf(request, object, row))
    const last = rows.at(-1)
    if (!last || rows.length < rowsAPage) return pieces
    after = last.number
  }
}

async function pieceOf({ engine }: SwiftRequest, object: VersionRow, row: SegmentRow): Promise<Piece> {
  const place = row.path === null ? null : placeOf(row.path)
  if (!place) {
    // bytes that stood in the manifest itself
    const inline: VersionRow = { ...object, kind: 'plain', blob_id: row.blob_id, bytes: row.bytes }
    return { data: await gathered(await bodyOpen(engine, inline, { start: 0, end: row.bytes })) }
  }
  return {
    ...place,
    etag: row.etag,
    bytes: row.bytes,
    range: row.first === null || row.last === null ? null : [row.first, row.last],
    contentType: row.content_type,
    modifiedUs: row.last_modified_us,
    isSlo: row.sub_slo,
  }
}

async function gathered(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Bytes `start` to before `end` of the whole. */
export async function sloOpen(
  request: SwiftRequest,
  object: VersionRow,
  { start, end }: { start: number; end: number },
): Promise<Readable> {
  const { depth = 1 } = request.asked
  if (depth > deepest) throw new SwiftRefusal(409, 'The object is made of too many others within each other')
  const pieces = await piecesOf(request, object)
  const [first, ...rest] = stretchesOf(pieces, start, end - 1)
  if (!first) return Readable.from([])
  const opener = (stretch: Stretch) => stretchOpen(request, pieces[stretch.index] as Piece, stretch)
  const begun = await opener(first)
  return begunWith(begun, bytesOf(begun, rest, opener))
}

async function* bytesOf(first: Readable, rest: Stretch[], opener: (stretch: Stretch) => Promise<Readable>): AsyncGenerator<Buffer> {
  yield* first
  for (const stretch of rest) yield* await opener(stretch)
}

async function stretchOpen(request: SwiftRequest, piece: Piece, { first, last }: Stretch): Promise<Readable> {
  if (isDataPiece(piece)) return Readable.from([piece.data.subarray(first, last + 1)])
  const { container, object } = piece
  const segment = inside(request, { method: 'GET', container, object, depth: (request.asked.depth ?? 1) + 1 })
  const row = await objectOf(segment)
  if (!(await mayRead(segment, row))) return changed(piece)
  const found = row && !row.is_marker ? await representationOf(segment, row) : undefined
  if (!found || isAnswer(found) || !isMeant(found, piece)) return changed(piece)
  return found.open(first, last + 1)
}

/** What the asker may not read is, to them, not what the manifest names. */
async function mayRead(segment: SwiftRequest, row: VersionRow | undefined): Promise<boolean> {
  try {
    await authorise(segment, 'object.read', row)
    return true
  } catch (thrown) {
    if (thrown instanceof SwiftRefusal) return false
    throw thrown
  }
}

const isMeant = ({ etag, bytes }: { etag: string; bytes: number | null }, piece: PathPiece): boolean =>
  unquotedTag(etag) === piece.etag && bytes === piece.bytes

function changed({ container, object }: PathPiece): never {
  throw new SwiftRefusal(409, `Segment /${container}/${object} is not there any more, or is another one`)
}
