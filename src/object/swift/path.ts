// A path as it came, in bytes: which account, container and object it names. Slashes and dots in an object's name are ordinary
// signs of it: a name is never a path of ours.

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

// eslint-disable-next-line no-control-regex
const plainAscii = /^[\u0001-\u007f]*$/

const hexValue = (code: number): number =>
  code >= 0x30 && code <= 0x39 ? code - 0x30 : code >= 0x41 && code <= 0x46 ? code - 0x37 : code >= 0x61 && code <= 0x66 ? code - 0x57 : -1

/** The bytes behind a text of Latin-1 with percent signs in it; a percent sign that begins no two hex digits is itself. */
function percentBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafe(text.length)
  let length = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const high = code === 0x25 ? hexValue(text.charCodeAt(at + 1)) : -1
    const low = high < 0 ? -1 : hexValue(text.charCodeAt(at + 2))
    if (low < 0) bytes[length++] = code
    else {
      bytes[length++] = high * 16 + low
      at += 2
    }
  }
  return bytes.subarray(0, length)
}

/** Percent signs and UTF-8 undone; null for what is not UTF-8 or holds NUL, which only a query may. */
export function decoded(text: string, mayHoldNul = false): string | null {
  if (!text.includes('%') && plainAscii.test(text)) return text
  const bytes = percentBytes(text)
  if (bytes.includes(0) && !mayHoldNul) return null
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

/** What a header says: Node hands out Latin-1, people write UTF-8. What is not UTF-8 stays as it came. */
export function headerText(value: string): string {
  if (plainAscii.test(value)) return value
  try {
    return utf8.decode(Buffer.from(value, 'latin1'))
  } catch {
    return value
  }
}

/** A text as a path or a header carries it: everything but letters, digits and `-._~/` percent-encoded. */
export const quoted = (text: string, safe = '/'): string =>
  encodeURIComponent(text.toWellFormed()).replace(/%2F|[!'()*]/g, (sign) =>
    sign === '%2F' ? (safe.includes('/') ? '/' : sign) : `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )

export interface Place {
  version: string
  account: string | null
  container: string | null
  object: string | null
}

/** `/v1/AUTH_a/c/o/p` in its parts; a part that is empty is null. Null without a version. */
export function placeOf(path: string): Place | null {
  const parts: string[] = []
  let from = 1
  for (let count = 0; count < 3; count++) {
    const slash = path.indexOf('/', from)
    if (slash < 0) break
    parts.push(path.slice(from, slash))
    from = slash + 1
  }
  parts.push(path.slice(from))
  const [version = '', account = '', container = '', object = ''] = parts
  if (!path.startsWith('/') || version === '') return null
  return { version, account: account || null, container: container || null, object: object || null }
}

/** `container/object` of a header such as Destination, percent signs undone; null when it is not of that form. */
export function pathHeader(value: string): { container: string; object: string } | null {
  // the header's text was UTF-8 already: its bytes again
  const text = decoded(Buffer.from(value, 'utf8').toString('latin1'))
  if (text === null) return null
  const path = text.startsWith('/') ? text.slice(1) : text
  const slash = path.indexOf('/')
  if (slash <= 0 || slash === path.length - 1) return null
  return { container: path.slice(0, slash), object: path.slice(slash + 1) }
}

export const byteLength = (text: string): number => Buffer.byteLength(text, 'utf8')
