// DeleteObject: what is not there is gone already. With versions a marker is put in front, and a version that is named goes for good.
import { objectDelete, versionId, type Conditions, type Version } from '../../engine/index.ts'
import { defined } from '../../../platform/defined.ts'
import { onDelete } from '../hooks.ts'
import type { S3Answer, S3Call, Shown } from '../operation.ts'
import { deleteConditions } from './conditions.ts'
import { versionAsked } from './find.ts'

export const deleteAction = ({ request }: S3Call): string => (request.query.has('versionId') ? 's3:DeleteObjectVersion' : 's3:DeleteObject')

export async function objectDeleteHandle(call: S3Call): Promise<S3Answer> {
  const { key, request } = call
  for (const hook of onDelete) await hook(call)
  const version = versionAsked(request.query.get('versionId'))
  const { removed, marker } = await keyDelete(call, { key, version, conditions: deleteConditions(request.headers) })
  const headers: Shown = {}
  if (marker) Object.assign(headers, { 'x-amz-delete-marker': 'true', 'x-amz-version-id': versionId(marker) })
  else if (removed && version !== undefined) {
    headers['x-amz-version-id'] = versionId(removed)
    if (removed.is_marker) headers['x-amz-delete-marker'] = 'true'
  }
  return { status: 204, headers }
}

interface Deletion {
  key: string
  version: Version | undefined
  conditions: Conditions | undefined
}

/** One key of the call's bucket. */
export const keyDelete = ({ engine, by, bucket, mayBypassGovernance = false }: S3Call, { key, ...asked }: Deletion) =>
  objectDelete(engine, {
    by,
    account: bucket.account,
    container: bucket.name,
    name: key,
    ...defined(asked),
    bypassGovernance: mayBypassGovernance,
  })
