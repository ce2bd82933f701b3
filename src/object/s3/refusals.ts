// What the engine refuses, in S3's words: one table. The request says which of two words fits where the engine cannot know.
import { table } from '../../platform/table.ts'
import type { ObjectRefusal, RefusalKind } from '../refusal.ts'
import { S3Error, type S3Code } from './errors.ts'

const codes: Partial<Record<RefusalKind, S3Code>> = {
  'no-account': 'NoSuchBucket',
  'account-deleted': 'NoSuchBucket',
  'no-container': 'NoSuchBucket',
  'no-object': 'NoSuchKey',
  'no-version': 'NoSuchVersion',
  'no-upload': 'NoSuchUpload',
  'no-part': 'InvalidPart',
  'part-order': 'InvalidPartOrder',
  'part-small': 'EntityTooSmall',
  'not-empty': 'BucketNotEmpty',
  quota: 'QuotaExceeded',
  locked: 'AccessDenied',
  'bad-etag': 'BadDigest',
  'bad-digest': 'BadDigest',
  'no-archive': 'NoSuchBucket',
  'too-large': 'EntityTooLarge',
  short: 'IncompleteBody',
  full: 'InsufficientStorage',
  rotten: 'InternalError',
}

const conditionNames = table({
  'if-match': 'If-Match',
  'if-none-match': 'If-None-Match',
  'if-modified-since': 'If-Modified-Since',
  'if-unmodified-since': 'If-Unmodified-Since',
  'if-bytes': 'x-amz-if-match-size',
  'if-modified': 'x-amz-if-match-last-modified-time',
})

export function refusalAsS3(refusal: ObjectRefusal): S3Error {
  const { kind } = refusal
  const facts = refusal.facts as Record<string, unknown>
  if (kind === 'precondition') return preconditionFailed(facts)
  if (kind === 'exists') return new S3Error(facts['own'] === true ? 'BucketAlreadyOwnedByYou' : 'BucketAlreadyExists')
  if (kind === 'bad-request') return new S3Error('InvalidRequest', typeof facts['why'] === 'string' ? facts['why'] : undefined)
  if (kind === 'locked') return new S3Error('AccessDenied', 'Access Denied because object protected by object lock.')
  return new S3Error(codes[kind] ?? 'InternalError', undefined, { cause: refusal })
}

/** If-Match on what is not there says so (404), every other condition that fails is 412. */
function preconditionFailed(facts: Record<string, unknown>): S3Error {
  const name = String(facts['condition'])
  if (name === 'if-match' && facts['exists'] === false) return new S3Error('NoSuchKey')
  return new S3Error('PreconditionFailed', undefined, { facts: { Condition: conditionNames[name] ?? name } })
}
