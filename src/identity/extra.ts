// Attributes that a user may add to a resource at will: kept beside the real ones and shown with them.
import { badRequest } from '../platform/errors.ts'
import type { Attributes } from './store/tables.ts'

const extraBytesAtMost = 65_535

/** What of a body is neither a known attribute nor something that the API alone sets. */
export const extraOf = (body: Attributes, known: readonly string[]): Attributes => extraMerged({}, body, known)

/** The stored extra with a body's merged in; an attribute set to null stays as null. */
export function extraMerged(stored: Attributes, body: Attributes, known: readonly string[]): Attributes {
  const added = Object.entries(body).filter(([name]) => !known.includes(name) && name !== 'id' && name !== 'links' && name !== 'extra')
  return sizeCheck({ ...stored, ...Object.fromEntries(added) })
}

function sizeCheck(extra: Attributes): Attributes {
  if (Buffer.byteLength(JSON.stringify(extra)) > extraBytesAtMost) throw badRequest('The further attributes of the resource are too large.')
  return extra
}

/** Options: null takes one away. */
export const optionsMerged = <Options extends object>(
  stored: Options,
  change: { [Name in keyof Options]?: Options[Name] | null } = {},
): Options => Object.fromEntries(Object.entries({ ...stored, ...change }).filter(([, value]) => value !== null)) as Options
