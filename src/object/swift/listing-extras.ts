// What a listing in JSON says of an object besides the usual fields, by the kind of its row: features add theirs.
import { table } from '../../platform/table.ts'
import type { ObjectRow } from '../store/tables.ts'

type Extras = (object: ObjectRow) => Record<string, unknown>

const extras = table<Extras>({ multipart: ({ etag }) => ({ s3_etag: `"${etag}"` }) })

export function listingExtrasAdd(kind: string, fields: Extras): void {
  extras[kind] = fields
}

export const extrasOf = (object: ObjectRow): Record<string, unknown> => extras[object.kind]?.(object) ?? {}
