// COPY, and PUT with X-Copy-From: the source's conditions and range are the request's, its metadata goes along and the request's own
// comes over it. A plain object, or a manifest as itself, is copied as a row, whatever its size; what is put together (a large object,
// a range) is read into a new one.
import { objectCopy } from '../engine/index.ts'
import { table } from '../../platform/table.ts'
import type { VersionRow } from '../store/tables.ts'
import { listingType } from './accept.ts'
import { manifestOf } from './dlo/manifest.ts'
import { heartbeat } from './heartbeat.ts'
import { discardBody, isSuccess, swiftError, type Headers, type SwiftAnswer } from './answer.ts'
import { headersOfObject, objectHeadersOf } from './object-headers.ts'
import { keyOf, writeChecked, written, room } from './objects.ts'
import { decoded, pathHeader, quoted } from './path.ts'
import { isTrue } from './query.ts'
import { SwiftRefusal } from './refusals.ts'
import { objectOf } from './read-object.ts'
import type { SwiftRequest } from './request.ts'
import type { Next, Step } from './steps.ts'
import { lastModifiedText } from './times.ts'

const sourceHeaders = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'range'] as const

export const copy: Step = async (request, next) => {
  const { method, object, headers } = request
  if (object === null) return next(request)
  const isCopyFrom = method === 'PUT' && (headers['x-copy-from'] ?? '') !== ''
  if (method !== 'COPY' && !isCopyFrom) return next(request)
  const copy = isCopyFrom ? ofCopyFrom(request) : ofDestination(request)
  return isTrue(request.query.get('heartbeat')) ? copiedAlive(copy, next) : copied(copy, next)
}

/** ?heartbeat=on: what can be said of the source is said at once, the rest in the body. */
async function copiedAlive({ source, target }: Copy, next: Next): Promise<SwiftAnswer> {
  const head = await next(source.with({ method: 'HEAD' }))
  if (!isSuccess(head)) return head
  const query = (request: SwiftRequest) => request.with({ query: request.query.with({ heartbeat: null }) })
  const accept = listingType(null, target.headers['accept'])
  return heartbeat(target, {
    type: accept === 'application/json' ? accept : 'text/plain',
    root: 'copy',
    work: async () => ({ answer: await copied({ source: query(source), target: query(target) }, next), failures: [] }),
  })
}

interface Copy {
  source: SwiftRequest
  target: SwiftRequest
}

function accountHeader(request: SwiftRequest, name: string): string | null {
  const value = request.headers[name]
  if (value === undefined) return request.account
  const account = decoded(Buffer.from(value, 'utf8').toString('latin1'))
  if (account === null || account === '') throw new SwiftRefusal(412, 'Account name cannot be empty')
  if (account.includes('/')) throw new SwiftRefusal(412, 'Account name cannot contain slashes')
  return account
}

function ofDestination(request: SwiftRequest): Copy {
  const value = request.headers['destination']
  if (value === undefined || value === '') throw new SwiftRefusal(412, 'Destination header required')
  const place = pathHeader(value)
  if (!place) throw new SwiftRefusal(412, 'Destination header must be of the form <container name>/<object name>')
  if (request.hasBody) throw new SwiftRefusal(400, 'Copy requests require a zero byte body')
  const account = accountHeader(request, 'destination-account')
  return { source: asSource(request), target: asTarget(request.with({ account, ...place })) }
}

function ofCopyFrom(request: SwiftRequest): Copy {
  if (request.hasBody) throw new SwiftRefusal(400, 'Copy requests require a zero byte body')
  const place = pathHeader(request.headers['x-copy-from'] ?? '')
  if (!place) throw new SwiftRefusal(412, 'X-Copy-From header must be of the form <container name>/<object name>')
  const account = accountHeader(request, 'x-copy-from-account')
  return { source: asSource(request.with({ account, ...place })), target: asTarget(request) }
}

/** A GET of the source: of the request's headers it has the conditions and the range. */
function asSource(request: SwiftRequest): SwiftRequest {
  const headers: Record<string, string | undefined> = Object.create(null)
  for (const name of sourceHeaders) headers[name] = request.headers[name]
  headers['referer'] = request.headers['referer']
  const query = request.query.get('multipart-manifest') === 'get' ? request.query.with({ format: 'raw' }) : request.query
  return request.with({ method: 'GET', headers, query, body: null })
}

/** A PUT of the target, without what spoke of the source. */
function asTarget(request: SwiftRequest): SwiftRequest {
  const gone = [...sourceHeaders, 'x-copy-from', 'x-copy-from-account', 'destination', 'destination-account', 'etag']
  const target = request.withHeaders(Object.fromEntries(gone.map((name) => [name, undefined])))
  return target.with({ method: 'PUT', query: request.query.with({ 'version-id': null }), body: null })
}

async function copied({ source, target }: Copy, next: Next): Promise<SwiftAnswer> {
  const row = await objectOf(source)
  const isWhole = source.headers['range'] === undefined && row !== undefined && isRowCopied(source, row)
  return row && isWhole && !row.is_marker ? rowCopied({ source, target }, row, next) : readInto({ source, target }, next)
}

/** What has bytes of its own, as its reader sees them. */
const isRowCopied = (source: SwiftRequest, row: VersionRow): boolean =>
  row.kind === 'multipart' || (row.kind === 'plain' && manifestOf(source, row) === null)

/** Rows only: the source's conditions and its right to be read are what a HEAD of it says. */
async function rowCopied({ source, target }: Copy, row: VersionRow, next: Next): Promise<SwiftAnswer> {
  const head = await next(source.with({ method: 'HEAD' }))
  if (!isSuccess(head)) return head
  await writeChecked(target)
  const isFresh = isTrue(target.headers['x-fresh-metadata'])
  const own = objectHeadersOf(target)
  const { quotaExempt } = await room(target)
  const { object, source: from } = await objectCopy(target.engine, {
    by: target.by,
    from: { ...keyOf(source), version: row.is_null ? 'null' : row.version_us },
    to: keyOf(target),
    quotaExempt,
    draft: (found) => ({
      contentType: own.hasType ? own.contentType : found.content_type,
      metadata: isFresh ? own.metadata : { ...found.metadata, ...own.metadata },
      system: isFresh ? own.system : { ...(found.system as Record<string, unknown>), ...own.system },
      expiresUs: own.expiresUs ?? (isFresh ? null : found.expires_us),
    }),
  })
  const made = await written(target, object)
  Object.assign(made.headers, copiedHeaders(source, lastModifiedText(from.modified_us)), headersOfObject(object))
  return made
}

/** What is put together, or a part of it, becomes a plain object. */
async function readInto({ source, target }: Copy, next: Next): Promise<SwiftAnswer> {
  const found = await next(source)
  if (!isSuccess(found)) return found
  const { headers } = found
  const length = headers['content-length']
  if (length === undefined) {
    discardBody(found)
    return swiftError(413)
  }
  const sink = withSource(target, headers)
  const body = found.body === undefined ? null : typeof found.body === 'string' ? Buffer.from(found.body) : found.body
  const made = await next(sink.with({ body, query: sinkQuery(target, headers) }))
  discardBody(found)
  if (!isSuccess(made)) return made
  const metadata = Object.entries(sink.headers).filter(([name, value]) => name.startsWith('x-object-meta-') && value !== undefined)
  Object.assign(made.headers, copiedHeaders(source, headers['last-modified']), Object.fromEntries(metadata))
  return made
}

/** A manifest copied as itself is put as one. */
function sinkQuery(target: SwiftRequest, found: Headers): SwiftRequest['query'] {
  if (target.query.get('multipart-manifest') !== 'get') return target.query
  return target.query.with({ 'multipart-manifest': found['x-static-large-object'] === undefined ? null : 'put', format: null })
}

const notCopied = new Set(['x-static-large-object', 'x-object-manifest', 'etag', 'content-type', 'content-length', 'content-range'])
const carried = /^(?:x-object-meta-.*|x-delete-at|content-(?:encoding|disposition|language)|cache-control|expires|x-robots-tag)$/

/** The PUT's headers: the source's, and over them the request's own. */
function withSource(target: SwiftRequest, found: Headers): SwiftRequest {
  const isFresh = isTrue(target.headers['x-fresh-metadata'])
  const taken = table<string | undefined>()
  if (!isFresh) for (const [name, value] of Object.entries(found)) if (carried.test(name) && !notCopied.has(name)) taken[name] = value
  // the source's own end does not beat the one that is asked for
  if (target.headers['x-delete-after'] !== undefined) delete taken['x-delete-at']
  if ((target.headers['content-type'] ?? '') === '') taken['content-type'] = found['content-type']
  if (target.query.get('multipart-manifest') === 'get' && found['x-object-manifest'] !== undefined)
    taken['x-object-manifest'] = found['x-object-manifest']
  // a link that was asked for as itself becomes another one
  for (const name of Object.keys(found))
    if (name.startsWith('x-symlink-target') && name !== 'x-symlink-target-bytes') taken[name] = found[name]
  const own = Object.fromEntries(
    Object.entries(target.headers).filter(([name, value]) => value !== undefined && (name !== 'content-type' || value !== '')),
  )
  return target.withHeaders({ ...taken, ...own, 'content-length': found['content-length'] })
}

const copiedHeaders = ({ account, container, object }: SwiftRequest, lastModified: string | undefined): Headers => ({
  'x-copied-from': quoted(`${container}/${object}`),
  'x-copied-from-account': quoted(account ?? ''),
  ...(lastModified === undefined ? {} : { 'x-copied-from-last-modified': lastModified }),
})
