// What a static large object is made of, once every segment was looked at: which bytes of which object, the ETag of it all, and the
// JSON that Swift keeps of it.
import { createHash } from 'node:crypto'
import { spansOf } from '../ranges.ts'
import { isoText, lastModifiedSeconds } from '../times.ts'

/** A segment as it is kept. Etag and bytes speak of the whole object, also when only a part of it is meant. */
export type Piece = PathPiece | DataPiece

export interface PathPiece {
  container: string
  object: string
  etag: string
  bytes: number
  /** first and last byte; null: all of them */
  range: [first: number, last: number] | null
  contentType: string
  modifiedUs: number
  /** it is such an object itself */
  isSlo: boolean
}

export interface DataPiece {
  data: Buffer
}

export const isDataPiece = (piece: Piece): piece is DataPiece => 'data' in piece

/** Which bytes a range of an object of so many bytes means: null for all of them, undefined for none. */
export function rangeWithin(range: string | null, bytes: number): [first: number, last: number] | null | undefined {
  if (range === null) return null
  const spans = spansOf(`bytes=${range}`, bytes)
  if (!spans) return null
  const [span] = spans
  if (!span) return undefined
  const [start, end] = span
  return start === 0 && end === bytes ? null : [start, end - 1]
}

export const pieceBytes = (piece: Piece): number =>
  isDataPiece(piece) ? piece.data.length : piece.range ? piece.range[1] - piece.range[0] + 1 : piece.bytes

const md5 = (data: Buffer | string): string => createHash('md5').update(data).digest('hex')

/** The ETag of the whole: MD5 over the ETags of its segments, each with the range that is meant of it. */
export function sloEtag(pieces: readonly Piece[]): string {
  const hash = createHash('md5')
  for (const piece of pieces) {
    if (isDataPiece(piece)) hash.update(md5(piece.data))
    else hash.update(piece.range ? `${piece.etag}:${piece.range.join('-')};` : piece.etag)
  }
  return hash.digest('hex')
}

/** The JSON that is kept, and shown for ?multipart-manifest=get. */
export const keptJson = (pieces: readonly Piece[]): string =>
  JSON.stringify(
    pieces.map((piece) =>
      isDataPiece(piece)
        ? { data: piece.data.toString('base64') }
        : {
            name: `/${piece.container}/${piece.object}`,
            bytes: piece.bytes,
            hash: piece.etag,
            content_type: piece.contentType,
            // whole seconds: it is what Last-Modified of the segment said
            last_modified: isoText(lastModifiedSeconds(piece.modifiedUs) * 1_000_000),
            ...(piece.range && { range: piece.range.join('-') }),
            ...(piece.isSlo && { sub_slo: true }),
          },
    ),
  )

/** The JSON that a client may send to have the same object again: ?multipart-manifest=get&format=raw. */
export const rawJson = (pieces: readonly Piece[]): string =>
  JSON.stringify(
    pieces.map((piece) =>
      isDataPiece(piece)
        ? { data: piece.data.toString('base64') }
        : {
            etag: piece.etag,
            path: `/${piece.container}/${piece.object}`,
            ...(piece.range && { range: piece.range.join('-') }),
            size_bytes: piece.bytes,
          },
    ),
  )

export const manifestMd5 = (json: string): string => md5(json)

/** A stretch of one piece: `first` and `last` count from the beginning of the whole object behind it. */
export interface Stretch {
  index: number
  first: number
  last: number
}

/** Which stretches of the pieces hold the bytes `first` to `last` of the whole. */
export function stretchesOf(pieces: readonly Piece[], first: number, last: number): Stretch[] {
  const stretches: Stretch[] = []
  let begin = 0
  for (const [index, piece] of pieces.entries()) {
    const bytes = pieceBytes(piece)
    const from = Math.max(first, begin)
    const to = Math.min(last, begin + bytes - 1)
    if (from <= to) {
      const offset = (isDataPiece(piece) ? 0 : (piece.range?.[0] ?? 0)) - begin
      stretches.push({ index, first: from + offset, last: to + offset })
    }
    begin += bytes
    if (begin > last) break
  }
  return stretches
}

/** Where part `number` (from 1) lies in the whole; null when there is none. */
export function partOf(pieces: readonly Piece[], number: number): [first: number, last: number] | null {
  const piece = pieces[number - 1]
  if (!piece) return null
  let first = 0
  for (const before of pieces.slice(0, number - 1)) first += pieceBytes(before)
  return [first, first + pieceBytes(piece) - 1]
}
