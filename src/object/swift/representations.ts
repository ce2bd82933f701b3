// What a reader of an object gets, by the kind of its row: a plain object's bytes, a large object's put together, a link's target.
// Conditions and ranges are the reader's business (read-object.ts), once for all kinds.
import { table } from '../../platform/table.ts'
import type { Readable } from 'node:stream'
import { bodyOpen } from '../engine/index.ts'
import type { VersionRow } from '../store/tables.ts'
import type { SwiftAnswer } from './answer.ts'
import { manifestOf } from './dlo/manifest.ts'
import { headersOfObject } from './object-headers.ts'
import type { SwiftRequest } from './request.ts'

export interface Representation {
  /** as the header has it: a plain object's bare, a large one's in quotes */
  etag: string
  /** null: nobody knows before it ends */
  bytes: number | null
  contentType: string
  modifiedUs: number
  headers: Record<string, string>
  /** several ranges are as none (DLO) */
  oneRangeOnly?: boolean
  open(start: number, end: number): Promise<Readable>
}

export type Representer = (request: SwiftRequest, object: VersionRow) => Promise<Representation | SwiftAnswer>

const plain: Representer = async ({ engine }, object) => ({
  etag: object.etag,
  bytes: object.bytes,
  contentType: object.content_type,
  modifiedUs: object.modified_us,
  headers: headersOfObject(object),
  open: (start, end) => bodyOpen(engine, object, { start, end }),
})

/** S3 uploads in parts are large objects to Swift: their ETag stands in quotes. */
const multipart: Representer = async (request, object) => {
  const whole = (await plain(request, object)) as Representation
  return { ...whole, etag: `"${object.etag}"`, headers: { ...whole.headers, 'x-static-large-object': 'True' } }
}

const representers = table<Representer>({ plain, multipart })

/** A feature says how its kind of object is read. */
export function representerAdd(kind: string, representer: Representer): void {
  representers[kind] = representer
}

export function representationOf(request: SwiftRequest, object: VersionRow): Promise<Representation | SwiftAnswer> {
  const kind = object.kind === 'plain' && manifestOf(request, object) !== null ? 'dlo' : object.kind
  return (representers[kind] ?? plain)(request, object)
}

export const isAnswer = (found: Representation | SwiftAnswer): found is SwiftAnswer => 'status' in found
