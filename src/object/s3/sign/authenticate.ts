// Who sends this request: nobody (no credentials), or the owner of the access key by which it is signed. The secret and the rights
// that stand behind it are identity's; a signature never becomes a token here (attack-1).
import { accessKeyFind, type AccessKey } from '../../../identity/index.ts'
import { isAllowed } from '../../../platform/api/access-rules.ts'
import type { Actor, Platform } from '../../../platform/context.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import type { S3Request } from '../request.ts'
import { algorithm4, claimVerify, headerClaim, queryClaim, type Seed } from './v4.ts'
import { claim2Verify, headerClaim2, queryClaim2 } from './v2.ts'

/** the words in x-amz-content-sha256 for bodies that come in pieces */
export const streaming = {
  signed: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  signedTrailer: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
  unsignedTrailer: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
} as const

export interface Signer {
  /** null: anonymous */
  actor: Actor | null
  access: string | null
  /** what x-amz-content-sha256 says; null: nothing was said of the body */
  payload: string | null
  /** what the pieces of a body chain on; only with a signature of version 4 in the header */
  seed: Seed | null
  isPresigned: boolean
  region: string | null
}

export async function authenticate(platform: Platform, request: S3Request): Promise<Signer> {
  const { headers, query } = request
  const header = headers.get('authorization')
  const presigned4 = query.has('X-Amz-Signature') || query.has('X-Amz-Credential') || query.has('X-Amz-Algorithm')
  const presigned2 = query.has('AWSAccessKeyId') || query.has('Signature')
  if (header !== undefined && (presigned4 || presigned2)) throw new S3Error('InvalidArgument', 'Only one auth mechanism allowed')
  // there are no sessions here whose token it could be
  if (query.has('X-Amz-Security-Token') || headers.has('x-amz-security-token')) throw new S3Error('InvalidToken')
  const signer = await signerOf(platform, request, { header, presigned4, presigned2 })
  framingCheck(signer)
  if (
    signer.actor?.accessRules &&
    !isAllowed(signer.actor.accessRules, { service: 's3', prefix: '', method: request.method, path: request.rawPath })
  ) {
    throw new S3Error('AccessDenied', 'The access rules of the application credential do not allow this request.')
  }
  return signer
}

interface Presented {
  header: string | undefined
  presigned4: boolean
  presigned2: boolean
}

async function signerOf(platform: Platform, request: S3Request, { header, presigned4, presigned2 }: Presented): Promise<Signer> {
  const nowMs = platform.clock.nowMs()
  payloadCheck(request.headers.get('x-amz-content-sha256'))
  if (header?.startsWith(algorithm4) || presigned4) {
    const claim = presigned4 ? queryClaim(request, nowMs) : headerClaim(request, nowMs)
    const key = await keyOf(platform, claim.access)
    const seed = claimVerify(request, claim, key)
    const { access, payload, isPresigned, scope } = claim
    return { actor: key.actor, access, payload, seed: isPresigned ? null : seed, isPresigned, region: scope.region }
  }
  const payload = request.headers.get('x-amz-content-sha256') ?? null
  if (header?.startsWith('AWS ') || presigned2) {
    const claim = presigned2 ? queryClaim2(request, nowMs) : headerClaim2(request, nowMs)
    const key = await keyOf(platform, claim.access)
    claim2Verify(request, claim, key)
    return { actor: key.actor, access: claim.access, payload, seed: null, isPresigned: presigned2, region: null }
  }
  if (header !== undefined) throw unknownScheme(header)
  return { actor: null, access: null, payload, seed: null, isPresigned: false, region: null }
}

async function keyOf(platform: Platform, access: string): Promise<AccessKey> {
  const key = await accessKeyFind(platform, access)
  if (!key) throw new S3Error('InvalidAccessKeyId', undefined, { facts: { AWSAccessKeyId: access } })
  return key
}

function unknownScheme(header: string): S3Error {
  const [scheme = '', ...rest] = header.split(' ')
  return rest.length === 0
    ? invalidArgument('Authorization', header, "Authorization header is invalid -- one and only one ' ' (space) required.")
    : invalidArgument('Authorization', scheme, 'Unsupported Authorization Type')
}

const isHash = (payload: string): boolean => /^[0-9a-f]{64}$/i.test(payload)

const isStreaming = (payload: string): boolean => Object.values(streaming).some((word) => word === payload)

function payloadCheck(payload: string | undefined): void {
  if (payload === undefined || payload === 'UNSIGNED-PAYLOAD' || isHash(payload) || isStreaming(payload)) return
  throw invalidArgument(
    'x-amz-content-sha256',
    payload,
    'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.',
  )
}

/** A body in pieces needs a signature in the header: with credentials in the query anybody who saw the URL could write (CVE-2025-31489). */
function framingCheck({ payload, seed, isPresigned }: Signer): void {
  if (payload === null || !isStreaming(payload)) return
  if (isPresigned) throw new S3Error('InvalidRequest', 'The value of x-amz-content-sha256 header is invalid.')
  if (payload !== streaming.unsignedTrailer && !seed) {
    throw new S3Error(
      'InvalidRequest',
      "Anonymous requests don't support this x-amz-content-sha256 value. Please use UNSIGNED-PAYLOAD or STREAMING-UNSIGNED-PAYLOAD-TRAILER.",
    )
  }
}
