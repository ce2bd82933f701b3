// The policy of an upload form: until when it may be sent, and what its fields may be. Every field must be named by a condition, but
// those that carry the policy itself.
import { S3Error } from '../errors.ts'

type Condition =
  | { kind: 'eq' | 'starts-with'; field: string; value: string; shown: string }
  | { kind: 'content-length-range'; least: number; most: number }

export interface PostPolicy {
  expiresMs: number
  conditions: Condition[]
}

const invalid = (text: string): S3Error => new S3Error('InvalidPolicyDocument', `Invalid Policy: ${text}`)
const refused = (text: string): S3Error => new S3Error('AccessDenied', `Invalid according to Policy: ${text}`)

/** Reads the field `policy`: JSON in base64. */
export function postPolicyRead(encoded: string): PostPolicy {
  const text = encoded.trim()
  if (text === '') throw invalid("Expecting '{' but found End-of-Input")
  if (!/^[A-Za-z0-9+/\s]+={0,2}$/.test(text) || text.replaceAll(/[\s=]/g, '').length % 4 === 1) throw invalid('invalid Base64 encoding.')
  const document = parsed(Buffer.from(text, 'base64').toString('utf8'))
  const { expiration, conditions } = document
  if (expiration === undefined) throw invalid('Policy missing expiration.')
  if (conditions === undefined) throw invalid('Policy missing conditions.')
  const other = Object.keys(document).find((name) => name !== 'expiration' && name !== 'conditions')
  if (other !== undefined) throw invalid(`Unexpected: ${JSON.stringify(other)}`)
  if (!Array.isArray(conditions)) throw invalid("Invalid 'conditions' value: must be a List.")
  if (typeof expiration !== 'string') throw invalid('Invalid JSON.')
  const expiresMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(expiration) ? Date.parse(expiration) : Number.NaN
  if (Number.isNaN(expiresMs)) throw invalid(`Invalid 'expiration' value: '${expiration}'`)
  return { expiresMs, conditions: conditions.map(conditionRead) }
}

function parsed(text: string): Record<string, unknown> {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    throw new S3Error('InvalidPolicyDocument', 'Invalid Policy: Invalid JSON.', { cause: error })
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) throw invalid('Invalid JSON.')
  return document as Record<string, unknown>
}

function conditionRead(given: unknown): Condition {
  if (Array.isArray(given)) return listRead(given)
  if (typeof given !== 'object' || given === null) throw invalid('Invalid condition test: must be a List or Object.')
  const pairs = Object.entries(given)
  const [pair] = pairs
  if (!pair || pairs.length !== 1) throw invalid('Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.')
  const [field, value] = pair
  if (typeof value !== 'string') throw invalid('Invalid Simple-Condition: value must be a string.')
  return { kind: 'eq', field: field.toLowerCase(), value, shown: JSON.stringify(['eq', `$${field}`, value]).replaceAll('","', '", "') }
}

function listRead(given: unknown[]): Condition {
  const [kind, first, second] = given
  if (given.length === 0) throw invalid('Invalid Condition: missing operation identifier.')
  if (typeof kind !== 'string') throw invalid('Invalid JSON.')
  if (!['eq', 'starts-with', 'content-length-range'].includes(kind)) throw invalid(`Invalid Condition: unknown operation '${kind}'.`)
  if (given.length !== 3) throw invalid(`Invalid ${kind}: wrong number of arguments.`)
  if (kind === 'content-length-range') return { kind, least: wholeOf(first), most: wholeOf(second) }
  if (typeof first !== 'string' || typeof second !== 'string') throw invalid('Invalid JSON.')
  const shown = JSON.stringify(given)
  // a field is named with a dollar; without one it is no field's name, and the condition fails
  if (!first.startsWith('$')) throw refused(`Policy Condition failed: ${shown}`)
  return { kind: kind as 'eq' | 'starts-with', field: first.slice(1).toLowerCase(), value: second, shown }
}

function wholeOf(given: unknown): number {
  const value = typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : given
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw invalid('Invalid JSON.')
  return value
}

const uncovered = new Set(['awsaccesskeyid', 'file', 'policy', 'signature', 'x-amz-signature'])

/** Holds the form's fields (names in lower case; `bucket` and `key` as they are meant) against the policy. */
export function postPolicyCheck({ expiresMs, conditions }: PostPolicy, fields: ReadonlyMap<string, string>, nowMs: number): void {
  if (expiresMs < nowMs) throw refused('Policy expired.')
  const covered = new Set(conditions.flatMap((condition) => (condition.kind === 'content-length-range' ? [] : [condition.field])))
  for (const name of fields.keys()) {
    if (!covered.has(name) && !uncovered.has(name) && !name.startsWith('x-ignore-')) throw refused(`Extra input fields: ${name}`)
  }
  for (const condition of conditions) {
    if (condition.kind !== 'content-length-range' && !holds(condition, fields.get(condition.field)))
      throw refused(`Policy Condition failed: ${condition.shown}`)
  }
}

function holds({ kind, field, value }: Exclude<Condition, { kind: 'content-length-range' }>, sent: string | undefined): boolean {
  if (sent === undefined) return false
  if (kind === 'eq') return sent === value
  // a list of types: each of them
  const each = field === 'content-type' ? sent.split(',').map((part) => part.trim()) : [sent]
  return each.every((part) => part.startsWith(value))
}

/** How long the file may be, by all conditions that speak of it. */
export function postPolicyLength({ conditions }: PostPolicy): { least: number; most: number } {
  const ranges = conditions.flatMap((condition) => (condition.kind === 'content-length-range' ? [condition] : []))
  return {
    least: Math.max(0, ...ranges.map(({ least }) => least)),
    most: Math.min(Number.MAX_SAFE_INTEGER, ...ranges.map(({ most }) => most)),
  }
}
