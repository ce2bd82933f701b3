// The manifest that a client sends for a static large object: a JSON list of segments, each an object by its path or a few bytes in
// place. What is wrong is told all at once, a line for each segment.
import { spansOf } from '../ranges.ts'

/** A part of another object. */
export interface PathSegment {
  container: string
  object: string
  /** as the client wrote it */
  path: string
  /** what the client says of the whole object, if anything */
  etag: string | null
  bytes: number | null
  /** 'first-last', 'first-' or '-count', if only a part of it is meant */
  range: string | null
}

/** Bytes that stand in the manifest itself. */
export interface DataSegment {
  data: Buffer
}

export type AskedSegment = PathSegment | DataSegment

export const isData = (segment: AskedSegment): segment is DataSegment => 'data' in segment

const pathKeys = ['path', 'etag', 'size_bytes', 'range']
const tooSmall = 'too small; each segment must be at least 1 byte.'

/** The segments of a manifest for the object `self`, or the text that says what is wrong. */
export function manifestOf(body: Buffer, self: { container: string; object: string }): { segments: AskedSegment[] } | { fault: string } {
  const list = parsed(body)
  if (list === undefined) return { fault: 'Manifest must be valid JSON.\n' }
  if (!Array.isArray(list)) return { fault: 'Manifest must be a list.\n' }
  const segments: AskedSegment[] = []
  const faults: string[] = []
  for (const [index, item] of list.entries()) {
    const segment = segmentOf(item, { isLast: index === list.length - 1, self })
    if (typeof segment === 'string') faults.push(`Index ${index}: ${segment}`)
    else segments.push(segment)
  }
  if (list.length > 0 && list.every((item) => isObject(item) && Object.hasOwn(item, 'data')))
    faults.push('Inline data segments require at least one object-backed segment.')
  return faults.length > 0 ? { fault: faults.map((line) => `${line}\n`).join('') } : { segments }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(body)) as unknown
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

interface Where {
  isLast: boolean
  self: { container: string; object: string }
}

/** One segment, or what is wrong with it. */
function segmentOf(item: unknown, where: Where): AskedSegment | string {
  if (!isObject(item)) return 'not a JSON object'
  const isInline = Object.hasOwn(item, 'data')
  if (!isInline && !Object.hasOwn(item, 'path')) return 'expected keys to include one of "data" or "path"'
  const known = isInline ? ['data'] : pathKeys
  const foreign = Object.keys(item).filter((key) => !known.includes(key))
  if (foreign.length > 0)
    return `extraneous keys ${foreign
      .sort()
      .map((key) => JSON.stringify(key))
      .join(', ')}`
  return isInline ? dataSegment(item['data']) : pathSegment(item, where)
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/

function dataSegment(text: unknown): DataSegment | string {
  if (typeof text !== 'string' || text.length % 4 !== 0 || !base64.test(text)) return 'data must be valid base64'
  const data = Buffer.from(text, 'base64')
  return data.length < 1 ? tooSmall : { data }
}

function pathSegment(item: Record<string, unknown>, { isLast, self }: Where): PathSegment | string {
  const { path, etag = null, range = null } = item
  if (typeof path !== 'string') return '"path" must be a string'
  if (etag !== null && typeof etag !== 'string') return '"etag" must be a string or null (if provided)'
  const place = placeOf(path)
  if (!place) return 'path does not refer to an object. Path must be of the form /container/object.'
  const bytes = bytesOf(item['size_bytes'])
  if (bytes === undefined) return 'invalid size_bytes'
  if (bytes !== null && bytes < 1 && !isLast) return tooSmall
  if (place.container === self.container && place.object === self.object) return 'manifest must not include itself as a segment'
  const wrong = rangeFault(range, bytes)
  if (wrong !== null) return wrong
  return {
    ...place,
    path,
    etag: etag === null ? null : etag.toLowerCase(),
    bytes,
    range: typeof range === 'string' && range !== '' ? range : null,
  }
}

/** '/container/object' in two; slashes in front are Swift's habit, the object's own slashes are its name. */
export function placeOf(path: string): { container: string; object: string } | null {
  const text = path.replace(/^\/+/, '')
  const slash = text.indexOf('/')
  if (slash <= 0 || slash === text.length - 1 || text.includes('\0')) return null
  return { container: text.slice(0, slash), object: text.slice(slash + 1) }
}

/** A number, also as text; null when not said, undefined when it is none. */
function bytesOf(value: unknown): number | null | undefined {
  if (value === undefined || value === null) return null
  const number = typeof value === 'string' && /^\s*\d{1,15}\s*$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

function rangeFault(range: unknown, bytes: number | null): string | null {
  if (range === null || range === '') return null
  if (typeof range !== 'string') return 'invalid range'
  const spans = spansOf(`bytes=${range}`, Number.MAX_SAFE_INTEGER)
  if (!spans) return 'invalid range'
  if (range.includes(',')) return 'multiple ranges (only one allowed)'
  return bytes !== null && bytes > 0 && spansOf(`bytes=${range}`, bytes)?.length === 0 ? 'unsatisfiable range' : null
}
