// Containers: PUT, POST, DELETE, HEAD, and GET, which lists.
import { containerDelete, containerPut, containerUpdate, objectsList } from '../engine/index.ts'
import { cleanAcl, publicAclBlocked } from '../access/index.ts'
import type { ContainerRow, ObjectRow } from '../store/tables.ts'
import { answer, swiftError, type Headers, type SwiftAnswer } from './answer.ts'
import { authorise } from './authorise.ts'
import { vary } from './cors.ts'
import { limits, storagePolicy } from './limits.ts'
import { extrasOf } from './listing-extras.ts'
import { listingOf, listingTypeOf, wantsMetadata } from './listing-request.ts'
import { listingText, type ListingRecord } from './listing-text.ts'
import { changesOf, checkMerged, checkMetadata, withoutOwners } from './metadata-headers.ts'
import { byteLength } from './path.ts'
import { SwiftRefusal } from './refusals.ts'
import type { SwiftRequest } from './request.ts'
import { isoText, lastModifiedText, timestampText } from './times.ts'

/** Headers besides metadata that are kept of a container; versioning's have steps of their own. */
const containerHeaders = [
  'x-container-read',
  'x-container-write',
  'x-container-sync-key',
  'x-container-sync-to',
  'x-versions-location',
  'x-history-location',
]

/** Lines of 4 KiB of metadata each: a page has fewer of them. */
const mostWithMetadata = 1_000

export async function containerRead(request: SwiftRequest): Promise<SwiftAnswer> {
  const type = listingTypeOf(request)
  const row = await request.containerRow()
  const { owner } = await authorise(request, request.method === 'GET' ? 'container.list' : 'container.read')
  if (!row) return swiftError(404)
  const headers: Headers = { ...headersOf(row, owner), 'content-type': `${type}; charset=utf-8` }
  if (!request.query.has('format')) headers['vary'] = vary(headers['vary'], 'Accept')
  const listing = listingOf(request)
  if (request.method === 'HEAD') return answer(204, { headers: { ...headers, 'content-length': '0' } })
  const metadata = wantsMetadata(request)
  const limit = metadata ? Math.min(listing.limit, mostWithMetadata) : listing.limit
  const { entries } = await objectsList(request.engine, row, { ...listing, limit, metadata })
  const page = { root: 'container', name: row.name, entries, recordOf: (object: ObjectRow) => recordOf(object, metadata) } as const
  const body = await listingText(type, page)
  return answer(body === '' ? 204 : 200, { headers, body })
}

/** The fields of a listing in JSON; with `?metadata=true` the user's metadata, too. */
export function recordOf(row: ObjectRow, withMetadata = false): ListingRecord {
  const record: ListingRecord = {
    name: row.name,
    hash: row.etag,
    bytes: row.bytes,
    content_type: row.content_type,
    last_modified: isoText(row.modified_us),
    ...extrasOf(row),
  }
  if (withMetadata) record['metadata'] = row.metadata
  return record
}

export function headersOf(row: ContainerRow, isOwner: boolean): Headers {
  return {
    'x-container-object-count': String(row.object_count),
    'x-container-bytes-used': String(row.bytes_used),
    'x-storage-policy': storagePolicy,
    'x-timestamp': timestampText(row.created_us),
    'last-modified': lastModifiedText(row.modified_us),
    'accept-ranges': 'bytes',
    ...withoutOwners(row.metadata, isOwner),
  }
}

export async function containerWrite(request: SwiftRequest): Promise<SwiftAnswer> {
  const { by, engine, accountKey: account, headers, container } = request
  const row = await request.containerRow()
  const { owner } = await authorise(request, row ? 'container.write' : 'container.create')
  const name = container ?? ''
  checkName(name)
  checkPolicy(headers['x-storage-policy'])
  const set = changes(request, { before: row?.metadata ?? {}, owner })
  publicAclCheck(row, set)
  const { created } = await containerPut(engine, { by, account, name, set, claim: 'may' })
  request.forgetRows()
  return answer(created ? 201 : 202)
}

export async function containerPost(request: SwiftRequest): Promise<SwiftAnswer> {
  const { by, engine, accountKey: account } = request
  const row = await request.containerRow()
  const { owner } = await authorise(request, 'container.write')
  const set = changes(request, { before: row?.metadata ?? {}, owner })
  if (!row) return swiftError(404)
  publicAclCheck(row, set)
  await containerUpdate(engine, { by, account, name: row.name, set })
  request.forgetRows()
  return answer(204)
}

export async function containerRemove(request: SwiftRequest): Promise<SwiftAnswer> {
  const { by, engine, accountKey: account, container } = request
  await authorise(request, 'container.delete')
  await containerDelete(engine, { by, account, name: container ?? '' })
  request.forgetRows()
  return answer(204)
}

/** A public access block (S3's) holds at this door too: an ACL that would do nothing is not taken. */
function publicAclCheck(row: ContainerRow | null | undefined, set: Headers): void {
  const acls = { read: set['x-container-read'], write: set['x-container-write'] }
  if (row && publicAclBlocked(row.settings, acls))
    throw new SwiftRefusal(403, "The container's public access block does not allow a public ACL.")
}

function checkName(name: string): void {
  const length = byteLength(name)
  if (length > limits.containerNameBytes)
    throw new SwiftRefusal(400, `Container name length of ${length} longer than ${limits.containerNameBytes}`, {
      'content-type': 'text/html; charset=UTF-8',
    })
}

function checkPolicy(policy: string | undefined): void {
  if (policy === undefined || policy === '' || policy.toLowerCase() === storagePolicy.toLowerCase()) return
  throw new SwiftRefusal(400, `Invalid X-Storage-Policy '${policy}'`)
}

const quotas: Headers = {
  'x-container-meta-quota-bytes': 'Invalid bytes quota.',
  'x-container-meta-quota-count': 'Invalid count quota.',
}

/** The metadata and headers that the request sets, checked and clean. */
function changes({ headers }: SwiftRequest, { before, owner }: { before: Headers; owner: boolean }): Headers {
  const set = withoutOwners(changesOf(headers, 'container', containerHeaders), owner)
  for (const name of ['x-container-read', 'x-container-write']) {
    const value = set[name]
    if (value === undefined) continue
    const cleaned = cleanAcl(name, value)
    if ('fault' in cleaned) throw new SwiftRefusal(400, cleaned.fault)
    set[name] = cleaned.acl
  }
  // nothing is synced here: a container that says so would be a promise that nobody keeps
  const syncTo = set['x-container-sync-to'] ?? ''
  if (syncTo !== '') throw new SwiftRefusal(400, `No realm key for ${JSON.stringify(syncTo)}`)
  checkMetadata(headers, 'container')
  for (const [name, fault] of Object.entries(quotas))
    if (set[name] !== undefined && !/^\d{0,15}$/.test(set[name])) throw new SwiftRefusal(400, fault)
  checkMerged(before, set, 'container')
  return set
}
