// Signatures of version 4, in the Authorization header or in the query (presigned). What is returned says whose the request is and,
// for a body that is signed piece by piece, what its first piece chains on.
import type { AccessKey } from '../../../identity/index.ts'
import { S3Error } from '../errors.ts'
import type { S3Request } from '../request.ts'
import { canonicalHash, hmac, sameText, scopeText, stringToSign, type Scope } from './canonical.ts'
import { signingKey } from './signing-keys.ts'
import { compactTime, compactTimeMs, signedTimeMs, skewMs } from './times.ts'

export const algorithm4 = 'AWS4-HMAC-SHA256'
const weekSeconds = 604_800
const unsigned = 'UNSIGNED-PAYLOAD'

/** What each piece of a body signed in pieces is checked with. */
export interface Seed {
  key: Buffer
  time: string
  scope: string
  signature: string
}

export interface Claim4 {
  access: string
  scope: Scope
  signedHeaders: string[]
  signature: string
  time: string
  payload: string
  isPresigned: boolean
}

/** What an Authorization header of version 4 claims; times are checked, the signature is not. */
export function headerClaim(request: S3Request, nowMs: number): Claim4 {
  const fields = authorizationFields(request.headers.get('authorization') ?? '')
  const { access, scope } = credentialOf(fields.Credential, malformed)
  const payload = request.headers.get('x-amz-content-sha256')
  if (payload === undefined) throw new S3Error('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256')
  const time = headerTime(request)
  const atMs = compactTimeMs(time)
  if (time.slice(0, 8) !== scope.date) {
    throw malformed('The authorization header is malformed; Invalid credential date. Date is not the same as X-Amz-Date.')
  }
  if (Math.abs(nowMs - atMs) > skewMs) throw new S3Error('RequestTimeTooSkewed', undefined, { facts: skewFacts(time, nowMs) })
  return {
    access,
    scope,
    signedHeaders: signedHeadersOf(fields.SignedHeaders),
    signature: fields.Signature,
    time,
    payload,
    isPresigned: false,
  }
}

/** The request's time in the compact form; a Date header stands in for x-amz-date. */
function headerTime(request: S3Request): string {
  const atMs = signedTimeMs(request.headers.get('x-amz-date') ?? request.headers.get('date') ?? '')
  if (Number.isNaN(atMs)) throw new S3Error('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header.')
  return compactTime(atMs)
}

export const skewFacts = (time: string, nowMs: number) => ({
  RequestTime: time,
  ServerTime: new Date(nowMs).toISOString(),
  MaxAllowedSkewMilliseconds: skewMs,
})

const malformed = (what: string) => new S3Error('AuthorizationHeaderMalformed', `The authorization header is malformed; ${what}`)

function authorizationFields(header: string): { Credential: string; SignedHeaders: string; Signature: string } {
  const parts = header.slice(algorithm4.length).split(',')
  if (parts.length !== 3) throw malformed('the authorization header requires three components: Credential, SignedHeaders, and Signature.')
  const fields = new Map<string, string>()
  for (const part of parts.map((each) => each.trim())) {
    const equals = part.indexOf('=')
    if (equals <= 0 || equals === part.length - 1) throw malformed(`the authorization component "${part}" is malformed.`)
    fields.set(part.slice(0, equals), part.slice(equals + 1))
  }
  const field = (name: string): string => {
    const value = fields.get(name)
    if (value === undefined) throw malformed(`missing ${name}.`)
    return value
  }
  return { Credential: field('Credential'), SignedHeaders: field('SignedHeaders'), Signature: field('Signature') }
}

/** What the query of a presigned request claims; its times are checked. */
export function queryClaim(request: S3Request, nowMs: number): Claim4 {
  const parameter = (name: string): string => {
    const value = request.query.get(name)
    if (value === undefined || value === '') {
      throw new S3Error(
        'AuthorizationQueryParametersError',
        'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
      )
    }
    return value
  }
  const wrong = (text: string) => new S3Error('AuthorizationQueryParametersError', text)
  const algorithm = parameter('X-Amz-Algorithm')
  // that one exists, and is not built
  if (algorithm === 'AWS4-ECDSA-P256-SHA256') throw wrong('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"')
  if (algorithm !== algorithm4) throw wrong('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"')
  const { access, scope } = credentialOf(parameter('X-Amz-Credential'), (what) =>
    wrong(`Error parsing the X-Amz-Credential parameter; ${what}`),
  )
  const signature = parameter('X-Amz-Signature')
  const signedHeaders = signedHeadersOf(parameter('X-Amz-SignedHeaders'))
  const time = parameter('X-Amz-Date')
  const atMs = compactTimeMs(time)
  if (Number.isNaN(atMs)) throw wrong("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
  if (time.slice(0, 8) !== scope.date)
    throw wrong(`Invalid credential date "${scope.date}". This date is not the same as X-Amz-Date: "${time.slice(0, 8)}".`)
  expiryCheck(parameter('X-Amz-Expires'), atMs, nowMs)
  const payload = request.headers.get('x-amz-content-sha256') ?? request.query.get('X-Amz-Content-Sha256') ?? unsigned
  return { access, scope, signedHeaders, signature, time, payload, isPresigned: true }
}

function expiryCheck(text: string, atMs: number, nowMs: number): void {
  const wrong = (what: string) => new S3Error('AuthorizationQueryParametersError', what)
  if (!/^-?\d{1,18}$/.test(text)) throw wrong('X-Amz-Expires should be a number')
  const seconds = Number(text)
  if (seconds < 0) throw wrong('X-Amz-Expires must be non-negative')
  if (seconds > weekSeconds) {
    throw wrong('X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds')
  }
  if (atMs - nowMs > skewMs) throw new S3Error('AccessDenied', 'Request is not valid yet.')
  if (nowMs > atMs + seconds * 1000) {
    const facts = {
      'X-Amz-Expires': seconds,
      Expires: new Date(atMs + seconds * 1000).toISOString(),
      ServerTime: new Date(nowMs).toISOString(),
    }
    throw new S3Error('AccessDenied', 'Request has expired.', { facts })
  }
}

function credentialOf(text: string, wrong: (what: string) => S3Error): { access: string; scope: Scope } {
  const parts = text.split('/')
  const [date = '', region = '', service = '', end = ''] = parts.slice(-4)
  const access = parts.slice(0, -4).join('/')
  if (parts.length !== 5 || access === '')
    throw wrong('the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".')
  if (end !== 'aws4_request') throw wrong(`incorrect terminal "${end}". This endpoint uses "aws4_request".`)
  if (service !== 's3') throw wrong(`incorrect service "${service}". This endpoint belongs to "s3".`)
  if (!/^\d{8}$/.test(date)) throw wrong(`incorrect date format "${date}". This date in the credential must be in the format "yyyyMMdd".`)
  return { access, scope: { date, region, service } }
}

const signedHeadersOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(';')
    .filter((name) => name !== '')

/** Does the key's holder stand behind the request, with every x-amz-* header of it? Returns what pieces of its body chain on. */
export function claimVerify(request: S3Request, claim: Claim4, key: AccessKey): Seed {
  signedCheck(request, claim)
  const hash = canonicalHash(request, {
    signedHeaders: claim.signedHeaders,
    payload: claim.payload,
    ...(claim.isPresigned && { without: 'X-Amz-Signature' }),
  })
  const secret = signingKey(key, claim.scope)
  const signature = hmac('sha256', secret, stringToSign(algorithm4, claim.time, claim.scope, hash)).toString('hex')
  if (!sameText(signature, claim.signature))
    throw new S3Error('SignatureDoesNotMatch', undefined, { facts: { AWSAccessKeyId: claim.access } })
  return { key: secret, time: claim.time, scope: scopeText(claim.scope), signature }
}

/** A header that changes what a request does must be signed, or whoever holds a presigned URL could add it (CVE-2026-71191). */
function signedCheck(request: S3Request, claim: Claim4): void {
  const signed = new Set(claim.signedHeaders)
  const missing = [...request.headers.keys()].filter((name) => (name === 'host' || name.startsWith('x-amz-')) && !signed.has(name))
  if (missing.length > 0 || !signed.has('host')) {
    throw new S3Error('AccessDenied', 'There were headers present in the request which were not signed', {
      facts: { HeadersNotSigned: missing.join(', ') || 'host' },
    })
  }
}
