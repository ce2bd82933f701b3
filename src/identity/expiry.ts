// Times as requests give them. What users set is kept to the microsecond, as text in UTC, and shown in the two ways that Keystone has.
import { badRequest } from '../platform/errors.ts'

const pattern = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?(Z|[+-]00:?00)?$/

/** '2026-11-22T20:47:03.123456Z', or 400 when it is no time or not in the future. */
export function expiryRead(given: string | null | undefined, nowMs: number, what: string): string | null {
  if (given === null || given === undefined) return null
  const match = pattern.exec(given)
  const text = match ? `${match[1]}T${match[2]}.${(match[3] ?? '').padEnd(6, '0')}Z` : ''
  const atMs = Date.parse(text)
  if (Number.isNaN(atMs)) throw badRequest(`Unable to parse timestamp: ${given}. The ${what} expects an ISO 8601 time.`)
  if (atMs <= nowMs) throw badRequest(`The ${what} must expire in the future: ${given}.`)
  return text
}

/** As application credentials show it: without the zone, and without a fraction of zero. */
export const bareTime = (text: string | null): string | null => text && text.replace('Z', '').replace(/\.0+$/, '')

const extended = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})?$/

/** A time that a request compares with, in UTC when it names no zone; NaN when it is none. */
export function timeMs(text: string): number {
  const found = extended.exec(text)
  return found ? Date.parse(found[2] === undefined ? `${text}Z` : text) : Number.NaN
}
