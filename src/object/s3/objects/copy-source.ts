// The x-amz-copy-source header: which object is copied, looked up with the rights of who copies it.
import type { VersionRow } from '../../store/tables.ts'
import { bucketOf } from '../buckets/find.ts'
import { invalidArgument } from '../errors.ts'
import { onRead } from '../hooks.ts'
import type { Bucket, S3Call, Shown } from '../operation.ts'
import { permit } from '../permit.ts'
import { keyCheck } from '../request.ts'
import { isBucketName } from '../buckets/names.ts'
import { ofSource, readConditionsCheck } from './conditions.ts'
import { objectOf } from './find.ts'
import { meaningOf, type Meaning } from './stands-for.ts'
import { S3Error } from '../errors.ts'

export interface CopySource {
  bucket: Bucket
  key: string
  versionText: string | undefined
  object: VersionRow
  /** what its reading says: hooks may have read a key for it from the request */
  headers: Record<string, string>
  /** for reading its bytes */
  meaning: Meaning
}

const wrong = (text: string, why: string) => invalidArgument('x-amz-copy-source', text, why)

export function copySourceParse(text: string): { bucket: string; key: string; versionText: string | undefined } {
  const mark = text.indexOf('?')
  const path = mark < 0 ? text : text.slice(0, mark)
  const query = mark < 0 ? '' : text.slice(mark + 1)
  let whole: string
  try {
    whole = decodeURIComponent(path)
  } catch {
    throw wrong(text, 'Invalid copy source encoding')
  }
  const bare = whole.startsWith('/') ? whole.slice(1) : whole
  const slash = bare.indexOf('/')
  const bucket = slash < 0 ? bare : bare.slice(0, slash)
  const key = slash < 0 ? '' : bare.slice(slash + 1)
  if (!isBucketName(bucket)) throw wrong(text, 'Invalid copy source bucket name')
  if (key === '') throw wrong(text, 'Invalid copy source object key')
  keyCheck(key)
  const versionText = query.startsWith('versionId=') ? query.slice('versionId='.length) : undefined
  return { bucket, key, versionText }
}

export async function copySource(call: S3Call): Promise<CopySource> {
  const { headers } = call.request
  const { bucket: name, key, versionText } = copySourceParse(headers.get('x-amz-copy-source') ?? '')
  const bucket = name === call.bucket.name ? call.bucket : await bucketOf(call.engine, call.account, name)
  const expected = headers.get('x-amz-source-expected-bucket-owner')
  if (expected !== undefined && expected !== bucket.account) throw new S3Error('AccessDenied')
  const object = await objectOf(call, { bucket, key, versionText })
  const action = versionText === undefined ? 's3:GetObject' : 's3:GetObjectVersion'
  await permit(call, { action, bucket, key, object })
  const meaning = await meaningOf(call, bucket, object)
  readConditionsCheck(headers, meaning.object, ofSource)
  const shown: Shown = {}
  for (const hook of onRead) await hook(call, meaning.bucket, meaning.object, shown)
  const isLink = meaning.object.name !== key || meaning.bucket !== bucket
  return {
    bucket: meaning.bucket,
    key: meaning.object.name,
    versionText: isLink ? undefined : versionText,
    object: meaning.object,
    headers: shown,
    meaning,
  }
}
