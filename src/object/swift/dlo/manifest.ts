// X-Object-Manifest: `container/prefix`, percent-encoded. An object that has it is, to who reads it, everything whose name begins so.
import { createHash } from 'node:crypto'
import type { ObjectRow } from '../../store/tables.ts'
import { decoded } from '../path.ts'
import type { SwiftRequest } from '../request.ts'

/** Container and prefix of the header; null when it is not of that form. */
export function manifestPlace(value: string): { container: string; prefix: string } | null {
  if (/[?&]/.test(value)) return null
  const slash = value.indexOf('/')
  const [container, prefix] = [unquoted(value.slice(0, Math.max(0, slash))), unquoted(value.slice(slash + 1))]
  return slash <= 0 || !container || !prefix || prefix.startsWith('/') ? null : { container, prefix }
}

/** The header's text was UTF-8 already: its bytes again, and percent signs undone. */
const unquoted = (text: string): string | null => decoded(Buffer.from(text, 'utf8').toString('latin1'))

/** The ETag of it all: MD5 over the segments' own. */
export function dloEtag(hashes: readonly string[]): string {
  const md5 = createHash('md5')
  for (const hash of hashes) md5.update(hash)
  return md5.digest('hex')
}

/** The header, of an object that is such a manifest and is not asked for as itself. */
export const manifestOf = ({ query }: SwiftRequest, { system }: ObjectRow): string | null => {
  const manifest = system['x-object-manifest']
  return typeof manifest === 'string' && query.get('multipart-manifest') !== 'get' ? manifest : null
}
