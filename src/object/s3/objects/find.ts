// The object that a request means: the current one of its key, or a version of it.
import { newestMarker, objectFind, versionId, versionOf, type Version } from '../../engine/index.ts'
import type { VersionRow } from '../../store/tables.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import type { Bucket, S3Call } from '../operation.ts'
import { mayDo } from '../permit.ts'

/** undefined: the request names none; some name an empty one */
export function versionAsked(text: string | undefined): Version | undefined {
  if (text === undefined || text === '') return undefined
  const version = versionOf(text)
  if (version === undefined) throw invalidArgument('versionId', text, 'Invalid version id specified')
  return version
}

export interface Meant {
  bucket: Bucket
  key: string
  /** as the request names it */
  versionText: string | undefined
}

/** Whoever may not list a bucket does not learn which keys it lacks. */
export async function objectOf(call: S3Call, { bucket, key, versionText }: Meant): Promise<VersionRow> {
  const { engine } = call
  const version = versionAsked(versionText)
  const found = await objectFind(engine, bucket.container, key, version)
  if (found && !found.is_marker) return found
  if (found) {
    throw new S3Error('MethodNotAllowed', undefined, {
      headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': versionId(found), allow: 'DELETE' },
      facts: { Method: call.request.method, ResourceType: 'DeleteMarker' },
    })
  }
  if (!(await mayDo(call, { action: 's3:ListBucket', bucket, key: '' }))) throw new S3Error('AccessDenied')
  if (version !== undefined) throw new S3Error('NoSuchVersion', undefined, { facts: { Key: key, VersionId: versionText ?? '' } })
  const marker = bucket.container.versioning === '' ? undefined : await newestMarker(engine, bucket.container, key)
  throw new S3Error('NoSuchKey', undefined, {
    facts: { Key: key },
    ...(marker && { headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': versionId(marker) } }),
  })
}

/** In answers of a bucket that has, or had, versions. */
export const versionHeader = ({ container }: Bucket, row: Pick<VersionRow, 'is_null' | 'version_us'>): Record<string, string> =>
  container.versioning === '' ? {} : { 'x-amz-version-id': versionId(row) }
