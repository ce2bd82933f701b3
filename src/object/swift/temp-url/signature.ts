// Signatures of temporary URLs and of forms: an HMAC over a few lines, under a key that the account's or the container's owner set.
// Compared in constant time; neither a signature nor a key is ever written into a log.
import { createHmac, timingSafeEqual } from 'node:crypto'

export type SignatureDigest = 'sha1' | 'sha256' | 'sha512'

/** What a client sent: which digest, and its bytes. */
export interface Signature {
  digest: SignatureDigest
  bytes: Buffer
}

const byHexLength: Record<number, SignatureDigest> = { 40: 'sha1', 64: 'sha256', 128: 'sha512' }
const byteLength: Record<SignatureDigest, number> = { sha1: 20, sha256: 32, sha512: 64 }

const hex = /^[0-9a-fA-F]+$/
const base64 = /^(?:[A-Za-z0-9+/]+|[A-Za-z0-9_-]+)={0,2}$/
const longest = 256

/** Hex digits, or the digest's name, a colon and base64 of either alphabet; null for what is neither. */
export function signatureOf(text: string): Signature | null {
  if (text.length > longest) return null
  const colon = text.indexOf(':')
  if (colon < 0) {
    const digest = byHexLength[text.length]
    return digest && hex.test(text) ? { digest, bytes: Buffer.from(text, 'hex') } : null
  }
  const digest = text.slice(0, colon)
  const value = text.slice(colon + 1)
  if (!isDigest(digest) || !base64.test(value)) return null
  // Node reads both alphabets
  const bytes = Buffer.from(value, 'base64')
  return bytes.length === byteLength[digest] ? { digest, bytes } : null
}

const isDigest = (name: string): name is SignatureDigest => Object.hasOwn(byteLength, name)

/** Is it the signature of the text under that key? */
export function isSignedBy({ digest, bytes }: Signature, text: string, key: string): boolean {
  const expected = createHmac(digest, Buffer.from(key, 'utf8')).update(text, 'utf8').digest()
  return expected.length === bytes.length && timingSafeEqual(expected, bytes)
}

export interface SignedUrl {
  method: string
  /** seconds since 1970 */
  expires: number
  /** the path, or 'prefix:' and the path up to the end of the prefix */
  path: string
  ipRange: string | null
}

/** The lines that a temporary URL's signature covers. The address comes first: a path may hold line ends. */
export const signedText = ({ method, expires, path, ipRange }: SignedUrl): string =>
  [...(ipRange ? [`ip=${ipRange}`] : []), method, String(expires), path].join('\n')

/** Methods whose signature a request may show: reading the head of an object is part of whatever else one may do with it. */
export const signedMethods = (method: string): string[] => (method === 'HEAD' ? ['HEAD', 'GET', 'POST', 'PUT'] : [method])

/** Seconds since 1970 of a number or of 2026-11-30T12:00:00Z; null when it is neither. */
export function expiresSeconds(text: string): number | null {
  if (/^\s*[+-]?\d{1,12}\s*$/.test(text)) return Number(text)
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text)) return null
  const ms = Date.parse(text)
  return Number.isFinite(ms) ? ms / 1000 : null
}

const keyNames = ['temp-url-key', 'temp-url-key-2']

/** The keys that an account's or a container's metadata holds. */
export const keysOf = (metadata: Record<string, string>, kind: 'account' | 'container'): string[] =>
  keyNames.map((name) => metadata[`x-${kind}-meta-${name}`] ?? '').filter((key) => key !== '')
