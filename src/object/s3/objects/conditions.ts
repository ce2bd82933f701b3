// If-Match and its kin. Reads go by RFC 9110: a condition on the ETag silences the one on the time. What writes ask is compared by the
// engine in the transaction that writes.
import type { Conditions } from '../../engine/index.ts'
import type { ObjectRow } from '../../store/tables.ts'
import { S3Error } from '../errors.ts'
import { httpTime, httpTimeUs, isModifiedSince } from '../times.ts'
import { etagBare, etagShown } from '../views.ts'

type Headers = ReadonlyMap<string, string>
type Known = Pick<ObjectRow, 'etag' | 'kind' | 'modified_us'>

/** Names of the four headers: of the request itself, or of a copy's source. */
export interface ConditionNames {
  match: string
  noneMatch: string
  modifiedSince: string
  unmodifiedSince: string
}

const ofRequest: ConditionNames = {
  match: 'if-match',
  noneMatch: 'if-none-match',
  modifiedSince: 'if-modified-since',
  unmodifiedSince: 'if-unmodified-since',
}

export const ofSource: ConditionNames = {
  match: 'x-amz-copy-source-if-match',
  noneMatch: 'x-amz-copy-source-if-none-match',
  modifiedSince: 'x-amz-copy-source-if-modified-since',
  unmodifiedSince: 'x-amz-copy-source-if-unmodified-since',
}

const etags = (text: string): string[] => text.split(',').map(etagBare)
const names = (wanted: string, etag: string): boolean => wanted.trim() === '*' || etags(wanted).includes(etag)

/** Refuses with 412, or 304 where a read may have what is not modified. */
export function readConditionsCheck(headers: Headers, object: Known, by: ConditionNames = ofRequest): void {
  const failed = (condition: string) => new S3Error('PreconditionFailed', undefined, { facts: { Condition: condition } })
  const unchanged = (condition: string) =>
    by === ofRequest
      ? new S3Error('NotModified', undefined, { headers: { etag: etagShown(object), 'last-modified': httpTime(object.modified_us) } })
      : failed(condition)
  const match = headers.get(by.match)
  const noneMatch = headers.get(by.noneMatch)
  const unmodifiedUs = httpTimeUs(headers.get(by.unmodifiedSince))
  const modifiedUs = httpTimeUs(headers.get(by.modifiedSince))
  if (match !== undefined) {
    if (!names(match, object.etag)) throw failed('If-Match')
  } else if (unmodifiedUs !== undefined && isModifiedSince(object.modified_us, unmodifiedUs)) throw failed('If-Unmodified-Since')
  if (noneMatch !== undefined) {
    if (names(noneMatch, object.etag)) throw unchanged('If-None-Match')
  } else if (modifiedUs !== undefined && !isModifiedSince(object.modified_us, modifiedUs)) throw unchanged('If-Modified-Since')
}

/** What PutObject, CompleteMultipartUpload and CopyObject may ask of what they replace: that there is nothing, or that very ETag. */
export function writeConditions(headers: Headers): Conditions | undefined {
  const match = headers.get('if-match')
  const noneMatch = headers.get('if-none-match')
  if (match === undefined && noneMatch === undefined) return undefined
  if (match !== undefined && noneMatch !== undefined) throw new S3Error('NotImplemented', undefined, { facts: { Header: 'If-None-Match' } })
  if (noneMatch !== undefined && noneMatch.trim() !== '*')
    throw new S3Error('NotImplemented', undefined, { facts: { Header: 'If-None-Match' } })
  if (noneMatch !== undefined) return { ifNoneMatch: '*' }
  return { ifMatch: match === undefined || match.trim() === '*' ? '*' : etags(match) }
}

/** What DeleteObject may ask of what it deletes. */
export function deleteConditions(headers: Headers): Conditions | undefined {
  const match = headers.get('if-match')
  const size = headers.get('x-amz-if-match-size')
  const modifiedUs = httpTimeUs(headers.get('x-amz-if-match-last-modified-time'))
  if (match === undefined && size === undefined && modifiedUs === undefined) return undefined
  return {
    ...(match !== undefined && { ifMatch: match.trim() === '*' ? ('*' as const) : etags(match) }),
    ...(size !== undefined && { ifBytes: Number(size) }),
    ...(modifiedUs !== undefined && { ifModifiedUs: modifiedUs }),
  }
}
