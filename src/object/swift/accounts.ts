// Accounts: GET, HEAD and POST; PUT and DELETE for a reseller. One that nothing was ever written to answers as an empty one.
import { projectFetch } from '../../identity/index.ts'
import { Context } from '../../platform/context.ts'
import { accountDelete, accountUpdate, containersList, type Listed } from '../engine/index.ts'
import type { AccountRow, ContainerRow } from '../store/tables.ts'
import { answer, swiftError, type Headers, type SwiftAnswer } from './answer.ts'
import { accountName, projectOf } from './account-key.ts'
import { authorise } from './authorise.ts'
import { vary } from './cors.ts'
import { limits, storagePolicy } from './limits.ts'
import { listingOf, listingTypeOf } from './listing-request.ts'
import { listingText, type ListingRecord } from './listing-text.ts'
import { changesOf, checkMerged, checkMetadata, withoutOwners } from './metadata-headers.ts'
import { allowedMethods, methodNotAllowed } from './path-rules.ts'
import { byteLength } from './path.ts'
import { SwiftRefusal } from './refusals.ts'
import type { SwiftRequest } from './request.ts'
import { isoText, timestampText } from './times.ts'
import type { Verdict } from '../access/index.ts'

/** Headers that a reseller alone sets: quotas. */
const quotaHeader = /^x-account-(?:meta-quota-bytes|quota-(?:bytes|count)(?:-policy-.+)?)$/

export async function accountRead(request: SwiftRequest): Promise<SwiftAnswer> {
  checkName(request)
  const type = listingTypeOf(request)
  const { owner } = await authorise(request, 'account.read')
  const row = await request.accountRow()
  if (row?.deleted_us) return gone()
  const headers = { ...headersOf(request, row, owner), ...(await domainHeader(request)) }
  headers['content-type'] = `${type}; charset=utf-8`
  if (!request.query.has('format')) headers['vary'] = vary(headers['vary'], 'Accept')
  const listing = listingOf(request)
  if (request.method === 'HEAD') return answer(204, { headers: { ...headers, 'content-length': '0' } })
  const page: Listed<ContainerRow> = row
    ? await containersList(request.engine, request.accountKey, listing)
    : { entries: [], truncated: false, last: undefined }
  const body = await listingText(type, { root: 'account', name: accountName(request.accountKey), entries: page.entries, recordOf })
  return answer(body === '' ? 204 : 200, { headers, body })
}

const recordOf = (row: ContainerRow): ListingRecord => ({
  name: row.name,
  count: row.object_count,
  // versions are paid for too
  bytes: row.bytes_used + row.version_bytes,
  last_modified: isoText(row.modified_us),
  storage_policy: storagePolicy,
})

const gone = (): SwiftAnswer => swiftError(410, undefined, { 'x-account-status': 'Deleted' })

function checkName({ account }: SwiftRequest): void {
  if (byteLength(account ?? '') > limits.accountNameBytes)
    throw new SwiftRefusal(400, `Account name length of ${byteLength(account ?? '')} longer than ${limits.accountNameBytes}`, {
      'content-type': 'text/html; charset=UTF-8',
    })
}

function headersOf(request: SwiftRequest, row: AccountRow | undefined, isOwner: boolean): Headers {
  const counts = {
    'container-count': String(row?.container_count ?? 0),
    'object-count': String(row?.object_count ?? 0),
    'bytes-used': String((row?.bytes_used ?? 0) + (row?.version_bytes ?? 0)),
  }
  const createdUs = row?.created_us ?? request.engine.nowUs()
  const headers: Headers = { 'x-timestamp': timestampText(createdUs), 'accept-ranges': 'bytes' }
  const policy = `x-account-storage-policy-${storagePolicy.toLowerCase()}-`
  for (const [name, value] of Object.entries(counts)) {
    headers[`x-account-${name}`] = value
    if (row) headers[policy + name] = value
  }
  return { ...headers, ...withoutOwners(row?.metadata ?? {}, isOwner) }
}

/** The domain of the account's project: names in its ACLs count in the default one only. */
async function domainHeader({ platform, accountKey, transId, caller }: SwiftRequest): Promise<Headers> {
  if (caller.kind !== 'token') return {}
  const project = await projectFetch(new Context(platform, { actor: caller.actor, requestId: transId }), projectOf(accountKey))
  return project ? { 'x-account-project-domain-id': project.domainId } : {}
}

export async function accountPost(request: SwiftRequest): Promise<SwiftAnswer> {
  checkName(request)
  const verdict = await authorise(request, 'account.write')
  const row = await request.accountRow()
  if (row?.deleted_us) return gone()
  await accountUpdate(request.engine, {
    by: request.by,
    account: request.accountKey,
    set: changes(request, { verdict, before: row?.metadata ?? {} }),
  })
  return answer(204)
}

/** The metadata that the request sets; quotas are a reseller's to set. */
function changes(request: SwiftRequest, { verdict, before }: { verdict: Verdict; before: Headers }): Headers {
  checkMetadata(request.headers, 'account')
  const quotas = Object.keys(request.headers)
    .map((name) => name.replace(/^x-remove-/, 'x-'))
    .filter((name) => quotaHeader.test(name))
  const set = withoutOwners(changesOf(request.headers, 'account', quotas), verdict.owner)
  for (const [name, value] of Object.entries(set)) {
    if (!quotaHeader.test(name)) continue
    if (verdict.because !== 'reseller') throw new SwiftRefusal(403)
    if (!/^\d{0,15}$/.test(value)) throw new SwiftRefusal(400, 'Invalid bytes quota.')
  }
  checkMerged(before, set, 'account')
  return set
}

export async function accountPut(request: SwiftRequest): Promise<SwiftAnswer> {
  checkName(request)
  const verdict = await managed(request, 'account.create')
  if (!verdict) return notManaged(request)
  const row = await request.accountRow()
  await accountUpdate(request.engine, {
    by: request.by,
    account: request.accountKey,
    set: changes(request, { verdict, before: row?.metadata ?? {} }),
  })
  return answer(row && !row.deleted_us ? 202 : 201)
}

export async function accountRemove(request: SwiftRequest): Promise<SwiftAnswer> {
  await authorise(request, 'account.delete')
  // what was meant for another step (a bulk delete with a mistyped name) does not end the account
  if (request.raw.url?.includes('?')) return swiftError(400)
  await accountDelete(request.engine, { by: request.by, account: request.accountKey })
  return answer(204)
}

/** Only a reseller manages accounts; the owner's PUT is no method of theirs. */
async function managed(request: SwiftRequest, act: 'account.create'): Promise<Verdict | null> {
  try {
    return await authorise(request, act)
  } catch (thrown) {
    if (thrown instanceof SwiftRefusal && (await mayWrite(request))) return null
    throw thrown
  }
}

async function mayWrite(request: SwiftRequest): Promise<boolean> {
  await authorise(request, 'account.write')
  return true
}

const notManaged = (request: SwiftRequest): SwiftAnswer =>
  methodNotAllowed(
    request,
    allowedMethods(request).filter((method) => method !== 'PUT' && method !== 'DELETE'),
  )
