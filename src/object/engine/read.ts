// An object's bytes, whatever they lie in: one blob, the parts of an upload, or the segments of a manifest, which are objects themselves.
import { Readable } from 'node:stream'
import { ObjectRefusal } from '../refusal.ts'
import { blobFetch } from '../store/blobs.ts'
import { containerRows } from '../store/containers.ts'
import { objectRows } from '../store/objects.ts'
import { segmentRows } from '../store/segments.ts'
import type { ContainerRow, ObjectRow, SegmentRow } from '../store/tables.ts'
import { there } from './current.ts'
import type { Engine } from './engine.ts'

export interface Range {
  start: number
  /** exclusive */
  end: number
  customerKey?: Buffer | undefined
}

export interface Reading {
  /** may the reader of a manifest read this segment of it? */
  mayRead?: ((container: ContainerRow, segment: ObjectRow) => boolean | Promise<boolean>) | undefined
  /** opens a segment that is a link or a dynamic large object */
  openOther?: ((container: ContainerRow, segment: ObjectRow, range: Range) => Promise<Readable>) | undefined
  /** manifests within manifests */
  depth?: number
}

const segmentsAtOnce = 1000
const deepest = 10

/** In order, from behind `after` on. */
export const segmentsOf = (
  { store }: Engine,
  row: ObjectRow,
  { after = 0, limit = segmentsAtOnce }: { after?: number | undefined; limit?: number | undefined } = {},
): Promise<SegmentRow[]> => segmentRows.page(store, row, { after, limit })

/**
 * Refuses before the first byte when that cannot be read: 'rotten', or 'bad-segment' for a segment that is missing or changed. What is
 * found later ends the stream with that error: whoever sends it breaks the connection.
 */
export async function bodyOpen(engine: Engine, row: ObjectRow, range: Range, reading: Reading = {}): Promise<Readable> {
  if (range.start >= range.end) return Readable.from([])
  if (row.kind !== 'slo' && row.kind !== 'multipart') return blobOpen(engine, row.blob_id, range)
  const pieces = piecesOf(engine, row, { range, reading })
  const first = await pieces.next()
  if (first.done) return Readable.from([])
  return begunWith(first.value, chained(first.value, pieces))
}

/** A body whose first piece is open already: where nobody begins to read it, that piece is closed with it all the same. */
export const begunWith = (first: Readable, bytes: AsyncIterable<Buffer>): Readable =>
  Readable.from(bytes, { objectMode: false }).once('close', () => first.destroy())

async function blobOpen({ store, blobs }: Engine, id: string | null, range: Range): Promise<Readable> {
  const blob = id === null ? undefined : await blobFetch(store, id)
  if (!blob) throw new ObjectRefusal('rotten', { blob: id })
  return blobs.read(blob, range)
}

async function* chained(first: Readable, others: AsyncGenerator<Readable>): AsyncGenerator<Buffer> {
  yield* first
  for await (const piece of others) yield* piece
}

/** The opened pieces that the range touches, one at a time. */
async function* piecesOf(engine: Engine, row: ObjectRow, of: { range: Range; reading: Reading }): AsyncGenerator<Readable> {
  const { start, end, customerKey } = of.range
  let at = 0
  for (let after = 0; ;) {
    const segments = await segmentsOf(engine, row, { after })
    for (const segment of segments) {
      const { first, length } = meantOf(segment)
      const from = Math.max(start, at)
      const to = Math.min(end, at + length)
      if (from < to)
        yield segmentOpen(engine, row, {
          segment,
          reading: of.reading,
          range: { start: first + from - at, end: first + to - at, customerKey },
        })
      at += length
      after = segment.number
      if (at >= end) return
    }
    if (segments.length < segmentsAtOnce) return
  }
}

/** Which bytes of a segment are meant. */
function meantOf({ bytes, first, last }: SegmentRow): { first: number; length: number } {
  const begin = first ?? 0
  return { first: begin, length: (last ?? bytes - 1) - begin + 1 }
}

interface Piece {
  segment: SegmentRow
  range: Range
  reading: Reading
}

async function segmentOpen(engine: Engine, whole: ObjectRow, { segment, range, reading }: Piece): Promise<Readable> {
  if (segment.path === null) return blobOpen(engine, segment.blob_id, range)
  const { container, object } = await segmentFind(engine, whole, segment)
  const depth = (reading.depth ?? 0) + 1
  const may = depth <= deepest && ((await reading.mayRead?.(container, object)) ?? true)
  if (!may) throw new ObjectRefusal('bad-segment', { path: segment.path })
  if (!isElsewhere(object)) return bodyOpen(engine, object, range, { ...reading, depth })
  if (!reading.openOther) throw new ObjectRefusal('bad-segment', { path: segment.path })
  return reading.openOther(container, object, range)
}

/** Its bytes, and so its ETag, are those of other objects that are found when it is read: its row does not say them. */
const isElsewhere = ({ kind, system }: ObjectRow): boolean => kind === 'symlink' || 'x-object-manifest' in system

/** The object that a segment names, unchanged since the manifest was written. */
async function segmentFind({ store, platform }: Engine, whole: ObjectRow, { path, etag, bytes }: SegmentRow) {
  const refuse = () => new ObjectRefusal('bad-segment', { path })
  const own = await containerRows.fetch(store, whole.container_id)
  const slash = path?.indexOf('/') ?? -1
  const container = own && path ? await containerRows.find(store, own.account, path.slice(0, slash)) : undefined
  if (!container || !path) throw refuse()
  const object = there(await objectRows.find(store, container.id, path.slice(slash + 1)), platform.clock.nowMs() * 1000)
  if (!object || (!isElsewhere(object) && (object.etag !== etag || object.bytes !== bytes))) throw refuse()
  return { container, object }
}
