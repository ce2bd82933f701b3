// AWS signatures of EC2 requests as Keystone's clients make and check them: versions 0, 1 and 2 over the parameters, version 4
// over headers and the body's hash. The caller says what a request is made of, so nothing in it is trusted.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

type Texts = Record<string, string>

/** The request that was signed, as the one who received it describes it. */
export interface SignedRequest {
  signature: string
  host: string
  verb: string
  path: string
  params: Texts
  headers: Texts
  bodyHash: string
}

const hmac = (hash: 'sha1' | 'sha256', key: string | Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest()

export function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** RFC 3986: all but letters, digits and `-._~`. */
export const percentEncoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

const sorted = (names: string[]): string[] => [...names].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))

const canonicalQuery = (params: Texts): string =>
  sorted(Object.keys(params))
    .map((name) => `${percentEncoded(name)}=${percentEncoded(params[name] ?? '')}`)
    .join('&')

/** The key of one day, region and service: AWS4 + secret, then each part of the scope. */
export const signingKey = (secret: string, scope: string[]): Buffer =>
  scope.reduce<Buffer>((key, part) => hmac('sha256', key, part), Buffer.from(`AWS4${secret}`))

/** Does the secret's holder stand behind the request? Some clients sign the host without its port. */
export function ec2SignatureMatches(secret: string, request: SignedRequest): boolean {
  const hosts = [request.host, ...(request.host.includes(':') ? [request.host.replace(/:\d*$/, '')] : [])]
  return hosts.some((host) => {
    const signature = signatureOf(secret, { ...request, host })
    return signature !== null && sameText(signature, request.signature)
  })
}

/** null: of no version that there is, or not what its version needs. */
function signatureOf(secret: string, request: SignedRequest): string | null {
  const { params, headers } = request
  switch (params['SignatureVersion']) {
    case '0':
      return hmac('sha1', secret, `${params['Action'] ?? ''}${params['Timestamp'] ?? ''}`).toString('base64')
    case '1': {
      const names = Object.keys(params).sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
      return hmac('sha1', secret, names.map((name) => name + (params[name] ?? '')).join('')).toString('base64')
    }
    case '2': {
      const query = canonicalQuery({ ...params, SignatureMethod: 'HmacSHA256' })
      return hmac('sha256', secret, `${request.verb}\n${request.host}\n${request.path}\n${query}`).toString('base64')
    }
    case undefined:
      return headers['authorization']?.startsWith('AWS4-HMAC-SHA256') || params['X-Amz-Algorithm'] === 'AWS4-HMAC-SHA256'
        ? signature4(secret, request)
        : null
    default:
      return null
  }
}

function signature4(secret: string, { verb, path, params, headers, bodyHash }: SignedRequest): string | null {
  const authorization = headers['authorization']
  const parameter = (name: string): string =>
    authorization === undefined
      ? (params[`X-Amz-${name}`] ?? '')
      : ((authorization.split(`${name}=`, 2)[1] ?? '').split(',', 1)[0]?.trim() ?? '')
  const signed = parameter('SignedHeaders')
  const [, date = '', region = '', service = '', ...rest] = parameter('Credential').split('/')
  const requestDate = headers['x-amz-date'] ?? params['X-Amz-Date'] ?? ''
  if (date === '' || !requestDate.startsWith(date)) return null
  const canonicalHeaders = signed
    .split(';')
    .flatMap((name) => {
      const value = headers[name]
      return value === undefined ? [] : [`${name}:${value.trim()}`]
    })
    .join('\n')
  // POST has its parameters in the body, whose hash stands at the end
  const query = verb.toUpperCase() === 'POST' ? '' : canonicalQuery(params)
  const canonical = [verb.toUpperCase(), path, query, `${canonicalHeaders}\n`, signed, bodyHash].join('\n')
  const scope = [date, region, service, ...rest]
  const text = ['AWS4-HMAC-SHA256', requestDate, scope.join('/'), createHash('sha256').update(canonical).digest('hex')].join('\n')
  return hmac('sha256', signingKey(secret, [date, region, service, 'aws4_request']), text).toString('hex')
}
