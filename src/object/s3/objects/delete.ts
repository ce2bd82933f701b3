// DeleteObject: what is not there is gone already. With versions a marker is put in front, and a version that is named goes for good.
import { objectDelete, versionId } from '../../engine/index.ts'
import { onDelete } from '../hooks.ts'
import type { S3Answer, S3Call, Shown } from '../operation.ts'
import { deleteConditions } from './conditions.ts'
import { versionAsked } from './find.ts'

export const deleteAction = ({ request }: S3Call): string => (request.query.has('versionId') ? 's3:DeleteObjectVersion' : 's3:DeleteObject')

export async function objectDeleteHandle(call: S3Call): Promise<S3Answer> {
  const { engine, by, bucket, key, request } = call
  for (const hook of onDelete) await hook(call)
  const version = versionAsked(request.query.get('versionId'))
  const conditions = deleteConditions(request.headers)
  const { removed, marker } = await objectDelete(engine, {
    by,
    account: bucket.account,
    container: bucket.name,
    name: key,
    ...(version !== undefined && { version }),
    ...(conditions && { conditions }),
    bypassGovernance: call.mayBypassGovernance === true,
  })
  const headers: Shown = {}
  if (marker) Object.assign(headers, { 'x-amz-delete-marker': 'true', 'x-amz-version-id': versionId(marker) })
  else if (removed && version !== undefined) {
    headers['x-amz-version-id'] = versionId(removed)
    if (removed.is_marker) headers['x-amz-delete-marker'] = 'true'
  }
  return { status: 204, headers }
}
