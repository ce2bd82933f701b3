// Conditions of a read, in Swift's order, which is neither RFC 9110's nor S3's: an If-None-Match that misses does not silence
// If-Modified-Since.
import { httpDateSeconds, lastModifiedSeconds } from './times.ts'

const longestHeader = 8192

/** The tags of If-Match or If-None-Match, without quotes; '*' is one like any other. */
export function tagsOf(header: string | undefined): string[] {
  if (header === undefined || header.length > longestHeader) return []
  return header
    .split(',')
    .map((tag) => unquotedTag(tag.trim()))
    .filter((tag) => tag !== '')
}

export const unquotedTag = (tag: string): string => (tag.length >= 2 && tag.startsWith('"') && tag.endsWith('"') ? tag.slice(1, -1) : tag)

export interface Conditional {
  /** bare or quoted, as the header has it; undefined when it is not known */
  etag: string | undefined
  modifiedUs: number
}

/** The status that conditions make of a read that found something: 304, 412 or null (go on). */
export function conditionStatus(headers: Record<string, string | undefined>, { etag, modifiedUs }: Conditional): 304 | 412 | null {
  const tag = etag === undefined ? undefined : unquotedTag(etag)
  const none = tagsOf(headers['if-none-match'])
  const match = tagsOf(headers['if-match'])
  if (tag !== undefined && (none.includes(tag) || none.includes('*'))) return 304
  if (tag !== undefined && match.length > 0 && !match.includes(tag) && !match.includes('*')) return 412
  const modified = lastModifiedSeconds(modifiedUs)
  const since = httpDateSeconds(headers['if-modified-since'])
  if (since !== null && modified <= since) return 304
  const unmodifiedSince = httpDateSeconds(headers['if-unmodified-since'])
  return unmodifiedSince !== null && modified > unmodifiedSince ? 412 : null
}

/** What is not there does not match either. */
export const missesMatch = (headers: Record<string, string | undefined>): boolean => tagsOf(headers['if-match']).includes('*')
