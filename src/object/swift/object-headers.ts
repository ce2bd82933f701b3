// Headers of a PUT or POST of an object: what is kept of them, when it ends, what type it has.
import type { Draft } from '../engine/index.ts'
import type { Headers } from './answer.ts'
import { guessType } from './content-type.ts'
import { checkMetadata, metadataOf } from './metadata-headers.ts'
import { headerText } from './path.ts'
import { isTrue } from './query.ts'
import { SwiftRefusal } from './refusals.ts'
import type { SwiftRequest } from './request.ts'

/** Headers that a row's `system` keeps as they came, and a POST drops when it does not send them. */
export const keptHeaders = [
  'content-encoding',
  'content-disposition',
  'content-language',
  'cache-control',
  'expires',
  'x-robots-tag',
  // of a dynamic large object
  'x-object-manifest',
] as const

export interface ObjectHeaders extends Draft {
  /** said by the client, not guessed */
  hasType: boolean
}

/** Reads and checks them; `path` is what the type is guessed from. */
export function objectHeadersOf(request: SwiftRequest): ObjectHeaders {
  const { headers } = request
  checkMetadata(headers, 'object')
  if (headers['x-static-large-object'] !== undefined)
    throw new SwiftRefusal(
      400,
      'X-Static-Large-Object is a reserved header. To create a static large object add query param multipart-manifest=put.',
    )
  const system: Headers = {}
  for (const name of keptHeaders) {
    const value = headers[name]
    if (value !== undefined && value !== '') system[name] = value
  }
  const hasType = (headers['content-type'] ?? '') !== '' && !isTrue(headers['x-detect-content-type'])
  return {
    contentType: hasType ? cleanType(headers['content-type'] ?? '') : guessType(request.object ?? ''),
    hasType,
    metadata: metadataOf(headers, 'object'),
    system,
    expiresUs: expiresUsOf(request),
  }
}

/** The internal part of a type is nobody's to set. */
function cleanType(type: string): string {
  if (headerText(type).includes('\0')) throw new SwiftRefusal(400, 'Invalid Content-Type')
  return type
    .split(';')
    .filter((part) => !part.trim().toLowerCase().startsWith('swift_bytes='))
    .join(';')
}

const whole = /^\s*[+-]?\d+\s*$/

/** X-Delete-After and X-Delete-At as a moment; null: never. */
function expiresUsOf({ headers, platform }: SwiftRequest): number | null {
  const nowSeconds = platform.clock.nowMs() / 1000
  const after = headers['x-delete-after']
  if (after !== undefined) {
    if (!whole.test(after)) throw new SwiftRefusal(400, 'Non-integer X-Delete-After')
    const seconds = Math.floor(nowSeconds + Number(after))
    if (seconds <= nowSeconds) throw new SwiftRefusal(400, 'X-Delete-After in past')
    return Math.min(seconds, latestSeconds) * 1_000_000
  }
  const at = headers['x-delete-at']
  if (at === undefined || at === '') return null
  if (!whole.test(at)) throw new SwiftRefusal(400, 'Non-integer X-Delete-At')
  if (Number(at) <= nowSeconds) throw new SwiftRefusal(400, 'X-Delete-At in past')
  return Math.min(Number(at), latestSeconds) * 1_000_000
}

/** the last second whose microseconds a number counts exactly: in the year 2255 */
const latestSeconds = 9_007_199_254

/** What a read says of an object, but for its bytes: metadata, kept headers, its end. */
export function headersOfObject({
  metadata,
  system,
  expires_us: expiresUs,
}: {
  metadata: Record<string, string>
  system: Record<string, unknown>
  expires_us: number | null
}): Record<string, string> {
  const headers: Headers = { ...metadata }
  for (const name of keptHeaders) {
    const value = system[name]
    if (typeof value === 'string') headers[name] = value
  }
  if (expiresUs !== null) headers['x-delete-at'] = String(Math.floor(expiresUs / 1_000_000))
  return headers
}
