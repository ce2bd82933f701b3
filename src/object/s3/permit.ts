// Asks whether the caller may: the one decision of both doors (src/object/access), with what only this door knows of the request.
import { table } from '../../platform/table.ts'
import { decide, type Act } from '../access/index.ts'
import type { VersionRow } from '../store/tables.ts'
import { S3Error } from './errors.ts'
import type { Bucket, S3Call } from './operation.ts'

export interface Asked {
  action?: string
  bucket?: Bucket
  key?: string
  object?: VersionRow | null
}

/** The operation's own permission on its own bucket and key, unless another is named; refuses with AccessDenied. */
export async function permit(call: S3Call, asked: Asked = {}): Promise<void> {
  if (!(await mayDo(call, asked))) throw new S3Error('AccessDenied')
}

export async function mayDo(
  call: S3Call,
  { action = call.action, bucket = call.bucket, key = call.key, object }: Asked = {},
): Promise<boolean> {
  const { headers, raw, isSecure } = call.request
  const verdict = await decide(call.platform, {
    who: call.actor,
    account: (bucket as Bucket | undefined)?.account ?? call.account,
    container: (bucket as Bucket | undefined)?.container ?? null,
    object: object ?? null,
    ...(key !== '' && { objectName: key }),
    act: actOf(action),
    action,
    referrer: headers.get('referer'),
    source: raw.socket.remoteAddress ?? '',
    secure: isSecure,
  })
  return verdict.may
}

const acts = table<Act>({
  's3:ListAllMyBuckets': 'account.read',
  's3:CreateBucket': 'container.create',
  's3:DeleteBucket': 'container.delete',
  's3:ListBucket': 'container.list',
  's3:ListBucketVersions': 'container.list',
  's3:ListBucketMultipartUploads': 'container.list',
  's3:PutObject': 'object.create',
  's3:AbortMultipartUpload': 'object.create',
  's3:ListMultipartUploadParts': 'object.create',
  's3:DeleteObject': 'object.delete',
  's3:DeleteObjectVersion': 'object.delete',
})

/** The kind of act that a permission of S3 is: reading or changing an object or a bucket when none is listed. */
function actOf(action: string): Act {
  const listed = acts[action]
  if (listed) return listed
  const isObject = action.includes('Object') && !action.includes('Bucket')
  const reads = action.startsWith('s3:Get') || action.startsWith('s3:List') || action.startsWith('s3:Head')
  return isObject ? (reads ? 'object.read' : 'object.write') : reads ? 'container.read' : 'container.write'
}
