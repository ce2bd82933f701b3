// GetObject and HeadObject: conditions, one range or one part, the headers that the object was written with, and its bytes.
import type { VersionRow } from '../../store/tables.ts'
import { checksumHeader } from '../checksums/algorithms.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import { onRead } from '../hooks.ts'
import type { S3Answer, S3Call, Shown } from '../operation.ts'
import { permit } from '../permit.ts'
import { httpTime } from '../times.ts'
import { etagShown } from '../views.ts'
import { readConditionsCheck } from './conditions.ts'
import { objectOf, versionHeader } from './find.ts'
import { keptHeaders, metadataShown } from './headers.ts'
import { partRange } from './part-range.ts'
import { contentRange, rangeOf, type Range } from './ranges.ts'
import { meaningOf, meaningOpen } from './stands-for.ts'

export async function objectGet(call: S3Call): Promise<S3Answer> {
  const { request, bucket, key } = call
  const { headers, query } = request
  if (query.has('uploadId')) throw new S3Error('NotImplemented')
  const part = partAsked(call)
  const row = await objectOf(call, { bucket, key, versionText: query.get('versionId') })
  await permit(call, { object: row })
  const meaning = await meaningOf(call, bucket, row)
  const { object } = meaning
  const shown: Shown = { ...objectHeaders(object), ...versionHeader(bucket, object) }
  for (const hook of onRead) await hook(call, meaning.bucket, object, shown)
  readConditionsCheck(headers, object)
  const piece = await pieceOf(call, object, part)
  if (!piece.range) Object.assign(shown, checksumShown(call, object))
  Object.assign(shown, overrides(call), piece.headers)
  const { start, end } = piece.range ?? { start: 0, end: object.bytes }
  shown['content-length'] = String(end - start)
  if (piece.range) shown['content-range'] = contentRange(piece.range, object.bytes)
  const status = piece.range ? 206 : 200
  if (request.method === 'HEAD' || end === start)
    return { status, headers: shown, ...(request.method === 'GET' && { body: Buffer.alloc(0) }) }
  return { status, headers: shown, body: await meaningOpen(call, meaning, { start, end }) }
}

interface Piece {
  range: Range | null
  headers: Record<string, string>
}

const pieceOf = async ({ request, engine }: S3Call, object: VersionRow, part: number | undefined): Promise<Piece> =>
  part === undefined ? { range: rangeOf(request.headers.get('range'), object.bytes), headers: {} } : partRange(engine, object, part)

function partAsked({ request: { headers, query } }: S3Call): number | undefined {
  const part = query.get('partNumber')
  if (part === undefined) return undefined
  if (headers.has('range')) throw new S3Error('InvalidRequest', 'Cannot specify both Range header and partNumber query parameter')
  const number = Number(part)
  if (!/^\d{1,5}$/.test(part) || number < 1 || number > 10_000) {
    throw invalidArgument('partNumber', part, 'Part number must be an integer between 1 and 10000, inclusive.')
  }
  return number
}

function objectHeaders(object: VersionRow): Record<string, string> {
  const headers: Shown = {
    'content-type': object.content_type,
    etag: etagShown(object),
    'last-modified': httpTime(object.modified_us),
    'accept-ranges': 'bytes',
    // the bytes are a user's, and the origin is not theirs alone
    'content-security-policy': 'sandbox',
    ...metadataShown(object.metadata),
  }
  for (const name of keptHeaders) {
    const value = object.system[name]
    if (typeof value === 'string' && value !== '') headers[name] = value
  }
  return headers
}

/** Only of the whole object: with a range every SDK would hold it against the piece, and fail. */
function checksumShown({ request }: S3Call, { system }: VersionRow): Record<string, string> {
  if (request.headers.get('x-amz-checksum-mode')?.toUpperCase() !== 'ENABLED' || !system.checksum) return {}
  const { algorithm, value, type } = system.checksum
  return { [checksumHeader({ name: algorithm })]: value, 'x-amz-checksum-type': type }
}

const overridable = ['cache-control', 'content-disposition', 'content-encoding', 'content-language', 'content-type', 'expires']

/** Who signs may say with which headers the object comes; a page that links to it may not. A page opened in a browser is saved, not shown. */
function overrides({ request, actor }: S3Call): Record<string, string> {
  const found: Shown = {}
  for (const name of overridable) {
    const value = request.query.get(`response-${name}`)
    if (value !== undefined) found[name] = value
  }
  if (Object.keys(found).length > 0 && !actor) {
    throw new S3Error('InvalidRequest', 'Request specific response headers cannot be used for anonymous GET requests.')
  }
  // oxlint-disable-next-line no-control-regex
  if (Object.values(found).some((value) => /[\u0000-\u001f\u007f]/.test(value))) throw new S3Error('InvalidArgument')
  return found
}
