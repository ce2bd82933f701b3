// What signatures of version 4 are made over, from a request as it was sent.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { S3Request } from '../request.ts'

export const emptySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

export const hmac = (hash: 'sha1' | 'sha256', key: string | Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest()

/** In a time that tells nothing of where they differ. */
export function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** RFC 3986: all but letters, digits and `-._~`. */
export const percentEncoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

export interface Scope {
  date: string
  region: string
  service: string
}

export const scopeText = ({ date, region, service }: Scope): string => `${date}/${region}/${service}/aws4_request`

export interface CanonicalParts {
  signedHeaders: readonly string[]
  /** as the request names it: a hash, or one of the words for other kinds of bodies */
  payload: string
  /** a query parameter that is no part of what is signed: the signature itself */
  without?: string
}

/** The hash of the request as it is signed. */
export function canonicalHash(request: S3Request, { signedHeaders, payload, without }: CanonicalParts): string {
  const query = request.pairs
    .filter(([name]) => name !== without)
    .map(([name, value]) => `${percentEncoded(name)}=${percentEncoded(value)}`)
    .sort()
    .join('&')
  const headers = signedHeaders.map((name) => `${name}:${folded(request.rawHeaders.get(name))}\n`).join('')
  const text = [request.method, request.rawPath, query, headers, signedHeaders.join(';'), payload].join('\n')
  return createHash('sha256').update(text, 'latin1').digest('hex')
}

export const stringToSign = (algorithm: string, time: string, scope: Scope, hash: string): string =>
  [algorithm, time, scopeText(scope), hash].join('\n')

/** Repeated headers are one, joined by commas; blanks inside become one. */
const folded = (values: readonly string[] | undefined): string =>
  (values ?? []).map((value) => value.trim().replaceAll(/[ \t]+/g, ' ')).join(',')
