// One request of the S3 door as it came: the path byte for byte (`..` and `//` are ordinary in a key), the bucket by path or by
// host name, the query and the headers. Nothing is normalised, since signatures are made over what was sent.
import type { IncomingMessage } from 'node:http'
import { S3Error } from './errors.ts'

/** longer ones are refused by Amazon as well */
const keyBytesAtMost = 1024

export interface S3Request {
  method: string
  /** as sent, without the query */
  rawPath: string
  /** '' when the request speaks of no bucket */
  bucket: string
  /** '' when it speaks of no object */
  key: string
  /** names and values decoded; of a repeated name the first */
  query: ReadonlyMap<string, string>
  /** every pair as sent and decoded, for signatures */
  pairs: readonly (readonly [string, string])[]
  /** lower case → value; UTF-8; repeated ones joined by a comma */
  headers: ReadonlyMap<string, string>
  /** lower case → the values byte by byte (latin1), for signatures */
  rawHeaders: ReadonlyMap<string, readonly string[]>
  host: string
  /** the bucket stands in the host name */
  isVirtualHost: boolean
  isSecure: boolean
  raw: IncomingMessage
}

/** Host names below which the next word is a bucket. */
export interface HostRules {
  baseHosts: readonly string[]
}

export function requestRead(raw: IncomingMessage, rules: HostRules): S3Request {
  const [rawPath, rawQuery] = targetOf(raw.url ?? '/')
  const rawHeaders = headersOf(raw.rawHeaders)
  const host = rawHeaders.get('host')?.[0] ?? ''
  const virtual = virtualBucket(host, rules)
  const path = decoded(rawPath.slice(1))
  const slash = virtual === undefined ? path.indexOf('/') : -1
  const bucket = virtual ?? (slash < 0 ? path : path.slice(0, slash))
  const key = virtual === undefined ? (slash < 0 ? '' : path.slice(slash + 1)) : path
  const pairs = pairsOf(rawQuery)
  return {
    method: raw.method ?? 'GET',
    rawPath,
    bucket,
    key,
    query: firstOf(pairs),
    pairs,
    headers: new Map([...rawHeaders].map(([name, values]) => [name, Buffer.from(values.join(','), 'latin1').toString('utf8')])),
    rawHeaders,
    host,
    isVirtualHost: virtual !== undefined,
    isSecure: 'encrypted' in raw.socket,
    raw,
  }
}

/** A name that no object can have. */
export function keyCheck(key: string): void {
  if (key.includes('\0')) throw new S3Error('InvalidArgument', 'A key holds no NUL.')
  if (Buffer.byteLength(key) > keyBytesAtMost)
    throw new S3Error('KeyTooLongError', undefined, { facts: { MaxSizeAllowed: keyBytesAtMost } })
}

/** The path and the query; a target in absolute form (`http://host/path`) is read as its path. */
function targetOf(url: string): [string, string] {
  const absolute = /^https?:\/\/[^/?#]*/i.exec(url)
  const target = absolute ? url.slice(absolute[0].length) : url
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  if (path !== '' && !path.startsWith('/')) throw new S3Error('InvalidURI')
  return [path === '' ? '/' : path, mark < 0 ? '' : target.slice(mark + 1)]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // not UTF-8, or a percent sign that begins nothing
    throw new S3Error('InvalidURI')
  }
}

function pairsOf(query: string): [string, string][] {
  if (query === '') return []
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=')
      const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
      return [decoded(name.replaceAll('+', ' ')), decoded(value.replaceAll('+', ' '))]
    })
}

function firstOf(pairs: readonly (readonly [string, string])[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const [name, value] of pairs) if (!found.has(name)) found.set(name, value)
  return found
}

function headersOf(raw: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase()
    const value = raw[at + 1] ?? ''
    const known = found.get(name)
    if (known) known.push(value)
    else found.set(name, [value])
  }
  return found
}

function virtualBucket(host: string, { baseHosts }: HostRules): string | undefined {
  const name = host.replace(/:\d*$/, '').toLowerCase()
  const base = baseHosts.find((each) => name.endsWith(`.${each}`))
  return base === undefined ? undefined : name.slice(0, -base.length - 1)
}
