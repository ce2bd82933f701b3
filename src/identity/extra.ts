// Attributes that a user may add to a resource at will: kept as JSON, shown beside the real ones.
import { badRequest } from '../platform/errors.ts'

export type Attributes = Record<string, unknown>

const extraBytesAtMost = 65_535

/** What of a body is neither a known attribute nor something that the API alone sets. */
export function extraOf(body: Attributes, known: readonly string[]): Attributes {
  return Object.fromEntries(
    Object.entries(body).filter(([name]) => !known.includes(name) && name !== 'id' && name !== 'links' && name !== 'extra'),
  )
}

/** The stored extra with a body's merged in; an attribute set to null stays as null. */
export function extraMerged(stored: string, body: Attributes, known: readonly string[]): string {
  return extraText({ ...(JSON.parse(stored) as Attributes), ...extraOf(body, known) })
}

export function extraText(extra: Attributes): string {
  const text = JSON.stringify(extra)
  if (Buffer.byteLength(text) > extraBytesAtMost) throw badRequest('The further attributes of the resource are too large.')
  return text
}

/** Options: null takes one away. */
export function optionsMerged(stored: string, change: Attributes | undefined): string {
  const merged = { ...(JSON.parse(stored) as Attributes), ...change }
  return JSON.stringify(Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)))
}
