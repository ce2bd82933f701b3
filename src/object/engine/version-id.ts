// A version's id is the time when it was written, as both doors show it: seconds with five decimals, or "null" for what was written
// while versions were off.
import type { ObjectRow } from '../store/tables.ts'

/** Microseconds, or the version that S3 calls null. */
export type Version = number | 'null'

const pattern = /^\d{10}\.\d{5}$/

/** 1764546380.12345: Swift's X-Timestamp. */
export const timestampOf = (us: number): string => (us / 1e6).toFixed(5).padStart(16, '0')

/** Microseconds; NaN when it is no such time. */
function fromTimestamp(text: string): number {
  if (!pattern.test(text)) return Number.NaN
  return Number(text.slice(0, 10)) * 1_000_000 + Number(text.slice(11)) * 10
}

export const versionId = ({ is_null, version_us }: Pick<ObjectRow, 'is_null' | 'version_us'>): string =>
  is_null ? 'null' : timestampOf(version_us)

/** undefined: that is no version's id. */
export function versionOf(text: string): Version | undefined {
  if (text === 'null') return 'null'
  const us = fromTimestamp(text)
  return Number.isNaN(us) ? undefined : us
}
