// PATCH of an image: JSON patch in Glance's two media types, of paths one level deep. Parsing and checking here knows
// no database; images are changed by image-update.ts.
import { badRequest, forbidden } from '../platform/errors.ts'
import { validateBody } from '../platform/api/validate.ts'
import type { TSchema } from 'typebox'
import { imageBodySchema } from './image-schema.ts'
import { checkReserved } from './reserved-names.ts'

export interface Change {
  op: 'add' | 'replace' | 'remove'
  /** the attribute or property */
  name: string
  /** what follows it: only locations have a second level */
  rest: string[]
  value: unknown
}

/** v2.0 of the patch (JSON schema draft 4) names the operation by a key; v2.1 (draft 10) by `op`. */
export type PatchDraft = 4 | 10

export const patchMediaTypes = new Map<string, PatchDraft>([
  ['application/openstack-images-v2.0-json-patch', 4],
  ['application/openstack-images-v2.1-json-patch', 10],
])

const operations = ['add', 'remove', 'replace'] as const
export const readOnlyAttributes = new Set(
  'created_at updated_at status checksum size virtual_size direct_url self file schema id os_hash_algo os_hash_value'.split(' '),
)

export function parsePatch(body: unknown, draft: PatchDraft): Change[] {
  if (!Array.isArray(body)) throw badRequest('Request body must be a JSON array of operation objects.')
  return body.map((raw) => parseChange(raw, draft))
}

function parseChange(raw: unknown, draft: PatchDraft): Change {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw badRequest('Operations must be JSON objects.')
  const fields = raw as Record<string, unknown>
  const op = draft === 10 ? namedOperation(fields) : keyedOperation(fields)
  const pointer = draft === 10 ? fields['path'] : fields[op]
  if (pointer === undefined) throw badRequest("Unable to find 'path' in JSON Schema change")
  const path = decodePointer(pointer)
  const [name = '', ...rest] = path
  const depth = name === 'locations' && op !== 'replace' ? 2 : 1
  if (path.length !== depth) throw badRequest(`Invalid JSON pointer for this resource: '/${path.join('/')}'`)
  if (op !== 'remove' && !('value' in fields)) throw badRequest(`Operation "${op}" requires a member named "value".`)
  if (readOnlyAttributes.has(name)) throw forbidden(`Attribute '${name}' is read-only.`)
  checkReserved(name)
  // a plain JSON schema, which is what TypeBox compiles
  if (op !== 'remove' && rest.length === 0) validateBody(imageBodySchema as unknown as TSchema, { [name]: fields['value'] })
  return { op, name, rest, value: fields['value'] }
}

function namedOperation(fields: Record<string, unknown>): Change['op'] {
  const { op } = fields
  const available = operations.join(', ')
  if (op === undefined || op === null)
    throw badRequest(`Unable to find \`op\` in JSON Schema change. It must be one of the following: ${available}.`)
  const found = operations.find((known) => known === op)
  if (!found) throw badRequest(`Invalid operation: \`${String(op)}\`. It must be one of the following: ${available}.`)
  return found
}

function keyedOperation(fields: Record<string, unknown>): Change['op'] {
  const found = operations.filter((known) => known in fields)
  if (found.length !== 1)
    throw badRequest(
      `Operation objects must contain ${found.length > 1 ? 'only' : 'exactly'} one member named "add", "remove", or "replace".`,
    )
  return found[0] as Change['op']
}

function decodePointer(pointer: unknown): string[] {
  if (typeof pointer !== 'string' || !pointer.startsWith('/')) throw badRequest(`Pointer \`${String(pointer)}\` does not start with "/".`)
  if (/\/\s*?\//.test(pointer.slice(1))) throw badRequest(`Pointer \`${pointer}\` contains adjacent "/".`)
  if (pointer.length > 1 && pointer.endsWith('/')) throw badRequest(`Pointer \`${pointer}\` end with "/".`)
  if (/~([^01]|$)/.test(pointer)) throw badRequest(`Pointer \`${pointer}\` contains "~" not part of a recognized escape sequence.`)
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~').trim())
}
