// Objects: PUT, POST and DELETE. Everything that can be refused is refused before the client is told to send its bytes.
import {
  bodyLimit,
  objectDelete,
  objectPut,
  objectRename,
  objectUpdate,
  versionId,
  versionOf,
  type Conditions,
  type Key,
  type SegmentDraft,
} from '../engine/index.ts'
import type { Body } from '../blobs/index.ts'
import type { ObjectRow } from '../store/tables.ts'
import { answer, swiftError, type Headers, type SwiftAnswer } from './answer.ts'
import { authorise } from './authorise.ts'
import { tagsOf, unquotedTag } from './conditions.ts'
import { limits } from './limits.ts'
import { keptHeaders, objectHeadersOf } from './object-headers.ts'
import { byteLength, pathHeader } from './path.ts'
import { objectOf } from './read-object.ts'
import { SwiftRefusal } from './refusals.ts'
import type { SwiftRequest } from './request.ts'
import { httpDateSeconds, lastModifiedText, timestampText } from './times.ts'

export const keyOf = ({ accountKey, container, object }: SwiftRequest): Key => ({
  account: accountKey,
  container: container ?? '',
  name: object ?? '',
})

/** Conditions of a write, by ETag and time; the engine compares and sets in one transaction. */
function conditionsOf({ headers }: SwiftRequest): Conditions {
  const conditions: Conditions = {}
  const tags = (header: string | undefined): string[] | '*' | undefined => {
    const found = tagsOf(header)
    return found.length === 0 ? undefined : found.includes('*') ? '*' : found
  }
  const match = tags(headers['if-match'])
  const none = tags(headers['if-none-match'])
  if (match !== undefined) conditions.ifMatch = match
  if (none !== undefined) conditions.ifNoneMatch = none
  const unmodified = httpDateSeconds(headers['if-unmodified-since'])
  if (unmodified !== null) conditions.ifUnmodifiedSinceUs = unmodified * 1_000_000
  return conditions
}

/** What every PUT is held against before its body: right to write, container, length, name. */
export async function writeChecked(request: SwiftRequest): Promise<void> {
  const none = tagsOf(request.headers['if-none-match'])
  if (none.length > 0 && !none.includes('*')) throw new SwiftRefusal(400, 'If-None-Match only supports *')
  await authorise(request, 'object.create')
  if (!(await request.containerRow())) throw new SwiftRefusal(404)
  checkLength(request)
  const length = byteLength(request.object ?? '')
  if (length > limits.objectNameBytes) throw new SwiftRefusal(400, `Object name length of ${length} longer than ${limits.objectNameBytes}`)
}

function checkLength({ headers, isChunked, saysLength, contentLength }: SwiftRequest): void {
  const coding = headers['transfer-encoding']
  if (isChunked && coding?.toLowerCase() !== 'chunked')
    throw new SwiftRefusal(501, 'Unsupported Transfer-Coding header value specified in Transfer-Encoding header')
  if (!saysLength) throw new SwiftRefusal(411, 'Missing Content-Length header.')
  if (contentLength !== null && contentLength > limits.maxFileBytes) throw new SwiftRefusal(413, 'Your request is too large.')
}

export async function objectWrite(request: SwiftRequest): Promise<SwiftAnswer> {
  await writeChecked(request)
  // what is wrong in the headers is said before any byte is taken
  objectHeadersOf(request)
  await refuseHopeless(request)
  const { engine, contentLength } = request
  const { maxBytes } = await room(request)
  const body = await engine.blobs.take(request.body(), { maxBytes, ...(contentLength === null ? {} : { bytes: contentLength }) })
  request.countIn(body.bytes)
  const etag = unquotedTag(request.headers['etag'] ?? '').toLowerCase()
  if (etag !== '' && etag !== body.md5) {
    await engine.blobs.discard(body)
    throw new SwiftRefusal(422)
  }
  return objectKept(request, { body })
}

/** What a PUT becomes when its body is known: a plain object, or whatever else a feature makes of it. */
export interface Kept {
  body: Body
  kind?: ObjectRow['kind']
  etag?: string
  bytes?: number
  counted?: number
  segments?: SegmentDraft[]
  /** beside the headers' */
  system?: Record<string, unknown>
  contentType?: string
}

/** The row of a PUT that `writeChecked` has let through, and its answer. */
export async function objectKept(request: SwiftRequest, { system, contentType, ...kept }: Kept): Promise<SwiftAnswer> {
  const { engine, by } = request
  const draft = objectHeadersOf(request)
  const { object } = await objectPut(engine, {
    by,
    ...keyOf(request),
    contentType: contentType ?? draft.contentType,
    metadata: draft.metadata,
    system: { ...draft.system, ...system },
    expiresUs: draft.expiresUs ?? null,
    ...kept,
    conditions: conditionsOf(request),
    quotaExempt: isQuotaExempt(request),
  })
  return written(request, object)
}

/** The answer to a PUT: ETag, time, and the version's id where versions are kept. */
export async function written(request: SwiftRequest, object: ObjectRow): Promise<SwiftAnswer> {
  const { etag, modified_us: us } = object
  const headers: Headers = { etag, 'last-modified': lastModifiedText(us), 'x-timestamp': timestampText(us), 'content-length': '0' }
  // what is written while versions are off has no version to speak of
  if ((await request.containerRow())?.versioning === 'enabled') headers['x-object-version-id'] = versionId(object)
  return answer(201, { headers })
}

const isQuotaExempt = ({ caller }: SwiftRequest): boolean => caller.kind === 'granted' && caller.quotaExempt === true

/** How many bytes there may be; a length that is known to be more is refused at once. */
export async function room(request: SwiftRequest): Promise<{ maxBytes: number; quotaExempt: boolean }> {
  const { contentLength, engine } = request
  const quotaExempt = isQuotaExempt(request)
  const { bytes } = await bodyLimit(engine, { ...keyOf(request), quotaExempt })
  if (bytes !== null && (contentLength ?? 0) > bytes) throw new SwiftRefusal(413, 'Upload exceeds quota.')
  if ((await engine.blobs.room()) === 'full') throw new SwiftRefusal(507)
  return { maxBytes: Math.min(bytes ?? limits.maxFileBytes, limits.maxFileBytes), quotaExempt }
}

/** Conditions that fail now need no bytes; what holds at the end is decided then. */
async function refuseHopeless(request: SwiftRequest): Promise<void> {
  const { ifMatch, ifNoneMatch } = conditionsOf(request)
  if (ifMatch === undefined && ifNoneMatch === undefined) return
  const current = await objectOf(request)
  if (ifNoneMatch === '*' && current) throw new SwiftRefusal(412)
  if (ifMatch !== undefined && (!current || (ifMatch !== '*' && !ifMatch.includes(current.etag)))) throw new SwiftRefusal(412)
}

export async function objectPost(request: SwiftRequest): Promise<SwiftAnswer> {
  const { engine, by, headers } = request
  await authorise(request, 'object.write')
  if (headers['x-copy-from'] !== undefined) throw new SwiftRefusal(400)
  if (!(await request.containerRow())) return swiftError(404)
  const { metadata, system, expiresUs, contentType, hasType } = objectHeadersOf(request)
  const object = await objectUpdate(engine, {
    by,
    ...keyOf(request),
    touch: true,
    conditions: conditionsOf(request),
    change: (row) => ({
      metadata,
      system: { ...withoutKept(row.system as Record<string, unknown>), ...system },
      expires_us: expiresUs ?? null,
      ...(hasType ? { content_type: contentType } : {}),
    }),
  })
  return { ...swiftError(202), headers: { 'content-type': 'text/html; charset=UTF-8', 'x-timestamp': timestampText(object.modified_us) } }
}

const droppedByPost = new Set<string>(keptHeaders)

const withoutKept = (system: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(system).filter(([name]) => !droppedByPost.has(name)))

export async function objectRemove(request: SwiftRequest): Promise<SwiftAnswer> {
  const { engine, by, query } = request
  await authorise(request, 'object.delete')
  const endUs = endUsOf(request.headers['x-if-delete-at'])
  if (!(await request.containerRow())) return swiftError(404)
  const id = query.get('version-id')
  const version = id === null ? undefined : versionOf(id)
  if (id !== null && version === undefined) throw new SwiftRefusal(400, 'Invalid version-id parameter')
  const { removed, marker } = await objectDelete(engine, {
    by,
    ...keyOf(request),
    conditions: conditionsOf(request),
    ...(version === undefined ? {} : { version, promote: false }),
    guard: (current) => {
      if (endUs !== undefined && current && current.expires_us !== endUs) throw new SwiftRefusal(412)
    },
  })
  if (!removed && !marker) return swiftError(404)
  const at = (marker ?? removed)?.modified_us ?? engine.nowUs()
  const headers: Headers = { 'x-timestamp': timestampText(at) }
  if (marker && !marker.is_null) headers['x-object-version-id'] = versionId(marker)
  // where there was nothing, a mark says all the same that it was deleted
  return removed ? answer(204, { headers }) : swiftError(404, undefined, headers)
}

/** X-If-Delete-At: only if the object ends then. */
function endUsOf(wanted: string | undefined): number | undefined {
  if (wanted === undefined) return undefined
  if (!/^\d{1,10}$/.test(wanted)) throw new SwiftRefusal(400, 'Bad X-If-Delete-At header value')
  return Number(wanted) * 1_000_000
}

/** X-Rename-To: container/object of the same account. One change of rows, whatever its size. */
export async function objectMove(request: SwiftRequest): Promise<SwiftAnswer> {
  const { engine, by, headers } = request
  const to = pathHeader(headers['x-rename-to'] ?? '')
  if (!to) throw new SwiftRefusal(412, 'X-Rename-To header must be of the form <container name>/<object name>')
  await authorise(request, 'object.delete')
  await authorise(request, 'object.read', await objectOf(request))
  const target = request.with({ method: 'PUT', container: to.container, object: to.object, body: null })
  await authorise(target, 'object.create')
  if (byteLength(to.object) > limits.objectNameBytes) throw new SwiftRefusal(400)
  const { object } = await objectRename(engine, { by, from: keyOf(request), to: keyOf(target), sourceConditions: conditionsOf(request) })
  return written(target, object)
}
