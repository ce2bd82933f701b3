// GET and HEAD of a dynamic large object: what its container holds now under the prefix, one after the other. More segments than one
// page of a listing have no length before they end.
import { Readable } from 'node:stream'
import { begunWith, bodyOpen, objectsList, type Listing } from '../../engine/index.ts'
import type { ContainerRow, ObjectRow, VersionRow } from '../../store/tables.ts'
import { swiftError } from '../answer.ts'
import { authorise } from '../authorise.ts'
import { inside } from '../inside.ts'
import { limits } from '../limits.ts'
import { headersOfObject } from '../object-headers.ts'
import { representationOf, isAnswer, type Representer } from '../representations.ts'
import type { SwiftRequest } from '../request.ts'
import { dloEtag, manifestPlace } from './manifest.ts'

export const dloRepresenter: Representer = async (request, object) => {
  const place = manifestPlace(String(object.system['x-object-manifest']))
  if (!place) return swiftError(409)
  const listing = inside(request, { method: 'GET', container: place.container, object: null })
  await authorise(listing, 'container.list')
  const container = await listing.containerRow()
  if (!container) return swiftError(404)
  const first = await page(request, container, { prefix: place.prefix })
  const isWhole = first.length < limits.listing
  return {
    etag: isWhole ? `"${dloEtag(first.map(hashOf))}"` : object.etag,
    bytes: isWhole ? first.reduce((sum, { bytes }) => sum + bytes, 0) : null,
    contentType: object.content_type,
    modifiedUs: object.modified_us,
    headers: headersOfObject(object),
    oneRangeOnly: true,
    open: async (start, end) => {
      const stretches = stretchesOf(segments(request, container, { prefix: place.prefix, first }), start, end)
      return opened(listing, stretches)
    },
  }
}

/** What a listing says of a segment. */
const hashOf = ({ kind, system, etag }: ObjectRow): string => (kind === 'slo' ? String(system['slo-manifest-etag']) : etag)

async function page({ engine }: SwiftRequest, container: ContainerRow, listing: Omit<Listing, 'limit'>): Promise<ObjectRow[]> {
  const { entries } = await objectsList(engine, container, { ...listing, limit: limits.listing })
  return entries.flatMap((entry) => ('row' in entry ? [entry.row] : []))
}

async function* segments(
  request: SwiftRequest,
  container: ContainerRow,
  { prefix, first }: { prefix: string; first: ObjectRow[] },
): AsyncGenerator<ObjectRow> {
  for (let rows = first; ;) {
    yield* rows
    const last = rows.at(-1)
    if (!last || rows.length < limits.listing) return
    rows = await page(request, container, { prefix, marker: last.name })
  }
}

interface Stretch {
  segment: ObjectRow
  start: number
  end: number
}

/** Which bytes of which segments are bytes `start` to before `end` of the whole. */
async function* stretchesOf(rows: AsyncIterable<ObjectRow>, start: number, end: number): AsyncGenerator<Stretch> {
  let begin = 0
  for await (const segment of rows) {
    if (begin >= end) return
    const stretch = { segment, start: Math.max(0, start - begin), end: Math.min(segment.bytes, end - begin) }
    if (stretch.start < stretch.end) yield stretch
    begin += segment.bytes
  }
}

/** The first segment is opened before the answer begins, so that a refusal is one. */
async function opened(listing: SwiftRequest, stretches: AsyncGenerator<Stretch>): Promise<Readable> {
  const first = await stretches.next()
  if (first.done) return Readable.from([])
  const head = await segmentOpen(listing, first.value)
  async function* bytes(): AsyncGenerator<Buffer> {
    yield* head
    for await (const stretch of stretches) yield* await segmentOpen(listing, stretch)
  }
  return begunWith(head, bytes())
}

async function segmentOpen(listing: SwiftRequest, { segment, start, end }: Stretch): Promise<Readable> {
  const request = listing.with({ object: segment.name })
  const row: VersionRow = { ...segment, is_marker: false }
  await authorise(request, 'object.read', row)
  // a manifest among the segments counts with its own bytes
  if (row.kind === 'plain') return bodyOpen(request.engine, row, { start, end })
  const found = await representationOf(request, row)
  return isAnswer(found) ? Readable.from([]) : found.open(start, end)
}
