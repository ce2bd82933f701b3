// Signatures of version 2: HMAC-SHA1 over the method, a few headers, every x-amz-* header and the resource, in the Authorization
// header or in the query with a time at which they expire.
import type { AccessKey } from '../../../identity/index.ts'
import { S3Error } from '../errors.ts'
import type { S3Request } from '../request.ts'
import { hmac, sameText } from './canonical.ts'
import { signedTimeMs, skewMs } from './times.ts'
import { skewFacts } from './v4.ts'

/** parameters that are part of the resource that is signed */
const subResources = new Set(
  (
    'accelerate acl analytics cors delete encryption inventory legal-hold lifecycle location logging metrics notification object-lock ' +
    'ownershipControls partNumber policy policyStatus publicAccessBlock replication requestPayment restore retention select select-type tagging ' +
    'torrent uploadId uploads versionId versioning versions website attributes renameObject ' +
    'response-cache-control response-content-disposition response-content-encoding response-content-language response-content-type response-expires'
  ).split(' '),
)

export interface Claim2 {
  access: string
  signature: string
  /** what stands where the Date does */
  date: string
}

export function headerClaim2(request: S3Request, nowMs: number): Claim2 {
  const header = request.headers.get('authorization') ?? ''
  const colon = header.lastIndexOf(':')
  if (colon < 0) throw new S3Error('InvalidArgument', 'AWS authorization header is invalid. Expected AwsAccessKeyId:signature')
  const amzDate = request.headers.get('x-amz-date')
  const date = request.headers.get('date') ?? ''
  const atMs = signedTimeMs(amzDate ?? date)
  if (Number.isNaN(atMs)) throw new S3Error('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header.')
  if (Math.abs(nowMs - atMs) > skewMs) throw new S3Error('RequestTimeTooSkewed', undefined, { facts: skewFacts(amzDate ?? date, nowMs) })
  return { access: header.slice(4, colon).trim(), signature: header.slice(colon + 1).trim(), date: amzDate === undefined ? date : '' }
}

export function queryClaim2(request: S3Request, nowMs: number): Claim2 {
  const access = request.query.get('AWSAccessKeyId') ?? ''
  const signature = request.query.get('Signature') ?? ''
  const expires = request.query.get('Expires') ?? ''
  if (access === '' || signature === '' || expires === '') {
    throw new S3Error('AccessDenied', 'Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters')
  }
  if (!/^\d{1,12}$/.test(expires)) throw new S3Error('AccessDenied', 'Invalid date (should be seconds since epoch)')
  if (nowMs > Number(expires) * 1000) {
    throw new S3Error('AccessDenied', 'Request has expired.', {
      facts: { Expires: new Date(Number(expires) * 1000).toISOString(), ServerTime: new Date(nowMs).toISOString() },
    })
  }
  return { access, signature, date: expires }
}

export function claim2Verify(request: S3Request, claim: Claim2, key: AccessKey): void {
  if (resources(request).some((resource) => sameText(hmac2(key.secret, stringToSign2(request, claim.date, resource)), claim.signature)))
    return
  throw new S3Error('SignatureDoesNotMatch', undefined, { facts: { AWSAccessKeyId: claim.access } })
}

/** The path that is signed; some sign a bucket's with a slash at its end and send it without. */
function resources({ isVirtualHost, bucket, key, rawPath }: S3Request): string[] {
  if (isVirtualHost) return [`/${bucket}${rawPath}`]
  return key === '' && bucket !== '' && !rawPath.endsWith('/') ? [rawPath, `${rawPath}/`] : [rawPath]
}

const hmac2 = (secret: string, text: string): string => hmac('sha1', secret, text).toString('base64')

export function stringToSign2(request: S3Request, date: string, path: string): string {
  const header = (name: string): string => request.headers.get(name) ?? ''
  const amz = [...request.headers]
    .filter(([name]) => name.startsWith('x-amz-'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value.trim().replaceAll(/\s*\n\s*/g, ' ')}\n`)
    .join('')
  const words = request.pairs
    .filter(([name]) => subResources.has(name))
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
  const resource = `${path}${words.length > 0 ? `?${words.join('&')}` : ''}`
  return [request.method, header('content-md5'), header('content-type'), date, `${amz}${resource}`].join('\n')
}
