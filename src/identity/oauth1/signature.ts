// Requests signed as RFC 5849 says: the Authorization header, the string that is signed, and its HMAC. RSA and PLAINTEXT are
// not taken: nobody signs for Keystone with RSA, and plain secrets do not belong on a wire that may be open.
import { createHmac } from 'node:crypto'
import { table } from '../../platform/table.ts'
import { percentEncoded, sameText } from '../ec2-signature.ts'

export type Pair = [name: string, value: string]

const hashes: Record<string, string> = table({ 'HMAC-SHA1': 'sha1', 'HMAC-SHA256': 'sha256', 'HMAC-SHA512': 'sha512' })
const longestHeader = 8192
const unsigned = ['realm', 'oauth_signature']

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null // a stray percent sign: whoever sent it signed nothing like it
  }
}

/** The header's parameters, once each; null when it is no OAuth header. */
export function headerParameters(header: string | undefined): Record<string, string> | null {
  if (header === undefined || header.length > longestHeader || !/^oauth\s/i.test(header)) return null
  const found = table<string>()
  for (const [, name = '', value = ''] of header.matchAll(/([\w%.~-]+)="([^"]*)"/g)) {
    const [key, text] = [decoded(name), decoded(value)]
    if (key === null || text === null || key in found) return null
    found[key] = text
  }
  return found
}

/** `a=b&c` of a query or a form, decoded. */
export const formPairs = (text: string): Pair[] => [...new URLSearchParams(text)]

/** RFC 5849, 3.4.1: method, address and all parameters, each encoded. */
export function baseString({ method, url, pairs }: { method: string; url: string; pairs: Pair[] }): string {
  const { protocol, host, pathname } = new URL(url)
  const normal = pairs
    .map(([name, value]): Pair => [percentEncoded(name), percentEncoded(value)])
    .sort(([a, b], [c, d]) => (a === c ? (b < d ? -1 : b > d ? 1 : 0) : a < c ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
  return [method.toUpperCase(), `${protocol}//${host}${pathname}`, normal].map(percentEncoded).join('&')
}

export interface Signed {
  method: string
  /** the addresses under which the client may have signed */
  urls: string[]
  /** of the Authorization header */
  header: Record<string, string>
  body?: Pair[]
}

/** Do consumer and token, by their secrets, stand behind the request? */
export function oauthSignatureMatches({ method, urls, header, body = [] }: Signed, consumerSecret: string, tokenSecret: string): boolean {
  const hash = hashes[header['oauth_signature_method'] ?? '']
  const given = header['oauth_signature']
  if (hash === undefined || given === undefined) return false
  const own = Object.entries(header).filter(([name]) => !unsigned.includes(name))
  const key = `${percentEncoded(consumerSecret)}&${percentEncoded(tokenSecret)}`
  return urls.some((url) => {
    const text = baseString({ method, url, pairs: [...own, ...body, ...formPairs(new URL(url).search)] })
    return sameText(createHmac(hash, key).update(text).digest('base64'), given)
  })
}
